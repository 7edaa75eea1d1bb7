"""Replacement with the same name: a resource in use by any other one is not deleted."""

import dataclasses

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Step
from controller.engine.preconditions import blocked_while_used, deletion_blockers, still_in_use, users_of_kind
from controller.engine.shared_reads import SharedReads
from controller.insight.drift import DriftCategory, drifts
from controller.kinds import KINDS, TargetForm
from controller.sandbox import InjectedFault
from controller.schema.contract import KEY_GAP, contract
from tests.journeys.documents import config, endpoint, model
from tests.journeys.stage import Stage, acting_steps, compile_documents, step_of
from tests.journeys.tree import ENDS, TREE
from tests.kinds.cases import CASES

ALLOW = "replace: Allow"
DOCUMENTS = (*TREE.values(), *ENDS)
NAMED = {"Model": "modelName: fixed", "EndpointConfig": "endpointConfigName: fixed"}


def _fixed_config(instance: str) -> str:
    return config(instance, policy=ALLOW).replace("spec:\n", "spec:\n  endpointConfigName: fixed\n")


def _fixed_model(data: str) -> str:
    return model(data, extra="modelName: fixed", policy=ALLOW)


FIXED = {
    "Model": (
        [_fixed_model("s3://bucket/one.tar.gz"), config(), endpoint()],
        [_fixed_model("s3://bucket/two.tar.gz"), config(), endpoint()],
    ),
    "EndpointConfig": (
        [model(), _fixed_config("ml.m5.large"), endpoint()],
        [model(), _fixed_config("ml.m5.xlarge"), endpoint()],
    ),
}


@pytest.mark.parametrize("kind", FIXED)
def test_a_model_or_config_of_a_live_endpoint_is_not_replaced(stage: Stage, kind: str) -> None:
    """Blocked in the plan, with the user and the alternative; no call is made and the run ends stuck."""
    before, after = FIXED[kind]
    assert stage.apply(*before).convergence is Convergence.SETTLED
    stage.forget_calls()
    blocked = step_of(stage.plan(*after), f"{kind}/fraud")
    assert (blocked.action, blocked.why, blocked.calls) == (Action.BLOCKED, Reason.STILL_USED, ())
    assert "is still on it" in blocked.detail
    assert f"leave out spec.{NAMED[kind].partition(':')[0]}" in blocked.detail
    assert stage.apply(*after).convergence is Convergence.STUCK
    assert stage.mutations() == []


@pytest.mark.parametrize("kind", FIXED)
def test_without_a_fixed_name_the_endpoint_moves_before_the_deletion(stage: Stage, kind: str) -> None:
    """Without the fixed name it is a new generation, the endpoint is updated, and nothing is deleted before."""
    before, after = FIXED[kind]
    stage.apply(*before)
    stage.forget_calls()
    with_advice = [text.replace(f"  {NAMED[kind]}\n", "") for text in after]
    assert stage.apply(*with_advice).convergence is Convergence.SETTLED
    made = stage.mutations()
    assert made.index("UpdateEndpoint") < made.index(f"Delete{kind}")
    assert acting_steps(stage.plan(*with_advice)) == {}


@pytest.mark.parametrize("kind", FIXED)
def test_a_user_without_a_document_blocks_as_well(stage: Stage, kind: str) -> None:
    """The account is read: an endpoint or configuration without a document is found."""
    before, after = FIXED[kind]
    stage.apply(*before)
    only_before = [text for text in before if f"kind: {kind}\n" in text or "kind: Model\n" in text]
    only_after = [text for text in after if f"kind: {kind}\n" in text or "kind: Model\n" in text]
    assert only_before != only_after
    assert step_of(stage.plan(*only_after), f"{kind}/fraud").why is Reason.STILL_USED


@pytest.mark.parametrize("kind", FIXED)
def test_it_is_replaced_once_nothing_uses_it(stage: Stage, kind: str) -> None:
    """Without a user the policy is applied: it is deleted and created again, and the run settles."""
    before, after = FIXED[kind]
    alone = [text for text in before if "kind: Endpoint\n" not in text]
    then = [text for text in after if "kind: Endpoint\n" not in text]
    if kind == "Model":
        alone, then = alone[:1], then[:1]
    stage.apply(*alone)
    stage.forget_calls()
    assert stage.apply(*then).convergence is Convergence.SETTLED
    assert stage.mutations() == [f"Delete{kind}", f"Create{kind}"]


def test_a_user_created_after_the_plan_blocks_the_replacement(stage: Stage) -> None:
    """The proof is repeated at the last moment, so that a user created between plan and apply is found."""
    before, after = FIXED["EndpointConfig"]
    stage.apply(*before[:2])
    stage.plan(*after[:2])

    def someone_makes_an_endpoint(call: object) -> None:
        if getattr(call, "operation", "") == "ListEndpoints" and not made:
            made.append(0)
        elif getattr(call, "operation", "") == "ListEndpoints" and len(made) == 1:
            made.append(1)
            stage.client().create_endpoint(EndpointName="late", EndpointConfigName="fixed")

    made: list[int] = []
    stage.before_call = someone_makes_an_endpoint
    report = stage.reconcile(*after[:2])
    assert len(made) == 2
    assert report.convergence is Convergence.STUCK
    assert "DeleteEndpointConfig" not in stage.mutations()
    assert any("'late' is still on it" in outcome.message for outcome in report.outcomes)


@pytest.fixture(scope="module")
def full_stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Documents of every kind, with all their links, all in the account."""
    stage = Stage(tmp_path_factory.mktemp("everything"), poll=300)
    report = stage.apply(*DOCUMENTS)
    assert report.convergence is Convergence.SETTLED
    return stage


def _pairs() -> list[tuple[str, str]]:
    """Each kind that lasts with each kind that it links to, except by the number of a project."""
    return sorted(
        {
            (user, link.to)
            for user, row in KINDS.items()
            for link in row.identity.links
            if link.by is not TargetForm.ID and row.lifecycle.runs is None
        }
    )


def _referenced_documents(user: str, target: str) -> set[Ref]:
    """The documents of one kind that those of another one refer to."""
    return {
        linked.target
        for ref, resource in compile_documents(*DOCUMENTS).resources.items()
        if ref.kind == user
        for linked in resource.links
        if linked.target and linked.target.kind == target
    }


@pytest.mark.parametrize(("user", "target"), _pairs())
def test_every_kind_that_links_to_another_is_found_as_its_user(
    full_stage: Stage, user: str, target: str
) -> None:
    """Whatever the form of the link, the proof before a replacement finds the user in the account."""
    used = _referenced_documents(user, target)
    assert used
    for ref in used:
        entry = full_stage.inventory().of(ref)
        going = Step(
            str(ref), ref, Action.REPLACE, Reason.CANNOT_UPDATE, entry.name, entry.arn, proofs=(user,)
        )
        assert user in users_of_kind(target)
        cloud, reads = full_stage.cloud(), SharedReads()
        found = still_in_use(cloud, going, reads) or deletion_blockers(cloud, going, reads, lasting=True)
        assert found, f"{user} uses {ref} and was not found"


@pytest.mark.parametrize(
    ("user", "target"), [(user, target) for user, target in _pairs() if KINDS[target].identity.key]
)
def test_a_name_within_another_parent_is_another_resource(full_stage: Stage, user: str, target: str) -> None:
    """Users of a name within a parent, as of a space in its domain, do not use the same name within another parent."""
    of = contract(target)
    used = _referenced_documents(user, target)
    assert used
    for ref in used:
        parts = full_stage.inventory().of(ref).name.split(KEY_GAP)
        key = zip(of.kind.identity.key or (), parts, strict=True)
        name = KEY_GAP.join(part if member == of.name_member else f"{part}0" for member, part in key)
        elsewhere = Step(str(ref), ref, Action.REPLACE, Reason.CANNOT_UPDATE, name, proofs=(user,))
        assert still_in_use(full_stage.cloud(), elsewhere, SharedReads()) == ""


@pytest.mark.parametrize("kind", sorted(kind for kind, row in KINDS.items() if row.lifecycle.runs is None))
def test_a_replacement_is_never_decided_without_a_proof(full_stage: Stage, kind: str) -> None:
    """Where users can't be read, the replacement is blocked for every kind, and the missing permission is shown."""
    ref = next(ref for ref in compile_documents(*DOCUMENTS).resources if ref.kind == kind)
    entry = full_stage.inventory().of(ref)
    going = Step(str(ref), ref, Action.REPLACE, Reason.CANNOT_UPDATE, entry.name, entry.arn, detail="frozen")
    full_stage.sandbox.inject(InjectedFault.DENIED, times=None)
    try:
        held = blocked_while_used(going, full_stage.cloud(), SharedReads())
    finally:
        full_stage.sandbox.clear_faults()
    lists = [user for user in users_of_kind(kind) if KINDS[user].identity.key is None]
    lists += [blocker.lists for blocker in KINDS[kind].lifecycle.delete_blockers if not blocker.states]
    assert held.action is (Action.BLOCKED if lists else held.action)
    assert not lists or "allow sagemaker:" in held.detail


def _recreate_as_other_user(stage: Stage, kind: str, **changed: object) -> None:
    """Another user deletes a resource and creates it again, with the same name and another spec."""
    client, name = stage.client(), "fixed"
    if kind == "EndpointConfig":
        body = client.describe_endpoint_config(EndpointConfigName=name)
        arn = body["EndpointConfigArn"]
        kept = {"EndpointConfigName": name, "ProductionVariants": body["ProductionVariants"]}
        tags = client.list_tags(ResourceArn=arn)["Tags"]
        client.delete_endpoint_config(EndpointConfigName=name)
        stage.wait(60)
        client.create_endpoint_config(**{**kept, **changed}, Tags=tags)
        return
    body = client.describe_model(ModelName=name)
    tags = client.list_tags(ResourceArn=body["ModelArn"])["Tags"]
    kept = {name_: body[name_] for name_ in ("ModelName", "ExecutionRoleArn", "PrimaryContainer")}
    client.delete_model(ModelName=name)
    stage.wait(60)
    client.create_model(**{**kept, **changed}, Tags=tags)


@pytest.mark.parametrize("kind", FIXED)
def test_an_endpoint_with_a_recreated_dependency_is_not_converged(stage: Stage, kind: str) -> None:
    """Recreated outside after the endpoint's last update: plan and drift show it, one update follows, then none."""
    before, _ = FIXED[kind]
    stage.apply(*before)
    _recreate_as_other_user(stage, kind)
    plan = stage.plan(*before)
    assert acting_steps(plan) == {"Endpoint/fraud": Action.UPDATE}
    assert f"{kind} 'fixed' was made again at" in step_of(plan, "Endpoint/fraud").detail
    (drifted,) = [
        each
        for each in drifts(compile_documents(*before), stage.reconcile(*before, consent=False))
        if each.drifts
    ]
    assert (drifted.ref.kind, drifted.of(DriftCategory.DECLARED)[0].path) == (
        "Endpoint",
        ("EndpointConfigName",),
    )
    stage.forget_calls()
    assert stage.apply(*before).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateEndpoint"]
    assert acting_steps(stage.plan(*before)) == {}


def test_deployed_images_show_a_recreation_before_a_scaling(stage: Stage) -> None:
    """Scaling changes the time of the last update; the deployed image still shows that the model is another one."""
    before, _ = FIXED["Model"]
    stage.apply(*before)
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/other:2"
    _recreate_as_other_user(stage, "Model", PrimaryContainer={"Image": image})
    weights = [{"VariantName": "main", "DesiredInstanceCount": 3}]
    stage.client().update_endpoint_weights_and_capacities(
        EndpointName="fraud", DesiredWeightsAndCapacities=weights
    )
    stage.wait(3600)
    message = before[0].replace("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1", image)
    message = message.replace(", modelDataUrl: s3://bucket/one.tar.gz", "")
    planned = step_of(stage.plan(message, *before[1:]), "Endpoint/fraud")
    assert planned.action is Action.UPDATE
    assert image in planned.detail
    stage.apply(message, *before[1:])
    assert acting_steps(stage.plan(message, *before[1:])) == {}


def test_recreated_dependencies_without_documents_are_found(stage: Stage) -> None:
    """A configuration without a document, which the endpoint uses, was recreated, and so was its model."""
    client = stage.client()
    image = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"}
    role = "arn:aws:iam::123456789012:role/r"
    client.create_model(ModelName="fixed", ExecutionRoleArn=role, PrimaryContainer=image)
    variant = {
        "VariantName": "a",
        "ModelName": "fixed",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    client.create_endpoint_config(EndpointConfigName="outside", ProductionVariants=[variant])
    lone = endpoint().replace("endpointConfigName: fraud", "endpointConfigName: outside")
    stage.apply(lone)
    assert acting_steps(stage.plan(lone)) == {}
    _recreate_as_other_user(stage, "Model")
    assert acting_steps(stage.plan(lone)) == {"Endpoint/fraud": Action.UPDATE}
    stage.apply(lone)
    assert acting_steps(stage.plan(lone)) == {}


def test_a_failed_update_to_a_recreated_dependency_stays_failed(stage: Stage) -> None:
    """The failed update changed the time of the last update; the endpoint stays failed, and is not updated again."""
    before, _ = FIXED["EndpointConfig"]
    stage.apply(*before)
    _recreate_as_other_user(stage, "EndpointConfig")
    stage.sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason="no capacity")
    assert stage.apply(*before).convergence is Convergence.STUCK
    stage.forget_calls()
    again = stage.apply(*before)
    assert (again.convergence, stage.mutations()) == (Convergence.STUCK, [])
    assert step_of(again.plan, "Endpoint/fraud").why is Reason.ROLLED_BACK


def test_a_refused_update_to_the_same_configuration_is_not_repeated(stage: Stage) -> None:
    """Older versions refused to update to the configuration in use: an error with its reason, one call for each run."""
    before, _ = FIXED["EndpointConfig"]
    stage.sandbox.knobs = dataclasses.replace(stage.sandbox.knobs, same_config_update=False)
    stage.apply(*before)
    _recreate_as_other_user(stage, "EndpointConfig")
    stage.forget_calls()
    report = stage.apply(*before)
    assert report.convergence is Convergence.STUCK
    assert [each.operation for each in stage.sandbox.calls if each.mutating] == ["UpdateEndpoint"]


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if row.lifecycle.irreplaceable])
def test_kinds_with_users_data_are_never_replaced(stage: Stage, kind: str) -> None:
    """Of every kind whose replacement loses users' data: an immutable change is blocked with any policy.replace."""
    case = CASES[kind]
    first, second = case.frozen
    assert stage.apply(*case.needs, case.document(kind, first)).convergence is Convergence.SETTLED
    stage.forget_calls()
    changed = case.document(kind, second, policy="replace: Allow")
    blocked = next(each for each in stage.apply(*case.needs, changed).plan.steps if each.ref.kind == kind)
    assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    assert KINDS[kind].lifecycle.irreplaceable in blocked.detail
    assert not [each for each in stage.mutations() if each.startswith("Delete")]
