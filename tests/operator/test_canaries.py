"""Sensitive values are in no output of the operator: statuses, Events, log and metrics, for every kind."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from tests.cli.trees import CANARY, HEAD, WORKFORCE
from tests.kinds import full
from tests.kinds.bounds import ENDLESS
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import walk
from tests.kinds.sensitive_documents import FIRST, SECOND, document, markable_members, with_recognisable_texts
from tests.simulation.documents import Slot
from tests.simulation.history import SET, History, Step
from tests.simulation.operators import OperatorPlayer
from tests.simulation.replica import NAMESPACE

_FAULTS = (InjectedFault.INVALID, InjectedFault.FAIL, InjectedFault.GARBLED, InjectedFault.DENIED)


def _slot(*texts: str) -> Slot:
    value = yaml.safe_load(texts[0])
    return Slot(value["kind"], value["metadata"]["name"], texts)


def _player(folder: Path, *slots: Slot) -> OperatorPlayer:
    return OperatorPlayer(History(slots, ()), 0, folder, lambda _: None)


def _all_outputs(player: OperatorPlayer, log: pytest.LogCaptureFixture) -> Iterator[str]:
    """All outputs of an operator."""
    for _, value, _ in player.clusters[SET].events:
        yield json.dumps({name: each for name, each in value.items() if name != "spec"})
    for each in player.replicas:
        yield json.dumps(each.posted)
        yield each.metrics.process.text().decode()
    for record in log.records:
        yield f"{record.getMessage()} {record.__dict__.get('fields')} {record.exc_text}"


def _assert_no_secret(player: OperatorPlayer, log: pytest.LogCaptureFixture, *secrets: str) -> None:
    shown = "\n".join(_all_outputs(player, log))
    found = [shown[max(at - 300, 0) : at + 80] for each in secrets if (at := shown.find(each)) >= 0]
    assert not found, found[0]


def _was_sent(player: OperatorPlayer, secret: str) -> bool:
    return any(secret in str(call.params) for call in player.account.sandbox._calls)


@pytest.mark.parametrize("kind", walk(KINDS))
def test_marked_members_are_in_nothing_that_the_operator_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Created, refused, changed, failed, planned only and deleted: a marked value is only in the spec itself."""
    caplog.set_level(logging.DEBUG, "sagectl")
    number, spec = next((n, s) for n, s in enumerate(full.specs(kind)) if (kind, n) not in ENDLESS)
    members = markable_members(kind, spec)
    first = document(kind, with_recognisable_texts(kind, spec, members), [f"/{name}" for name in members])
    second = first.replace(FIRST, SECOND)
    slots = (
        *map(_slot, dependencies_of(kind, number)),
        _slot(first, second, second.replace("policy:", "policy:\n  mode: Plan")),
    )
    player, last = _player(tmp_path, *slots), len(slots) - 1
    inject = player.account.sandbox.inject
    inject(_FAULTS[number % len(_FAULTS)], operation=f"Create{kind}", times=1)
    player.run(4000)
    for variant in (2, 1, 0):
        for fault in _FAULTS:
            inject(fault, operation=f"Update{kind}", times=1)
        player.act(Step("write", last, "", variant))
        player.run(900)
    for each in range(len(slots)):
        player.act(Step("remove", each))
    player.run(4000)
    assert player.counts["passes"]
    if FIRST in first and kind == "Model":
        assert player.replicas[0].posted
    _assert_no_secret(player, caplog, FIRST, SECOND)


def test_a_secret_is_in_nothing_that_the_operator_shows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The value of a Secret is sent to AWS, and shown nowhere; also a rotated one, and one that AWS repeats."""
    caplog.set_level(logging.DEBUG, "sagectl")
    text = WORKFORCE.replace("{env: CLIENT_SECRET}", "{secretKeyRef: {name: sign-in, key: client}}")
    player = _player(tmp_path, Slot("Workforce", "crowd", (text,)))
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets/sign-in"

    def held(value: str) -> dict[str, str]:
        return {"client": base64.b64encode(value.encode()).decode()}

    player.clusters[SET].create(
        path, {"kind": "Secret", "metadata": {"name": "sign-in"}, "data": held(CANARY)}
    )
    for fault in _FAULTS:
        player.account.sandbox.inject(
            fault, operation="CreateWorkforce", times=1, reason=f"{CANARY} is no secret"
        )
        player.run(900)
    player.run(9000)
    other = f"{CANARY}-rotated"
    player.clusters[SET].change(path, data=held(other))
    player.run(4000)
    encoded = [base64.b64encode(each.encode()).decode()[:-4] for each in (CANARY, other)]
    events = [each for each in player.clusters[SET].events if each[0] != path]
    player.clusters[SET].events[:] = events
    _assert_no_secret(player, caplog, CANARY, *encoded)
    assert any(call.operation == "CreateWorkforce" for call in player.account.sandbox._calls)
    assert HEAD in text
