"""A creation that AWS refuses as invalid is retried while a linked resource is in transition, else it ends the run.

For every kind and every link of its case to a kind that has transitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from controller.core.cloud import Call, Cloud, CloudError, Fault, Identity, Json
from controller.core.phase import Convergence, Phase
from controller.engine.lookup import phase_of_status
from controller.engine.refusals import explain_refusal
from controller.kinds import KINDS
from controller.sandbox import InjectedFault, Knobs, Sandbox
from controller.schema.contract import contract
from controller.schema.shape import shape
from tests.journeys.stage import Stage, step_of
from tests.kinds.case import Case
from tests.kinds.cases import CASES
from tests.kinds.sample import walk_cases

REASON = "The request cannot be carried out."


def transition_status(kind: str) -> str:
    """A status of a kind during a transition; empty if there is none."""
    of = contract(kind)
    if not of.status_member:
        return ""
    values = shape(of.body.members[of.status_member]).enum
    return next((word for word in values if phase_of_status(of, word) is Phase.CHANGING), "")


def linked_kinds() -> Iterator[tuple[str, str]]:
    """Each kind with each kind with transitions to which its case links."""
    for kind, case in CASES.items():
        links = {link.to for link in KINDS[kind].identity.links}
        needs = [yaml.safe_load(each)["kind"] for each in case.needs]
        yield from (
            (kind, need) for need in dict.fromkeys(needs) if need in links and transition_status(need)
        )


@dataclass
class TransitionStage(Stage):
    """A stage on which one kind is in transition from the first refusal of an operation until the clock advances."""

    kind: str = ""
    refused: str = ""
    moves: bool = False

    def cloud(self) -> Cloud:
        """The client of the stage, with the status of that kind during the transition."""
        return TransitionCloud(super().cloud(), self)

    def wait(self, seconds: float) -> None:
        """Advance the clock; the transition is over."""
        self.moves = False
        super().wait(seconds)


@dataclass
class TransitionCloud:
    """A cloud that shows a transition."""

    inner: Cloud
    stage: TransitionStage

    @property
    def identity(self) -> Identity:
        """The inner cloud's identity."""
        return self.inner.identity

    def call(self, call: Call) -> Json:
        """Call, and set the status in the response."""
        of = contract(self.stage.kind)
        try:
            answer = self.inner.call(call)
        except CloudError as error:
            self.stage.moves |= call.operation == self.stage.refused and error.fault is Fault.INVALID
            raise
        if not self.stage.moves or call.operation != of.describes.name:
            return answer
        body = answer[of.kind.compare.within] if of.kind.compare.within else answer
        shown = {**body, of.status_member: transition_status(self.stage.kind)}
        return {**answer, of.kind.compare.within: shown} if of.kind.compare.within else shown


def spec_with(case: Case, kind: str, need: str) -> str:
    """What the case adds to its spec, if it has such a text with a link to the dependency."""
    (field, *_) = (link.field for link in KINDS[kind].identity.links if link.to == need)
    word = field.split(".")[0].removesuffix("[]")
    word = word[0].lower() + word[1:]
    texts = [text for pair in (case.frozen, *case.changes.values()) for text in pair if text]
    return next((text for text in texts if word in text), texts[0] if texts else "")


def stage_in_transition(folder: Path, need: str) -> TransitionStage:
    """A stage for every kind's case, and the kind that is shown in transition."""
    knobs = Knobs(stored_definition='{"Version": "2020-12-01", "Steps": []}')
    return TransitionStage(folder, Sandbox(knobs=knobs), {"SECRET": "hush"}, poll=120, kind=need)


def test_kinds_with_transitions() -> None:
    """Endpoints, components, domains and others."""
    assert len({need for _, need in linked_kinds()}) >= 6


@pytest.mark.parametrize(("kind", "need"), walk_cases(linked_kinds()))
@pytest.mark.parametrize("moves", [True, False])
def test_a_creation_refused_during_a_transition_of_its_dependency(
    tmp_path: Path, kind: str, need: str, moves: bool
) -> None:
    """It is created after the transition; without a transition it is not tried again."""
    case, creates = CASES[kind], contract(kind).creates.name
    stage = stage_in_transition(tmp_path, need)
    assert stage.apply(*case.needs).convergence is Convergence.SETTLED
    stage.refused = creates if moves else ""
    stage.sandbox.inject(InjectedFault.INVALID, operation=creates, reason=REASON)
    report = stage.apply(*case.needs, case.document(kind, spec_with(case, kind, need)))
    tries = [record.error for record in stage.sandbox.calls if record.operation == creates]
    if moves:
        assert report.convergence is Convergence.SETTLED
        assert tries[-2:] == ["ValidationException", None]
    else:
        assert report.convergence is Convergence.STUCK
        assert tries[-1] == "ValidationException"
        (failed,) = (each for each in report.outcomes if each.step.ref.kind == kind and each.message)
        assert REASON in failed.message
        assert "in transition" not in failed.message


def updatable_members() -> Iterator[tuple[str, str]]:
    """Each kind with transitions, and a member that its Update changes."""
    for kind, case in CASES.items():
        updates = contract(kind).updates
        members = (
            (
                member
                for member in set(case.changes) - set(case.during)
                if member in shape(updates.input).members
            )
            if updates
            else ()
        )
        if transition_status(kind) and not KINDS[kind].lifecycle.runs:
            yield from ((kind, member) for member in sorted(members)[:1])


@pytest.mark.parametrize(("kind", "member"), walk_cases(updatable_members()))
def test_an_update_refused_while_its_resource_is_in_transition(
    tmp_path: Path, kind: str, member: str
) -> None:
    """A foreign change is awaited, and then the own update is made."""
    case, updates = CASES[kind], contract(kind).updates
    assert updates is not None
    before, after = (case.document(kind, text) for text in case.changes[member])
    stage = stage_in_transition(tmp_path, kind)
    assert stage.apply(*case.needs, before).convergence is Convergence.SETTLED
    stage.refused = updates.name
    stage.sandbox.inject(InjectedFault.INVALID, operation=updates.name, reason=REASON)
    assert stage.apply(*case.needs, after).convergence is Convergence.SETTLED
    tries = [record.error for record in stage.sandbox.calls if record.operation == updates.name]
    assert "ValidationException" in tries
    assert tries[-1] is None


@pytest.mark.parametrize("fault", Fault)
def test_an_invalid_call_alone_is_explained_by_a_transition(tmp_path: Path, fault: Fault) -> None:
    """After an unknown refusal AWS may have executed the call, so that it stays an attempt."""
    case, of = CASES["InferenceComponent"], contract("InferenceComponent")
    stage = stage_in_transition(tmp_path, "Endpoint")
    stage.apply(*case.needs)
    spec = spec_with(case, "InferenceComponent", "Endpoint")
    plan = stage.plan(*case.needs, case.document("InferenceComponent", spec))
    stage.moves = True
    error = CloudError(fault, "SomeException", REASON, of.creates.name)
    found = explain_refusal(stage.cloud(), step_of(plan, f"InferenceComponent/{case.name}"), error)
    assert found.fault is (Fault.BUSY if fault is Fault.INVALID else fault)
    assert (found is error) is (fault is not Fault.INVALID)
