"""Tags that can't be read: resources of unknown owners are neither changed nor deleted."""

import json
from collections.abc import Mapping

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.observed import PROTECT
from controller.kinds import SAGEMAKER, SERVICES
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.shape import answer_member, required_operation, shape
from tests.journeys.documents import GROUP, pipeline, serving
from tests.journeys.stage import Stage, document_text, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

TAGGED = [
    kind
    for kind, case in CASES.items()
    if contract(kind).taggable and "odelPackageGroupName:" not in case.spec
]
# What the response of a list of tags may be instead of tags: a fault of the sandbox, and its reason.
UNREAD: Mapping[str, tuple[InjectedFault, str | None]] = {
    "invalid": (InjectedFault.INVALID, "Invalid resource type"),
    "denied": (InjectedFault.DENIED, None),
    "failing": (InjectedFault.UNKNOWN, None),
    "not found": (InjectedFault.MISSING, None),
    "silent": (InjectedFault.SILENT, None),
    "without tags": (InjectedFault.GARBLED, "{}"),
    "null": (InjectedFault.GARBLED, "null"),
    "a page": (InjectedFault.GARBLED, "<html></html>"),
    "a tag without a key": (InjectedFault.GARBLED, json.dumps({"Tags": [{"Value": "b"}]})),
    "no list": (InjectedFault.GARBLED, json.dumps({"Tags": {"Key": "a"}})),
}
# The same where the service shows tags as a map.
UNREAD_MAP = {
    **{how: UNREAD[how] for how in UNREAD if how not in ("a tag without a key", "no list")},
    "a tag without a value": (InjectedFault.GARBLED, json.dumps({"Tags": {"Key": None}})),
    "no map": (InjectedFault.GARBLED, json.dumps({"Tags": [{"Key": "a", "Value": "b"}]})),
}


def _wrong_tag_responses(service: str) -> Mapping[str, tuple[InjectedFault, str | None]]:
    """The possible wrong responses of the service's list of tags, by how it returns them."""
    tags = answer_member(required_operation(SERVICES[service].tags), "Tags")
    return UNREAD_MAP if shape(tags).type == "map" else UNREAD


def _break_tags(stage: Stage, how: str, service: str = SAGEMAKER) -> None:
    """Let the service's list of tags respond so, and disable the index, which would replace it."""
    fault, reason = _wrong_tag_responses(service)[how]
    stage.sandbox.inject(fault, operation=SERVICES[service].tags, times=None, reason=reason)
    stage.sandbox.inject(InjectedFault.DENIED, operation="GetResources", times=None)


@pytest.mark.parametrize("kind", walk(TAGGED))
def test_unread_tags_keep_what_they_are_of(stage: Stage, kind: str) -> None:
    """Of every kind with tags: no update, deletion, prune or new generation while they can't be read."""
    case, service = CASES[kind], contract(kind).service
    before, after = next(iter(case.changes.values()), case.frozen)
    document, changed = case.document(kind, before), case.document(kind, after)
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    stage.forget_calls()
    for how in _wrong_tag_responses(service):
        _break_tags(stage, how, service)
        blocked = step_of(stage.plan(*case.needs, changed), f"{kind}/{case.name}")
        assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.UNREADABLE), how
        assert SERVICES[service].tags in blocked.detail
        stage.reconcile(*case.needs, changed)
        going = stage.reconcile(*case.needs, document, destroy=True).plan
        mine = [each for each in going.steps if each.ref.kind == kind and each.ref.name == case.name]
        assert mine[0].why is Reason.UNREADABLE, how
        assert SERVICES[service].tags in mine[0].detail
        stage.reconcile(*case.needs, prune=True, confirm_deletes=1)
        assert stage.mutations() == [], how
        stage.sandbox.clear_faults()
    assert stage.destroy(*case.needs, document).convergence is Convergence.SETTLED


@pytest.mark.parametrize("how", UNREAD)
def test_the_last_look_before_a_deletion_must_see_tags(stage: Stage, how: str) -> None:
    """A resource that the index showed as owned is kept if ListTags does not confirm it."""
    documents = (GROUP, pipeline(), *serving())
    stage.apply(*documents)
    stage.forget_calls()
    fault, reason = UNREAD[how]
    stage.sandbox.inject(fault, operation="ListTags", times=None, reason=reason)
    report = stage.reconcile(*documents, destroy=True)
    assert stage.mutations() == []
    lines = [each.message for each in report.outcomes if each.step.action is Action.DELETE]
    assert any("its tags can't be read" in message for message in lines)
    assert report.convergence is not Convergence.SETTLED
    stage.sandbox.clear_faults()
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()
    assert stage.inventory().entries == {}


def test_an_old_generation_with_unread_tags_stays(stage: Stage) -> None:
    """A superseded generation is deleted only once its tags were read."""
    stage.apply(*serving())
    newer = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz")
    stage.apply(*newer, sweep=False)
    stage.forget_calls()
    _break_tags(stage, "denied")
    stage.reconcile(*newer)
    assert stage.mutations() == []
    stage.sandbox.clear_faults()
    assert stage.apply(*newer).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 3


@pytest.mark.parametrize("tag", ["owner", "protect"])
def test_tags_that_moved_since_the_plan_stop_a_deletion(stage: Stage, tag: str) -> None:
    """The index lags: another owner or a protection that ListTags shows keeps what the plan would delete."""
    from controller.engine.observed import OWNER

    stage.apply(GROUP, pipeline())
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
    moved = {
        "owner": {"Key": OWNER, "Value": "other/Pipeline/train"},
        "protect": {"Key": PROTECT, "Value": "true"},
    }

    def before(call: object) -> None:
        if getattr(call, "operation", "") == "ListTags":
            stage.before_call = lambda _: None
            stage.client().add_tags(ResourceArn=arn, Tags=[moved[tag]])

    stage.before_call = before
    stage.reconcile(GROUP, pipeline(), destroy=True)
    assert "DeletePipeline" not in stage.mutations()


@pytest.mark.parametrize("reason", ["[]", "{}", '{"ResourceTagMappingList": [{"Tags": 5}]}', "<html></html>"])
def test_an_index_that_answers_nonsense_is_no_index(stage: Stage, reason: str) -> None:
    """If GetResources is not usable, each resource's tags are read by themselves."""
    stage.apply(GROUP, pipeline())
    stage.sandbox.inject(InjectedFault.GARBLED, operation="GetResources", times=None, reason=reason)
    assert stage.plan(GROUP, pipeline()).acting == ()
    assert stage.destroy(GROUP, pipeline()).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


@pytest.mark.parametrize("kind", walk(TAGGED))
def test_one_false_answer_without_tags_does_not_end_the_management(stage: Stage, kind: str) -> None:
    """Of every kind that carries tags: a recorded resource whose tags seem empty has them read a second time."""
    case, service = CASES[kind], contract(kind).service
    documents = (*case.needs, case.document(kind, next(iter(case.changes.values()), case.frozen)[0]))
    stage.apply(*documents)
    lists, none = SERVICES[service].tags, "{}" if _wrong_tag_responses(service) is UNREAD_MAP else "[]"
    stage.sandbox.inject(InjectedFault.DENIED, operation="GetResources", times=None)
    stage.sandbox.inject(InjectedFault.GARBLED, operation=lists, times=1, reason=f'{{"Tags": {none}}}')
    assert {each.action for each in stage.plan(*documents).steps} == {Action.NOOP}
    stage.sandbox.inject(InjectedFault.GARBLED, operation=lists, times=1, reason=f'{{"Tags": {none}}}')
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert stage.inventory().entries == {}


def test_tags_of_a_resource_that_the_inventory_lacks_are_read_once(stage: Stage) -> None:
    """A resource of somebody else costs one ListTags, and not two."""
    stage.client().create_model_package_group(ModelPackageGroupName="theirs")
    document = document_text("ModelPackageGroup", "theirs", "modelPackageGroupName: theirs")
    stage.forget_calls()
    assert step_of(stage.plan(document), "ModelPackageGroup/theirs").why is Reason.NOT_OWNED
    assert [call.operation for call in stage.sandbox.calls].count("ListTags") == 1
