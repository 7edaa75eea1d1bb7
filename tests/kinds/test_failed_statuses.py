"""A failed resource is never reported as settled: every kind with a failed status, and the permitted actions."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.core.phase import Convergence, Phase
from controller.engine.plan import Step
from controller.kinds import KINDS
from controller.kinds.display import COMMON_STATUS_PHASES
from controller.sandbox import InjectedFault
from controller.schema.contract import Contract, contract
from controller.schema.shape import shape
from tests.journeys.stage import Stage, document_text, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk_cases
from tests.kinds.test_every_kind import expected_call
from tests.soak import soak

POLICIES = ("retry: again", "retry: again\nprotect: true")
STATES = [kind for kind, row in KINDS.items() if row.lifecycle.desired_state]


def _statuses(of: Contract) -> tuple[str, ...]:
    return tuple(shape(of.body.members[of.status_member]).enum) if of.status_member else ()


def test_every_status_is_known() -> None:
    """No status of the service's model counts as an endless transition because it is unknown."""
    unknown = {
        f"{kind}: {word}"
        for kind, row in KINDS.items()
        for word in _statuses(contract(kind))
        if word not in row.lifecycle.status_phases and word not in COMMON_STATUS_PHASES
    }
    assert not unknown


def _failing_operations() -> Iterator[tuple[str, str]]:
    """Each lasting kind with a status, and which of its operations fails."""
    for kind, case in CASES.items():
        of = contract(kind)
        if of.kind.lifecycle.runs or not of.status_member:
            continue
        yield kind, of.creates.name
        if of.updates and any(expected_call(of, member) == of.updates.name for member in case.changes):
            yield kind, of.updates.name


def _step(stage: Stage, kind: str, *documents: str) -> Step:
    return step_of(stage.plan(*documents), f"{kind}/{CASES[kind].name}")


@pytest.mark.parametrize(("kind", "operation"), walk_cases(_failing_operations()))
def test_a_failed_resource_is_not_settled_by_another_try(stage: Stage, kind: str, operation: str) -> None:
    """A successful run leaves it ready, whatever differs; otherwise the run and the next plan report the failure."""
    case, of = CASES[kind], contract(kind)
    updated = of.updates and [
        member for member in case.changes if expected_call(of, member) == of.updates.name
    ]
    before, after = case.changes[updated[0]] if updated else ("", "")
    if not (case.spec or before):
        before = after = next(iter(case.changes.values()), case.frozen)[0]
    made = operation == of.creates.name
    stage.apply(*case.needs, *([] if made else [case.document(kind, before)]))
    stage.sandbox.inject(InjectedFault.FAIL, operation=operation, reason="no capacity")
    text = before if made else after
    stage.apply(*case.needs, case.document(kind, text))
    if _step(stage, kind, *case.needs, case.document(kind, text)).phase is not Phase.FAILED:
        return  # it is ready at once, or a failed update leaves it ready
    for policy in POLICIES if of.taggable and "numbered" not in _traits(kind) else POLICIES[:1]:
        document = case.document(kind, text, policy)
        report = stage.apply(*case.needs, document)
        planned = _step(stage, kind, *case.needs, document)
        assert (report.convergence is Convergence.SETTLED) == (planned.phase is Phase.READY), planned.detail
        if planned.phase is Phase.FAILED:
            assert "no capacity" in planned.detail or "gave no reason" in planned.detail
            assert not planned.action.acts


def _traits(kind: str) -> set[str]:
    found_by = KINDS[kind].identity.found_by
    return {"numbered"} if found_by is not None and found_by.marker else set()


def _least_document(kind: str, state: str, policy: str = "") -> str:
    """The minimal document of a kind with a desired state, or with none."""
    case = CASES[kind]
    text = case.document(kind, next(iter(case.changes.values()))[0])
    least: dict[str, Any] = {**yaml.safe_load(text)["spec"]}
    least.pop("desiredState", None)
    spec = {**least, **({"desiredState": state} if state else {})}
    return document_text(kind, case.name, yaml.safe_dump(spec), policy)


def _starts_and_stops() -> Iterator[tuple[str, str, str]]:
    """Each kind that is started and stopped, the operation that fails, and what is desired afterwards."""
    for kind in STATES:
        state = KINDS[kind].lifecycle.desired_state
        assert state is not None
        for operation in (contract(kind).creates.name, state.start, state.stop):
            for desired in ("", state.started, state.stopped):
                yield kind, operation, desired


_TURNS = [*_starts_and_stops()]
_SHORT = _TURNS[2::4]


@pytest.mark.parametrize(
    ("kind", "operation", "desired"),
    [*_SHORT, *soak(*(each for each in _TURNS if each not in _SHORT), names=3)],
)
def test_no_start_or_stop_is_sent_that_the_service_refuses(
    stage: Stage, kind: str, operation: str, desired: str
) -> None:
    """After a failed creation, start or stop, each desired state is reached by another try."""
    state, needs = KINDS[kind].lifecycle.desired_state, CASES[kind].needs
    assert state is not None
    if operation != contract(kind).creates.name:
        stage.apply(*needs, _least_document(kind, "Stopped" if operation == state.start else state.started))
    stage.sandbox.inject(InjectedFault.FAIL, operation=operation, reason="no capacity")
    stage.apply(*needs, _least_document(kind, "Stopped" if operation == state.stop else state.started))
    stage.forget_calls()
    document = _least_document(kind, desired, "retry: again")
    assert _step(stage, kind, *needs, document).phase is Phase.FAILED
    report = stage.apply(*needs, document)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert not [record for record in stage.sandbox.calls if record.mutating and record.error]
    planned = _step(stage, kind, *needs, document)
    assert (planned.phase, planned.action.acts) == (Phase.READY, False)
    if desired:
        assert (planned.status == state.stopped) == (desired == state.stopped)
