"""``policy.protect``: the tag, the document and the inventory each prevent a deletion alone."""

import pytest

from controller.core.finding import Code
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import PROTECT
from controller.manifests.load import load_bytes
from controller.schema.contract import contract
from tests.journeys.documents import GROUP, model, pipeline
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.kinds.cases import CASES

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
KEPT = "protect: true"
GUARDED = pipeline() + "policy: {protect: true}\n"
FREE = pipeline() + "policy: {protect: false}\n"


def _carries_no_tags(kind: str) -> bool:
    return not contract(kind).taggable or "odelPackageGroupName:" in CASES[kind].spec


@pytest.mark.parametrize("kind", CASES)
def test_protection_that_can_not_hold_is_a_finding(kind: str) -> None:
    """Of every kind without tags, with its position; of all others it is none."""
    case = CASES[kind]
    text = case.document(kind, next(iter(case.changes.values()), case.frozen)[0], policy=KEPT)
    found = [
        each for each in load_bytes([("doc.yaml", text.encode())]).findings if each.code is Code.UNPROTECTABLE
    ]
    assert bool(found) is _carries_no_tags(kind)
    for each in found:
        lines = text.splitlines()
        assert each.origin is not None
        assert each.origin.file == "doc.yaml"
        assert "protect" in lines[each.origin.line - 1][: each.origin.column + len(KEPT)]


def test_protection_false_is_no_finding() -> None:
    """A document that requests no protection has no finding."""
    text = CASES["Association"].document("Association", policy="protect: false")
    assert not [
        each for each in load_bytes([("d", text.encode())]).findings if each.code is Code.UNPROTECTABLE
    ]


def _remove_tags(stage: Stage) -> None:
    stage.client().delete_tags(ResourceArn=ARN, TagKeys=[PROTECT])
    stage.forget_calls()


def test_the_document_protects_a_resource_without_its_tag(stage: Stage) -> None:
    """Another user removes the tag and runs destroy: the document still protects the resource."""
    stage.apply(GROUP, GUARDED)
    _remove_tags(stage)
    assert stage.destroy(GROUP, GUARDED).convergence is Convergence.STUCK
    planned = step_of(stage.plan(GROUP, GUARDED, destroy=True), "Pipeline/train")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.PROTECTED)
    assert "DeletePipeline" not in stage.mutations()
    stage.apply(GROUP, GUARDED)
    assert stage.mutations().count("AddTags") == 1, "and the tag is set again"


def test_the_inventory_protects_a_resource_without_document_and_tag(stage: Stage) -> None:
    """With the document and the tag removed, prune keeps it until a document has ``protect: false``."""
    stage.apply(GROUP, GUARDED)
    stage.apply(GROUP, pipeline())  # only the line is removed, which does not end the protection
    _remove_tags(stage)
    planned = step_of(stage.plan(GROUP, prune=True), "Pipeline/train")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.PROTECTED)
    stage.apply(GROUP, prune=True)
    assert stage.mutations() == []
    stage.apply(GROUP, FREE)
    assert stage.apply(GROUP, prune=True).convergence is Convergence.SETTLED
    assert "DeletePipeline" in stage.mutations()


def test_a_deletion_removes_the_protection_tag(stage: Stage) -> None:
    """An object that is being deleted is not applied: the first pass removes its tag, the second deletes it."""
    stage.apply(GROUP, GUARDED)
    free = frozenset({Ref("Pipeline", "train")})
    stage.forget_calls()
    assert stage.destroy(GROUP, GUARDED, unprotected=free).convergence is Convergence.STUCK
    assert "DeleteTags" not in stage.mutations(), "its document protects it still"
    stage.reconcile(GROUP, FREE, destroy=True)
    assert "DeleteTags" not in stage.mutations(), "it was not requested"
    report = stage.reconcile(GROUP, FREE, destroy=True, unprotected=free)
    assert step_of(report.plan, "Pipeline/train").why is Reason.PROTECTED
    assert (stage.mutations().count("DeleteTags"), stage.mutations().count("DeletePipeline")) == (1, 0)
    assert stage.destroy(GROUP, FREE, unprotected=free).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_a_protection_never_applied_counts_too(stage: Stage) -> None:
    """A document that was changed to protect and then destroyed without an apply between is kept."""
    stage.apply(GROUP, pipeline())
    stage.forget_calls()
    assert stage.destroy(GROUP, GUARDED).convergence is Convergence.STUCK
    assert "DeletePipeline" not in stage.mutations()


def test_old_generations_of_a_protected_document_are_kept(stage: Stage) -> None:
    """A generation whose tag was removed is kept by its document."""
    stage.apply(model(policy=KEPT))
    (old,) = stage.sandbox.resources()
    newer = model("s3://bucket/two.tar.gz", policy=KEPT)
    stage.apply(newer, sweep=False)
    stage.client().delete_tags(ResourceArn=old, TagKeys=[PROTECT])
    stage.apply(newer)
    assert old in stage.sandbox.resources()
    stage.apply(model("s3://bucket/two.tar.gz", policy="protect: false"))
    assert acting_steps(stage.plan(model("s3://bucket/two.tar.gz", policy="protect: false"))) == {}
    assert len(stage.sandbox.resources()) == 1


def test_a_protected_resource_is_not_replaced(stage: Stage) -> None:
    """``replace: Allow`` deletes first, so a protected resource is blocked, by its tag and by its document."""
    named = "modelName: fraud-model"
    stage.apply(model(extra=named, policy=KEPT))
    stage.forget_calls()
    for policy in ("replace: Allow, protect: true", "replace: Allow"):
        blocked = model("s3://bucket/two.tar.gz", extra=named, policy=policy.replace(", ", "\n"))
        assert step_of(stage.apply(blocked).plan, "Model/fraud").why is Reason.PROTECTED
    assert stage.mutations() == []
