"""Members in ``policy.ignore`` are neither compared, planned nor sent, whatever else is edited."""

from pathlib import Path

import pytest

from controller.core.path import get
from controller.core.phase import Convergence
from controller.engine.compare import live_member
from controller.insight.drift import drifts
from controller.kinds import KINDS
from controller.kinds.rule import Choice
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.journeys.stage import Stage, acting_steps, compile_documents
from tests.journeys.tagging import remove_tag, set_tag, shown_tags
from tests.kinds.cases import CASES
from tests.kinds.sample import walk, walk_cases

# Runs accept changes only while they run, or do not show the member.
PAIRS = [
    (kind, member)
    for kind, case in CASES.items()
    for member, (before, _) in case.changes.items()
    if member not in case.during
    and lower_camel(member) in before
    and not KINDS[kind].lifecycle.runs
    # changes by others are no drift in any case
    and KINDS[kind].compare.rewritten.get(member) != ""
]
FROZEN = [
    kind
    for kind, case in CASES.items()
    if all(case.frozen) and kind not in {"Workforce", "Association", "CompilationJob"}
]


def _document_ignoring(kind: str, text: str, member: str) -> str:
    return CASES[kind].document(kind, text, f"ignore: [/{lower_camel(member)}]")


def _drift(stage: Stage, *documents: str) -> list[str]:
    report = stage.reconcile(*documents, consent=False)
    return [str(each.ref) for each in drifts(compile_documents(*documents), report) if each.drifts]


def _live_value(stage: Stage, kind: str, member: str, *documents: str) -> object:
    observed = stage.reconcile(*documents, consent=False).observed
    assert observed is not None
    (live,) = (
        each for ref, each in observed.live.items() if (ref.kind, ref.name) == (kind, CASES[kind].name)
    )
    return live_member(member, live.body, KINDS[kind])


def _change_as_other_user(stage: Stage, kind: str, member: str) -> str:
    """The document as it was applied, after another user changed the member in the account."""
    case = CASES[kind]
    before, after = case.changes[member]
    assert stage.apply(*case.needs, case.document(kind, before)).convergence is Convergence.SETTLED
    file = stage.folder / f"inventory-{stage.set}.json"
    remembered = file.read_bytes()
    assert stage.apply(*case.needs, case.document(kind, after)).convergence is Convergence.SETTLED
    Path(file).write_bytes(remembered)
    return before


def _edit_another_member(kind: str, member: str, before: str) -> str:
    """The text with another member changed as well, if the kind has one that can be updated together with it."""
    groups = [rule.members for rule in KINDS[kind].write.rules if isinstance(rule, Choice) and rule.most == 1]
    names = {line.split(":")[0] for line in before.splitlines()}
    for other, (_, text) in CASES[kind].changes.items():
        added = [line for line in text.splitlines() if line.split(":")[0] not in names]
        whole = names | {line.split(":")[0] for line in added}
        blocked = any(len(whole & set(map(lower_camel, group))) > 1 for group in groups)
        if other != member and added and not blocked:
            return "\n".join([before, *added])
    return before


@pytest.mark.parametrize(("kind", "member"), walk_cases(PAIRS))
def test_an_ignored_member_is_neither_drift_nor_overwritten(stage: Stage, kind: str, member: str) -> None:
    """A foreign change is neither drift nor a step; after another edit of the document the live value is kept."""
    case = CASES[kind]
    before = _change_as_other_user(stage, kind, member)
    whole = _document_ignoring(kind, before, member)
    assert _drift(stage, *case.needs, case.document(kind, before)), "else the test shows nothing"
    assert _drift(stage, *case.needs, whole) == []
    live = _live_value(stage, kind, member, *case.needs, whole)
    stage.forget_calls()
    assert stage.apply(*case.needs, whole).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    edited = _document_ignoring(kind, _edit_another_member(kind, member, before), member)
    report = stage.apply(*case.needs, edited)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes]
    assert _live_value(stage, kind, member, *case.needs, edited) == live


@pytest.mark.parametrize("kind", walk(FROZEN))
def test_an_ignored_member_creates_no_generation_or_run(stage: Stage, kind: str) -> None:
    """Another value of an ignored member in a document creates no new generation, no new run and no replacement."""
    case = CASES[kind]
    before, after = case.frozen
    name = after.splitlines()[-1].split(":")[0]
    assert name not in case.spec
    policy = f"ignore: [/{name}]"
    assert stage.apply(*case.needs, case.document(kind, before, policy)).convergence is Convergence.SETTLED
    stage.forget_calls()
    report = stage.apply(*case.needs, case.document(kind, after, policy))
    assert acting_steps(report.plan) == {}, acting_steps(report.plan)
    assert stage.mutations() == []


KEYS = {
    "Action": ("Properties", "actionType: x\nproperties: {mine: a, theirs: b}", "mine: c"),
    "Context": ("Properties", "contextType: x\nproperties: {mine: a, theirs: b}", "mine: c"),
    "Artifact": ("Properties", "artifactType: x\nproperties: {mine: a, theirs: b}", "mine: c"),
    "ModelPackage": (
        "CustomerMetadataProperties",
        "customerMetadataProperties: {mine: a, theirs: b}",
        "mine: c",
    ),
}


@pytest.mark.parametrize("kind", KEYS)
def test_an_ignored_key_of_a_map_keeps_its_live_value(stage: Stage, kind: str) -> None:
    """An Update that sends the whole map sends the live value of the key that others set."""
    case, (member, text, edit) = CASES[kind], KEYS[kind]
    policy = f"ignore: [/{lower_camel(member)}/theirs]"
    document = case.document(kind, text, policy)
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    file = stage.folder / f"inventory-{stage.set}.json"
    remembered = file.read_bytes()
    stage.apply(*case.needs, case.document(kind, text.replace("theirs: b", "theirs: live")))
    file.write_bytes(remembered)
    assert _drift(stage, *case.needs, document) == []
    edited = case.document(kind, text.replace("mine: a", edit), policy)
    assert stage.apply(*case.needs, edited).convergence is Convergence.SETTLED
    live = _live_value(stage, kind, member, *case.needs, edited)
    assert (get(live, ("theirs",)), get(live, ("mine",))) == ("live", "c")


TAGGED = [kind for kind in KINDS if contract(kind).taggable and kind in CASES and kind != "ModelPackage"]


@pytest.mark.parametrize("kind", walk(TAGGED))
def test_an_ignored_tag_is_neither_drift_nor_overwritten(stage: Stage, kind: str) -> None:
    """Its value is sent at creation; a foreign change or removal stays, also when another tag is edited."""
    case = CASES[kind]
    extra = next(iter([before for before, _ in case.changes.values()] + [case.frozen[0]]), "")
    tags = "tags: {Team: a, other: %s}"
    policy = "ignore: [/tags/Team]"

    def document(other: str) -> str:
        return case.document(kind, f"{extra}\n{tags % other}", policy)

    report = stage.apply(*case.needs, document("b"))
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes]
    live = next(each for ref, each in stage.reconcile(*case.needs, document("b")).observed.live.items()  # type: ignore[union-attr]
                if (ref.kind, ref.name) == (kind, case.name))  # fmt: skip
    assert (live.tags or {})["Team"] == "a"
    set_tag(stage, live.arn, "Team", "theirs")
    stage.forget_calls()
    assert _drift(stage, *case.needs, document("b")) == []
    assert stage.apply(*case.needs, document("b")).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    stage.apply(*case.needs, document("c"))
    shown = shown_tags(stage, live.arn)
    assert (shown["Team"], shown["other"]) == ("theirs", "c")
    remove_tag(stage, live.arn, "Team")
    assert acting_steps(stage.plan(*case.needs, document("c"))) == {}
