"""Changed names: another AWS name of a document, and documents that are renamed or moved."""

from typing import Any

import pytest
import yaml

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.insight.drift import drifts
from controller.kinds import KINDS
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel
from tests.journeys.documents import GROUP, endpoint, model, pipeline, serving
from tests.journeys.remaining_resources import remaining_arns
from tests.journeys.stage import Stage, acting_steps, compile_documents, document_text, step_of
from tests.kinds.case import Case
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

ONE_ONLY = frozenset({"Workforce"})  # CreateWorkforce: an account has one in a region


def _has_changeable_name(kind: str) -> bool:
    kind_contract = contract(kind)
    return kind_contract.kind.identity.key is None and kind_contract.name_member in kind_contract.spec.members


def _own_rule(contract: Contract) -> bool:
    """Whether the row defines what happens to an old generation or run."""
    return contract.kind.lifecycle.generations is not None


def _is_identified_by_id(contract: Contract) -> bool:
    """Whether the service's ID identifies it: another name is a change of a member (see the test below)."""
    found_by = contract.kind.identity.found_by
    return found_by is not None and found_by.when == contract.name_member


NAMED = [kind for kind in KINDS if _has_changeable_name(kind)]
LEFT = [
    kind
    for kind in NAMED
    if not (_own_rule(contract(kind)) or _is_identified_by_id(contract(kind)))
    and kind not in ONE_ONLY | {"Artifact"}
]


# For these another name is refused; for MlflowApp it is an update (tests/journeys/test_ml_apps.py).
NUMBERED = [
    kind
    for kind in NAMED
    if _is_identified_by_id(contract(kind)) and contract(kind).name_member not in contract(kind).updatable
]


def _document(kind: str, name: str, policy: str = "") -> str:
    """The kind's case with that name in AWS, without a member for which the service would number it."""
    case: Case = CASES[kind]
    kind_contract = contract(kind)
    found_by = kind_contract.kind.identity.found_by
    text = case.frozen[0] or next((pair[0] for pair in case.changes.values()), "")
    spec: dict[str, Any] = yaml.safe_load(case.document(kind, text))["spec"]
    left_out = (
        lower_camel(found_by.when) if found_by and found_by.when not in kind_contract.spec.required else ""
    )
    named = {key: value for key, value in spec.items() if key != left_out}
    named |= {lower_camel(kind_contract.name_member): name}
    return document_text(kind, case.name, yaml.safe_dump(named), policy)


def test_most_kinds_have_a_name() -> None:
    """The tests below cover the kinds without a rule for old generations, Endpoint among them."""
    assert len(LEFT) > 10
    assert "Endpoint" in LEFT


@pytest.mark.parametrize("kind", walk(LEFT))
def test_a_former_name_is_shown_and_pruned(stage: Stage, kind: str) -> None:
    """The old resource stays and is shown, in plan and drift; ``--prune`` deletes it after the new one is settled."""
    case, ref = CASES[kind], f"{kind}/{CASES[kind].name}"
    first, second = _document(kind, "first"), _document(kind, "second")
    assert stage.apply(*case.needs, first).convergence is Convergence.SETTLED
    before = remaining_arns(stage)
    assert stage.apply(*case.needs, second).convergence is Convergence.SETTLED
    assert set(before) < set(remaining_arns(stage))
    seen = stage.reconcile(*case.needs, second, consent=False)
    left = step_of(seen.plan, f"{ref}@first")
    assert (left.action, left.why) == (Action.NOOP, Reason.PREVIOUS_NAME)
    assert "left behind" in left.detail
    assert [each.name for each in drifts(compile_documents(*case.needs, second), seen) if each.left] == [
        "first"
    ]
    pruned = step_of(stage.plan(*case.needs, second, prune=True), f"{ref}@first")
    assert (pruned.action, pruned.why) == (Action.DELETE, Reason.RENAMED)
    assert ref in pruned.needs
    stage.forget_calls()
    report = stage.apply(*case.needs, second, prune=True, confirm_delete=frozenset({f"{ref}@first"}))
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes]
    assert contract(kind).deletes is not None
    assert stage.mutations()[-1] == contract(kind).deletes.name  # type: ignore[union-attr]
    after = stage.plan(*case.needs, second, prune=True)
    assert [each.id for each in after.steps if "@" in each.id] == []
    assert stage.destroy(*case.needs, second).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", NUMBERED)
def test_another_name_of_what_the_service_numbers_is_a_change(stage: Stage, kind: str) -> None:
    """No second resource is created and none is left behind: the change is refused, and the member is named."""
    case, name = CASES[kind], contract(kind).name_member
    assert stage.apply(*case.needs, _document(kind, "first")).convergence is Convergence.SETTLED
    before = remaining_arns(stage)
    report = stage.apply(*case.needs, _document(kind, "second"), prune=True, confirm_deletes=1)
    changed = step_of(report.plan, f"{kind}/{case.name}")
    assert (changed.action, changed.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    assert [(c.path, c.before, c.after) for c in changed.changes] == [((name,), "first", "second")]
    assert remaining_arns(stage) == before


@pytest.mark.parametrize("kind", walk(LEFT))
def test_a_restored_name_loses_no_resource(stage: Stage, kind: str) -> None:
    """From the first name to the second and back: the second name's resource is still known, and pruned."""
    case, ref = CASES[kind], f"{kind}/{CASES[kind].name}"
    first, second = _document(kind, "first"), _document(kind, "second")
    for document in (first, second, first):
        assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    left = [each.id for each in stage.plan(*case.needs, first).steps if each.why is Reason.PREVIOUS_NAME]
    assert left == [f"{ref}@second"]
    assert stage.destroy(*case.needs, first).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", walk(kind for kind in NAMED if kind not in ONE_ONLY))
def test_a_renamed_document_with_the_same_aws_name_deletes_nothing(stage: Stage, kind: str) -> None:
    """A renamed document that keeps its name in AWS: no prune, no destroy of the old one, no loss."""
    case = CASES[kind]
    document = _document(kind, "first")
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    before = remaining_arns(stage)
    renamed = document.replace(f"metadata: {{name: {case.name}}}", "metadata: {name: renamed}")
    stage.forget_calls()
    report = stage.apply(*case.needs, renamed, prune=True, confirm_deletes=1)
    assert set(before) <= set(remaining_arns(stage)), [s.why for s in report.plan.steps]
    taken = renamed + "policy: {adopt: Always}\n"
    for _ in range(2):
        report = stage.apply(*case.needs, taken, prune=True, confirm_deletes=1)
    assert set(before) <= set(remaining_arns(stage))
    deletes = contract(kind).deletes
    assert deletes is None or deletes.name not in stage.mutations()
    if report.convergence is Convergence.SETTLED:
        assert f"{kind}/{case.name}" not in map(str, stage.inventory().entries)


def test_the_workforce_of_an_account_is_not_lost(stage: Stage) -> None:
    """An account has one workforce: another name can't be created, and the old one stays and is shown."""
    stage.apply(_document("Workforce", "first"))
    report = stage.apply(_document("Workforce", "second"), prune=True, confirm_deletes=1)
    assert report.convergence is Convergence.STUCK
    assert "DeleteWorkforce" not in stage.mutations()


def test_a_live_endpoint_of_a_former_name_needs_a_confirmation_by_name(stage: Stage) -> None:
    """serving.yaml with live-a changed to live-b: pruning live-a needs its name, and waits for live-b."""
    a, b = endpoint("endpointName: live-a"), endpoint("endpointName: live-b")
    stage.apply(*serving()[:2], a)
    held = stage.apply(*serving()[:2], b, prune=True)
    assert held.convergence is Convergence.STUCK
    assert "--confirm-delete Endpoint/fraud@live-a" in held.plan.confirmations[0].message
    assert "DeleteEndpoint" not in stage.mutations()
    stage.forget_calls()
    stage.apply(*serving()[:2], b, prune=True, confirm_delete=frozenset({"Endpoint/fraud@live-a"}))
    assert stage.mutations() == ["DeleteEndpoint"]


def test_two_documents_that_change_names_keep_both(stage: Stage) -> None:
    """Two endpoints swap their names: each has the name that the other desires, so neither is deleted."""
    one = endpoint("endpointName: live-a")
    two = endpoint("endpointName: live-b").replace("metadata: {name: fraud}", "metadata: {name: other}")
    base = serving()[:2]
    stage.apply(*base, one, two)
    swapped = (one.replace("live-a", "live-b"), two.replace("live-b", "live-a"))
    stage.forget_calls()
    names = frozenset({"Endpoint/fraud@live-a", "Endpoint/other@live-b"})
    report = stage.apply(*base, *swapped, prune=True, confirm_delete=names)
    assert report.convergence is Convergence.STUCK
    assert {s.why for s in report.plan.steps if "@" in s.id} == {Reason.CLAIMED_BY_OTHER_DOCUMENT}
    assert stage.mutations() == []


def test_a_former_name_is_retained_by_policy(stage: Stage) -> None:
    """With ``deletion: Retain`` the old one's entry is removed without a deletion; ``mode: Off`` leaves it alone."""
    stage.apply(GROUP, _document("Pipeline", "first", "deletion: Retain"))
    stage.apply(GROUP, _document("Pipeline", "second", "deletion: Retain"), prune=True)
    assert "DeletePipeline" not in stage.mutations()
    assert not any(each.old for each in stage.inventory().entries.values())
    other = Stage(stage.folder, stage.sandbox, set="off")
    other.apply(pipeline("x", "pipelineName: third"))
    off = pipeline("x", "pipelineName: fourth") + "policy: {mode: 'Off'}\n"
    assert acting_steps(other.plan(off, prune=True)) == {}


def test_generations_keep_their_rule(stage: Stage) -> None:
    """Old generations of a kind are deleted without prune, after their users have moved, as before."""
    stage.apply(model(extra="modelName: first"))
    report = stage.apply(model(extra="modelName: second"))
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations()[-1] == "DeleteModel"
    assert Reason.PREVIOUS_NAME not in {s.why for plan in stage.plans for s in plan.steps}


@pytest.mark.parametrize("kind", walk(LEFT))
def test_a_renamed_document_adopts_its_resource(kind: str, stage: Stage) -> None:
    """With ``adopt: Always`` the new document adopts it by tags, and the next run only removes the old entry."""
    case = CASES[kind]
    before = _document(kind, "first")
    after, adopting = (
        _document(kind, "first", policy).replace(
            f"metadata: {{name: {case.name}}}", "metadata: {name: renamed}"
        )
        for policy in ("", "adopt: Always")
    )
    stage.apply(*case.needs, before)
    stage.forget_calls()
    report = stage.apply(*case.needs, adopting, prune=True)
    assert report.convergence is Convergence.SETTLED
    assert stage.apply(*case.needs, after, prune=True).convergence is Convergence.SETTLED
    assert set(stage.mutations()) <= {"AddTags"}
    assert [ref.name for ref in stage.inventory().entries if ref.kind == kind] == ["renamed"]
    assert not acting_steps(stage.plan(*case.needs, after, prune=True))


def test_a_renamed_document_without_tags_names_the_former_one(stage: Stage) -> None:
    """A resource without tags is not changed, and the message names its former document and the next step."""
    case = CASES["ModelPackageGroupPolicy"]
    before = case.document("ModelPackageGroupPolicy", case.changes["ResourcePolicy"][0])
    after = before.replace(f"metadata: {{name: {case.name}}}", "metadata: {name: renamed}")
    stage.apply(*case.needs, before)
    stage.forget_calls()
    found = step_of(stage.apply(*case.needs, after, prune=True).plan, "ModelPackageGroupPolicy/renamed")
    assert found.why is Reason.NOT_OWNED
    assert f"it was made for ModelPackageGroupPolicy/{case.name}, which has no document" in found.detail
    assert "policy.adopt: IfUnowned" in found.detail
    assert stage.mutations() == []
    adopting = after + "policy:\n  adopt: IfUnowned\n"
    for _ in range(2):  # the second run removes the former entry
        assert stage.apply(*case.needs, adopting, prune=True).convergence is Convergence.SETTLED
    assert [ref.name for ref in stage.inventory().entries if ref.kind == "ModelPackageGroupPolicy"] == [
        "renamed"
    ]
