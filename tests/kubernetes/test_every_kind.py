"""One tree with an object of every kind, on a real API server through the operator."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from controller.kinds import KINDS
from controller.sandbox import Knobs
from tests.journeys.edits import AFTER, BEFORE, CHANGED, FROZEN, Document, update_of
from tests.journeys.remaining_resources import remaining_arns
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl, admin_requests

_LONGEST = 300.0  # seconds, for each part, on a machine with two cores that others use too


@pytest.fixture
def stage(kubectl: Kubectl, tmp_path: Path) -> Iterator[OperatorStage]:
    """An account in which an hour passes within seconds."""
    with operator_stage(kubectl, tmp_path, Knobs(pace=2000)) as made:
        yield made


def _name(kind: str) -> str:
    return str(BEFORE[kind]["metadata"]["name"])


def _wait_for_all(kinds: Iterable[str], holds: Callable[[str], object]) -> None:
    """Wait until a condition is true for each kind, one after the other: a poll of all takes some hundred requests."""
    end = time.monotonic() + _LONGEST
    for kind in kinds:
        try:
            wait_until(partial(holds, kind), max(end - time.monotonic(), 0.0))
        except AssertionError as error:
            raise AssertionError(f"not in time: {kind}") from error


def _wait_until_ready(stage: OperatorStage, documents: Mapping[str, Document]) -> None:
    _wait_for_all(documents, lambda kind: stage.is_ready(kind, _name(kind)))


def _changes_of_another_pass(stage: OperatorStage, token: str) -> list[str]:
    """The changes in AWS by a further pass over each object."""
    made = len(stage.changes())
    for kind in KINDS:
        stage.annotate(kind, _name(kind), reconcile_at=token)
    _wait_for_all(
        KINDS, lambda kind: stage.get(kind, _name(kind))["status"].get("lastHandledReconcileAt") == token
    )
    return stage.changes()[made:]


def _is_refused(stage: OperatorStage, document: Document) -> bool:
    """Whether the API server refuses an object in place of the existing one."""
    kind: str = document["kind"]
    path = f"{stage.kubectl.path(kind, _name(kind))}?fieldManager=kubectl&fieldValidation=Strict&force=true"
    answer = admin_requests(stage.kubectl.access).send("PATCH", path, document, "apply-patch+yaml")
    assert answer.accepted or "can't be changed" in answer.message, answer.message
    return not answer.accepted


@pytest.mark.waits
def test_the_life_cycle_of_an_object_of_every_kind(stage: OperatorStage) -> None:
    """Applied in any order, all get Ready; each is updated, or its change refused; deleted at once, none is left.

    A further pass over each changes nothing in AWS, neither when all is made nor when all is updated.
    """
    stage.start(kinds=ALL_KINDS, deletion_limit="0")
    stage.apply(*(BEFORE[kind] for kind in sorted(BEFORE, reverse=True)))
    _wait_until_ready(stage, BEFORE)
    assert _changes_of_another_pass(stage, "made") == []

    made = len(stage.changes())
    stage.apply(*(AFTER[kind] for kind in sorted(CHANGED)))
    _wait_for_all(CHANGED, lambda kind: update_of(kind) in stage.changes()[made:])
    _wait_until_ready(stage, AFTER)
    assert _changes_of_another_pass(stage, "updated") == []

    made = len(stage.changes())
    taken = {kind for kind, document in FROZEN.items() if not _is_refused(stage, document)}
    _wait_for_all(taken, lambda kind: stage.reason(kind, _name(kind)) == "Immutable")
    assert stage.changes()[made:] == []

    for kind in KINDS:
        stage.annotate(kind, _name(kind), confirm_deletion="Delete")
        _delete(stage, kind)
    _wait_for_all(KINDS, lambda kind: not stage.get(kind, _name(kind)))
    stays = remaining_arns(stage)
    assert not stays, (stays, [line for arn in stays for line in _log_lines(stage, arn)])


def _log_lines(stage: OperatorStage, arn: str) -> list[str]:
    """The operator's log lines of a resource's kind: its name is the first part of the ARN, without dashes."""
    kind = arn.rpartition(":")[2].partition("/")[0].replace("-", "")
    return [line for line in stage.log().read_text(encoding="utf-8").splitlines() if kind in line.lower()]


def _delete(stage: OperatorStage, kind: str) -> None:
    answer: Any = admin_requests(stage.kubectl.access).send("DELETE", stage.kubectl.path(kind, _name(kind)))
    assert answer.accepted, answer.message
