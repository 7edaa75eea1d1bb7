"""Forged memory of an object: only resources that its object created are changed or deleted."""

from pathlib import Path

import pytest

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.kinds import KINDS
from controller.sandbox import Sandbox
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.journeys.stage import Stage, compile_documents
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.operator.forged_status import FORGED, Tenant, case_texts, create_owned, unsigned_memo

UNTAGGED = [kind for kind in KINDS if not contract(kind).taggable]

BY_CONTENT = [kind for kind in UNTAGGED if not ({"CreationTime"} & set(contract(kind).body.members))]


_LONG = 3600  # seconds, by the sandbox's clock; no creation or deletion takes longer


def _rows(sandbox: Sandbox) -> dict[str, Row]:
    return dict(sandbox._states["us-east-1"].rows)


@pytest.mark.parametrize("kind", walk(KINDS))
def test_no_forged_inventory_changes_a_foreign_resource(tmp_path: Path, kind: str) -> None:
    """A victim's resource outlives every forgery: applied, changed, released, and with the inventory after each.

    One thing is left (decision 15): where only the content tells an instance, an old memory of the same object is
    believed by a process that never saw a newer one, and a document then changes what is there as if it had drifted.
    """
    case, sandbox = CASES[kind], Sandbox()
    victim, stage = Stage(tmp_path, sandbox, set="victim"), Stage(tmp_path, sandbox, set="tenant")
    theirs = create_owned(victim, kind, case)
    assert theirs.name
    before = _rows(sandbox)
    first, changed = case_texts(case)
    documents = [
        case.document(kind, first),
        *(case.document(kind, each, "replace: Allow") for each in changed),
    ]
    bundles = [compile_documents(*case.needs, each) for each in documents]
    for how, forge in FORGED.items():
        left = how == "replayed after a restart" and kind in BY_CONTENT
        for turns in ((), bundles[:1] if left else bundles):
            tenant = Tenant(stage, Ref(kind, case.name), uid=f"uid of {how}")
            tenant.memo = forge(tenant, theirs)
            for bundle in turns:
                tenant.reconcile(bundle)
            tenant.end()
            now = _rows(sandbox)
            moved = [
                arn for arn, row in before.items() if arn not in now or (row.kind == kind and now[arn] != row)
            ]
            assert moved == [], f"{how}: {moved}"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if contract(kind).taggable and KINDS[kind].lifecycle.runs]
)
def test_tags_of_a_run_in_progress_are_read_for_a_forged_inventory(tmp_path: Path, kind: str) -> None:
    """Tags of a run in progress are not read for a signed inventory; an unsigned ARN does not save the read."""
    case, sandbox = CASES[kind], Sandbox()
    theirs = create_owned(Stage(tmp_path, sandbox, set="victim"), kind, case)
    tenant = Tenant(Stage(tmp_path, sandbox, set="tenant"), Ref(kind, case.name), memo=unsigned_memo(theirs))
    step = tenant.reconcile(
        compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    ).plan.steps[0]
    assert (step.action, step.why) == (Action.BLOCKED, Reason.FOREIGN_OWNER)


@pytest.mark.parametrize("kind", UNTAGGED)
def test_an_owned_resource_is_deleted_with_its_object(tmp_path: Path, kind: str) -> None:
    """The signed inventory is proof for the life of an object: created, in sync, and deleted, by that alone."""
    case, sandbox = CASES[kind], Sandbox()
    stage = Stage(tmp_path, sandbox, set="tenant")
    tenant = Tenant(stage, Ref(kind, case.name))
    stage.apply(*case.needs)
    before = set(sandbox.resources())
    document = compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    made = tenant.reconcile(document)
    assert made.plan.steps[0].action is Action.CREATE
    assert tenant.reconcile(document).plan.steps[0].action in (Action.NOOP, Action.WAIT)
    if runs := KINDS[kind].lifecycle.runs:
        assert tenant.end().plan.steps[0].action is (Action.STOP if runs.stop else Action.WAIT)
        return
    stage.wait(_LONG)
    assert tenant.end().plan.steps[0].action is Action.DELETE
    stage.wait(_LONG)
    assert set(sandbox.resources()) == before


@pytest.mark.parametrize("kind", UNTAGGED)
def test_an_unsigned_inventory_needs_adoption_without_tags(tmp_path: Path, kind: str) -> None:
    """Unsigned, a kind without tags is blocked with a reason that names adoption; adopted, it continues as before."""
    case, stage = CASES[kind], Stage(tmp_path, set="tenant")
    tenant = Tenant(stage, Ref(kind, case.name))
    entry = create_owned(stage, kind, case)
    tenant.memo = unsigned_memo(entry)
    document = compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    first = tenant.reconcile(document).plan.steps[0]
    if KINDS[kind].lifecycle.shared:  # found as desired, it has no owner, and stays
        assert first.action is Action.NOOP
        assert tenant.end().plan.steps[0].action is Action.FORGET
        return
    assert (first.action, first.why) == (Action.BLOCKED, Reason.NOT_OWNED)
    assert "no valid signature" in first.detail
    assert "policy.adopt: IfUnowned" in first.detail
    stage.forget_calls()
    adopted = compile_documents(
        *case.needs, case.document(kind, case_texts(case)[0], policy="adopt: IfUnowned")
    )
    assert tenant.reconcile(adopted).plan.steps[0].action is Action.ADOPT
    assert tenant.reconcile(document).plan.steps[0].action in (Action.NOOP, Action.WAIT)
    assert stage.mutations() == []
    runs = KINDS[kind].lifecycle.runs
    ends = Action.DELETE if runs is None else Action.STOP if runs.stop else Action.WAIT
    assert tenant.end().plan.steps[0].action is ends


@pytest.mark.parametrize("kind", [kind for kind in UNTAGGED if KINDS[kind].lifecycle.runs])
def test_a_finished_run_is_not_repeated_by_an_upgrade(tmp_path: Path, kind: str) -> None:
    """Its record is immutable, so it needs no confirmation and no second run; another spec runs again."""
    case, stage = CASES[kind], Stage(tmp_path, set="tenant")
    tenant = Tenant(stage, Ref(kind, case.name))
    stage.apply(*case.needs, case.document(kind, case_texts(case)[0]))
    tenant.memo = unsigned_memo(stage.inventory().of(tenant.ref))
    stage.forget_calls()
    step = tenant.reconcile(
        compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    ).plan.steps[0]
    assert step.action is Action.NOOP
    assert step.why in (Reason.READY, Reason.ALREADY_RAN)
    assert stage.mutations() == []
    again = tenant.reconcile(compile_documents(*case.needs, case.document(kind, case.frozen[1]))).plan.steps[
        0
    ]
    assert again.action is Action.CREATE_BEFORE_DELETE
    assert stage.mutations() == [contract(kind).creates.name]
    runs = KINDS[kind].lifecycle.runs
    assert runs is not None
    assert bool(tenant.end().plan.acting) is bool(runs.stop)


@pytest.mark.parametrize("kind", walk(kind for kind in KINDS if contract(kind).taggable))
def test_an_unsigned_inventory_continues_with_the_ownership_tag(tmp_path: Path, kind: str) -> None:
    """Unsigned, a kind with tags (or a marker) stays in sync by its ownership tag, and is signed again."""
    case, stage = CASES[kind], Stage(tmp_path, set="tenant")
    tenant = Tenant(stage, Ref(kind, case.name))
    stage.apply(*case.needs, case.document(kind, case_texts(case)[0]))
    tenant.memo = unsigned_memo(stage.inventory().of(tenant.ref))
    document = compile_documents(*case.needs, case.document(kind, case_texts(case)[0]))
    stage.forget_calls()
    assert tenant.reconcile(document).plan.steps[0].action is Action.NOOP
    assert stage.mutations() == []
    assert tenant.memo is not None
    assert "signature" in tenant.memo
    again = Tenant(stage, tenant.ref, memo=tenant.memo).inventory_store().load("123456789012", "us-east-1")
    assert again.of(tenant.ref).instance == ""
