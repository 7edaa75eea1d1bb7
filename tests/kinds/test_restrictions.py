"""Administrators' restrictions: every kind, every restriction, every way in which a document may request it."""

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Plan, Step
from controller.engine.restrictions import Restrictions
from controller.kinds import KINDS
from controller.manifests.document import Adopt, Deletion
from controller.schema.contract import contract
from tests.journeys.stage import Stage
from tests.kinds.case import Case
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

RULES = {
    name: f"tenants.yaml:7:5: namespaces.risk.allow.{name}"
    for name in ("kinds", "adopt", "replace", "deletion")
}
NO_DELETION = Restrictions(deletion=False, rules=RULES)
ALLOW = "replace: Allow"


def all_kinds_except(kind: str) -> Restrictions:
    """All kinds except one."""
    return Restrictions(kinds=frozenset(KINDS) - {kind}, rules=RULES)


def step_of_case(plan: Plan, kind: str, case: Case) -> Step:
    """The step of a case's document."""
    ref = Ref(kind, case.name)
    return next(each for each in plan.steps if each.ref == ref and "@" not in each.id)


def text_of(case: Case) -> str:
    """The members that complete a case's document."""
    if case.frozen[1]:
        return case.frozen[0]
    return next((before for before, _ in case.changes.values()), "")


def document(kind: str, text: str | None = None, policy: str = "") -> str:
    """A case's document with the members given, by default those of its creation."""
    case = CASES[kind]
    written = case.document(kind, text_of(case) if text is None else text, policy)
    return written.replace(case.spec, "") if kind == "Workforce" and text == case.frozen[1] else written


def apply_case(stage: Stage, kind: str, policy: str = "") -> Case:
    """A case whose document is applied, with an empty plan."""
    case = CASES[kind]
    report = stage.apply(*case.needs, document(kind, policy=policy))
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    stage.forget_calls()
    return case


def is_refused_by(step: Step, rule: str) -> bool:
    """Whether a step is refused by a rule, and names the rule's position."""
    refused = (step.action, step.why, step.calls) == (Action.BLOCKED, Reason.NOT_ALLOWED, ())
    return refused and RULES[rule] in step.detail


def changes_of_kind(stage: Stage, kind: str) -> set[str]:
    """The operations of a kind that changed the account."""
    kind_contract = contract(kind)
    runs = kind_contract.kind.lifecycle.runs
    own = {
        each.name for each in (kind_contract.creates, kind_contract.updates, kind_contract.deletes) if each
    }
    return set(stage.mutations()) & (own | ({runs.stop} if runs else set()))


@pytest.mark.parametrize("kind", walk(KINDS))
def test_a_kind_that_is_not_allowed_is_not_created(stage: Stage, kind: str) -> None:
    """The document is blocked by the rule; its dependencies are created."""
    case = CASES[kind]
    report = stage.apply(*case.needs, document(kind), restrictions=all_kinds_except(kind))
    assert report.convergence is Convergence.STUCK
    assert is_refused_by(step_of_case(report.plan, kind, case), "kinds")
    assert not changes_of_kind(stage, kind)


@pytest.mark.parametrize("kind", walk(KINDS))
def test_a_kind_that_is_not_allowed_any_more_stays_as_it_is(stage: Stage, kind: str) -> None:
    """In sync, changed, replaced, pruned or destroyed: the resource is not changed."""
    case = apply_case(stage, kind, ALLOW)
    limits = all_kinds_except(kind)
    for text in {
        text_of(case),
        case.frozen[1] or text_of(case),
        *(after for _, after in case.changes.values()),
    }:
        report = stage.apply(*case.needs, document(kind, text, ALLOW), restrictions=limits)
        assert is_refused_by(step_of_case(report.plan, kind, case), "kinds"), text
        assert stage.mutations() == []
    stage.apply(*case.needs, prune=True, confirm_deletes=1, restrictions=limits)
    assert stage.mutations() == []
    stage.destroy(*case.needs, document(kind, policy="deletion: Delete"), restrictions=limits)
    assert not changes_of_kind(stage, kind)
    # The record of a run stays in any case.
    lets_go = contract(kind).deletes is None or contract(kind).kind.lifecycle.runs
    assert lets_go or Ref(kind, case.name) in stage.inventory().entries


@pytest.mark.parametrize("kind", walk(KINDS))
def test_nothing_is_deleted_where_deletion_is_not_allowed(stage: Stage, kind: str) -> None:
    """Pruned, destroyed, or replaced under its name: the resource and its entry stay, and the rule is named."""
    case = apply_case(stage, kind, "deletion: Delete\nreplace: Allow")
    deletes = contract(kind).deletes
    going = stage.plan(*case.needs, prune=True, confirm_deletes=1)
    would = next(each for each in going.steps if each.ref == Ref(kind, case.name))
    pruned = stage.apply(*case.needs, prune=True, confirm_deletes=1, restrictions=NO_DELETION)
    step = next(each for each in pruned.plan.steps if each.ref == Ref(kind, case.name))
    assert is_refused_by(step, "deletion") is (would.action is Action.DELETE)
    assert pruned.plan.confirmations == ()
    stage.destroy(*case.needs, document(kind, policy="deletion: Delete"), restrictions=NO_DELETION)
    if case.frozen[1]:
        stage.apply(*case.needs, document(kind, case.frozen[1], ALLOW), restrictions=NO_DELETION)
    assert not [
        each for each in stage.mutations() if each.startswith(("Delete", "Stop")) and each != "DeleteTags"
    ]
    if would.action is Action.DELETE and deletes is not None:
        assert Ref(kind, case.name) in stage.inventory().entries


@pytest.mark.parametrize("kind", walk(kind for kind, case in CASES.items() if case.frozen[1]))
def test_a_replacement_is_not_made_where_it_is_not_allowed(stage: Stage, kind: str) -> None:
    """``policy.replace: Allow`` counts as Forbid; a new generation or version beside the old one is no replacement."""
    case = apply_case(stage, kind, ALLOW)
    documents = (*case.needs, document(kind, case.frozen[1], ALLOW))
    planned = step_of_case(stage.plan(*documents), kind, case)
    step = step_of_case(
        stage.plan(*documents, restrictions=Restrictions(replace=False, rules=RULES)), kind, case
    )
    if planned.action is Action.REPLACE:
        assert is_refused_by(step, "replace")
    else:
        assert step.action is planned.action


@pytest.mark.parametrize("kind", walk(KINDS))
def test_nothing_is_adopted_if_adoption_is_not_allowed(stage: Stage, kind: str) -> None:
    """``policy.adopt: Always`` is limited by the rule: another set's resource is left alone."""
    case = apply_case(stage, kind)
    other = Stage(stage.folder, stage.sandbox, set="other", seconds=stage.seconds)
    documents = [
        each if "policy:" in each else f"{each}policy:\n  adopt: Always\n"
        for each in (*case.needs, document(kind))
    ]
    planned = step_of_case(other.plan(*documents), kind, case)
    for most in (Adopt.NEVER, Adopt.IF_UNOWNED):
        step = step_of_case(
            other.plan(*documents, restrictions=Restrictions(adopt=most, rules=RULES)), kind, case
        )
        assert step.action is not Action.ADOPT or (most is Adopt.IF_UNOWNED and not contract(kind).taggable)
        if planned.action is Action.ADOPT and (most is Adopt.NEVER or contract(kind).taggable):
            # A finished job without an owner is identified by the hash of its spec in its name: it is not run again.
            ran = step.why is Reason.ALREADY_RAN and not contract(kind).taggable
            assert ran or is_refused_by(step, "adopt")
    assert (planned.action is Action.ADOPT) is (kind in ADOPTED)


# Of the other kinds each document has a resource of its own, or the account has one for all.
ADOPTED = frozenset(KINDS) - {"ModelPackage", "ImageVersion", "PipelineExecution", "ServicecatalogPortfolio"}


@pytest.mark.parametrize("kind", walk(KINDS))
def test_the_default_deletion_policy_applies_to_documents_without_one(stage: Stage, kind: str) -> None:
    """Retain releases without a change, Confirm waits for a confirmation; the document's own policy has precedence."""
    case = apply_case(stage, kind)
    confirm = stage.plan(
        *case.needs, prune=True, restrictions=Restrictions(default_deletion=Deletion.CONFIRM)
    )
    going = [
        each for each in confirm.steps if each.ref == Ref(kind, case.name) and each.action is Action.DELETE
    ]
    assert {each.id for each in going} <= {
        each for required in confirm.confirmations for each in required.deletions
    }
    retain = Restrictions(default_deletion=Deletion.RETAIN)
    for plan in (
        stage.plan(*case.needs, prune=True, restrictions=retain),
        stage.plan(*case.needs, document(kind), destroy=True, restrictions=retain),
    ):
        assert {each.action for each in plan.steps if each.ref == Ref(kind, case.name)} == {Action.FORGET}
    if contract(kind).deletes is not None:
        written = document(kind, policy="deletion: Delete")
        plan = stage.plan(*case.needs, written, destroy=True, restrictions=retain)
        assert (
            step_of_case(plan, kind, case).why is not Reason.RETAINED or contract(kind).kind.lifecycle.shared
        )


def is_deleted_without_prune(kind: str) -> bool:
    """Whether old generations of a kind are deleted without prune."""
    own = contract(kind).kind.lifecycle.generations
    return bool(CASES[kind].frozen[1] and own and own.hashed and own.sweep)


@pytest.mark.parametrize("kind", walk(filter(is_deleted_without_prune, KINDS)))
def test_retain_keeps_old_generations(stage: Stage, kind: str) -> None:
    """With ``deletion: Retain`` a change deletes nothing; old generations stay known until they may be deleted."""
    case = apply_case(stage, kind, "deletion: Retain")
    first = stage.inventory().of(Ref(kind, case.name)).name

    def apply(text: str, policy: str) -> Plan:
        report = stage.apply(*case.needs, document(kind, text, policy))
        assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
        return report.plan

    apply(case.frozen[1], "deletion: Retain")
    assert not [each for each in stage.mutations() if each.startswith("Delete") and each != "DeleteTags"]
    held = stage.inventory().of(Ref(kind, case.name))
    assert held.holds(first)
    assert held.name != first
    assert not stage.plan(*case.needs, document(kind, case.frozen[1], "deletion: Retain")).acting
    apply(case.frozen[1], "deletion: Delete")
    assert not stage.inventory().of(Ref(kind, case.name)).holds(first)
