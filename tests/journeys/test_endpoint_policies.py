"""The policy of an endpoint is created and deleted with it."""

from controller.core.phase import Action, Convergence
from tests.journeys.documents import serving
from tests.journeys.stage import Stage, acting_steps
from tests.journeys.standalone_documents import ENDPOINT_POLICY


def test_a_recreated_endpoint_gets_its_policy_again(stage: Stage) -> None:
    """AWS deletes a policy with its endpoint, and returns a validation error for an endpoint without one."""
    documents = (*serving(), ENDPOINT_POLICY)
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    stage.client().delete_endpoint(EndpointName="fraud")
    stage.wait(120)
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert (
        "sagemaker:InvokeEndpoint"
        in stage.client().get_endpoint_policy(EndpointName="fraud")["ResourcePolicy"]
    )
    stage.client().delete_endpoint_policy(EndpointName="fraud")
    assert acting_steps(stage.plan(*documents)) == {"EndpointPolicy/fraud-callers": Action.CREATE}
    stage.forget_calls()
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert stage.mutations() == ["PutEndpointPolicy"]
