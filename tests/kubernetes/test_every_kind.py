"""One tree with an object of every kind, on a real API server through the operator."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from controller.kinds import KINDS
from controller.sandbox import Knobs
from tests.journeys.tree import TREE
from tests.kubernetes.operated import Operated, operated, until
from tests.kubernetes.rig.kubectl import Kubectl

_LONGEST = 300.0  # seconds, for each half, on a machine with two cores that others use too
_NAMES = {kind: str(yaml.safe_load(text)["metadata"]["name"]) for kind, text in TREE.items()}


@pytest.fixture
def stage(kubectl: Kubectl, tmp_path: Path) -> Iterator[Operated]:
    """An account in which an hour passes within seconds."""
    with operated(kubectl, tmp_path, Knobs(pace=2000)) as made:
        yield made


def _ready(stage: Operated) -> set[str]:
    """The kinds whose object is Ready."""
    return {kind for kind, name in _NAMES.items() if stage.condition(kind, name).get("status") == "True"}


def _handled(stage: Operated, token: str) -> set[str]:
    """The kinds whose object had the turn that was requested."""
    return {
        kind
        for kind, name in _NAMES.items()
        if stage.get(kind, name)["status"].get("lastHandledReconcileAt") == token
    }


def test_an_object_of_every_kind_gets_ready_and_stays_so(stage: Operated) -> None:
    """Applied in one file, in no order, all get Ready; a further turn of each changes nothing."""
    stage.start()
    stage.apply(*(yaml.safe_load(TREE[kind]) for kind in sorted(TREE, reverse=True)))
    until(lambda: _ready(stage) == set(KINDS), _LONGEST)
    made = len(stage.changes())
    for kind, name in _NAMES.items():
        stage.note(kind, name, reconcile_at="again")
    until(lambda: _handled(stage, "again") == set(KINDS), _LONGEST)
    assert _ready(stage) == set(KINDS)
    assert stage.changes()[made:] == []
