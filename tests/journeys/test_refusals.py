"""The effect of a refused call: transient errors are retried, others end the step."""

import dataclasses

import pytest

from controller.core.cloud import Fault as Refusal
from controller.core.phase import Convergence
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import ROLE, config, model, serving
from tests.journeys.stage import Stage, document_text
from tests.journeys.tree import TREE
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

pytestmark = pytest.mark.usefixtures("parallel")


@pytest.mark.parametrize("kind", walk(sorted(KINDS)))
def test_a_missing_argument_of_a_creation_ends_the_run_at_once(stage: Stage, kind: str) -> None:
    """For every kind: a missing object in S3 is refused once, with AWS's message, and not retried for an hour."""
    case, create = CASES[kind], contract(kind).creates.name
    extra = case.frozen[0] or next(iter(case.changes.values()), ("", ""))[0]
    assert stage.apply(*case.needs).convergence is Convergence.SETTLED
    message = "Could not find model data at s3://bucket/model.tar.gz."
    stage.sandbox.inject(InjectedFault.INVALID, operation=create, reason=message, times=None)
    stage.forget_calls()
    report = stage.apply(*case.needs, case.document(kind, extra))
    assert report.convergence is Convergence.STUCK
    assert [each.operation for each in stage.sandbox.calls if each.operation == create] == [create]
    (failed,) = report.of(Result.FAILED)
    assert (failed.step.ref.kind, failed.fault) == (kind, Refusal.REFERENCE)
    assert message in failed.message


def test_a_resource_that_was_just_made_may_not_be_seen_yet(stage: Stage) -> None:
    """A not-found error about a document's resource that was just created is transient, and the run continues."""
    stage.sandbox.knobs = dataclasses.replace(stage.sandbox.knobs, consistency_window=45)
    report = stage.apply(*serving())
    assert report.convergence is Convergence.SETTLED
    refused = [each for each in stage.sandbox.calls if each.error and each.mutating]
    assert refused


def test_a_missing_model_without_a_document_is_not_transient(stage: Stage) -> None:
    """The refusal names another model than the document's, so it is not transient."""
    message = 'Could not find model "arn:aws:sagemaker:us-east-1:123456789012:model/other".'
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateEndpointConfig", reason=message, times=None)
    report = stage.apply(model(), config())
    assert report.convergence is Convergence.STUCK
    assert message in report.of(Result.FAILED)[0].message


def test_a_package_of_another_account_can_be_served(stage: Stage) -> None:
    """It cannot be read, so the service decides, and accepts it."""
    arn = "arn:aws:sagemaker:us-east-1:444455556666:model-package/churn/3"
    spec = f"executionRoleArn: {ROLE}\nprimaryContainer: {{modelPackageName: '{arn}'}}"
    assert stage.apply(document_text("Model", "m", spec)).convergence is Convergence.SETTLED


DELETE_BLOCKERS = sorted(
    {(kind, blocker.lists) for kind, row in KINDS.items() for blocker in row.lifecycle.delete_blockers}
)
REFUSED = {
    (kind, blocker.lists)
    for kind, row in KINDS.items()
    for blocker in row.lifecycle.delete_blockers
    if blocker.refused
}


@pytest.mark.parametrize(("kind", "lists"), DELETE_BLOCKERS)
def test_a_blocker_that_the_region_lacks_does_not_block(stage: Stage, kind: str, lists: str) -> None:
    """A kind that the region lacks cannot block: the resource is deleted."""
    case = CASES[kind]
    extra = case.frozen[0] or next(iter(case.changes.values()), ("", ""))[0]
    document = case.document(kind, extra)
    stage.apply(*case.needs, document)
    stage.sandbox.inject(InjectedFault.UNSUPPORTED, operation=lists, times=None)
    assert stage.destroy(*case.needs, document).convergence is Convergence.SETTLED


@pytest.mark.parametrize(("kind", "lists"), [each for each in DELETE_BLOCKERS if each not in REFUSED])
def test_a_denied_blocker_blocks_and_names_the_permission(stage: Stage, kind: str, lists: str) -> None:
    """An unreadable blocker blocks the deletion: the missing permission is reported, unless AWS itself refuses."""
    case = CASES[kind]
    extra = case.frozen[0] or next(iter(case.changes.values()), ("", ""))[0]
    document = case.document(kind, extra)
    stage.apply(*case.needs, document)
    stage.sandbox.inject(InjectedFault.DENIED, operation=lists, times=None)
    stage.forget_calls()
    report = stage.destroy(*case.needs, document)
    assert report.convergence is Convergence.STUCK
    held = report.of(Result.FAILED)
    assert kind in {each.step.ref.kind for each in held}
    for each in held:  # its dependency may have the same blocker
        assert each.fault is Refusal.DENIED
        assert f"allow sagemaker:{lists}" in each.message
    ends = contract(kind).deletes
    assert ends is not None
    assert ends.name not in stage.mutations()


def _change_with_fault(stage: Stage, fault: InjectedFault, operation: str) -> set[str]:
    """Change the model of a serving tree while an operation of a proof fails; returns the changes that were made."""
    stage.apply(*serving())
    stage.sandbox.inject(fault, operation=operation, times=None)
    stage.forget_calls()
    report = stage.apply(*serving(data="s3://bucket/two.tar.gz"), timeout=600)
    assert "UpdateEndpoint" in stage.mutations()
    if fault is InjectedFault.DENIED:
        assert any(f"allow sagemaker:{operation}" in each.message for each in report.outcomes)
    return set(stage.mutations())


@pytest.mark.parametrize("operation", ["ListLabelingJobs", "ListTransformJobs", "ListEndpoints"])
def test_old_generations_are_deleted_if_the_region_lacks_the_user_kind(stage: Stage, operation: str) -> None:
    """In a region without labeling jobs none can use a model, so the old generation is deleted."""
    assert {"DeleteModel", "DeleteEndpointConfig"} <= _change_with_fault(
        stage, InjectedFault.UNSUPPORTED, operation
    )


@pytest.mark.parametrize(
    ("operation", "kept"),
    [
        ("ListLabelingJobs", "DeleteModel"),
        ("ListTransformJobs", "DeleteModel"),
        ("ListEndpointConfigs", "DeleteModel"),
        ("ListEndpoints", "DeleteEndpointConfig"),
    ],
)
def test_old_generations_stay_if_users_are_unreadable(stage: Stage, operation: str, kept: str) -> None:
    """Users that can't be read may exist: the old generation stays, and the missing permission is shown."""
    assert kept not in _change_with_fault(stage, InjectedFault.DENIED, operation)


def test_any_other_error_of_a_proof_deletes_nothing(stage: Stage) -> None:
    """A List that fails for any other reason proves nothing either."""
    assert "DeleteModel" not in _change_with_fault(stage, InjectedFault.INVALID, "ListTransformJobs")


def test_every_operation_of_a_proof_is_covered() -> None:
    """The blockers above are all that rows declare, and the tree of every kind has a document of each kind with one."""
    assert {kind for kind, _ in DELETE_BLOCKERS} <= set(TREE)
