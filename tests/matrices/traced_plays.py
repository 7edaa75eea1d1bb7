"""The scenarios of the matrices, with all that they leave behind as text, to compare one play with another."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from controller.sandbox import Sandbox
from tests.matrices import controllers, runs
from tests.matrices.cells import Interposition
from tests.matrices.forks import Play
from tests.simulation.operators import OperatorPlayer

_RANDOM = ("run", "key", "fingerprint", "renewTime", "acquireTime")  # members with another value in each run


def _account_state(sandbox: Sandbox) -> dict[str, Any]:
    """All calls, and all existing resources."""
    now = sandbox.clock.now()
    rows = [row for state in sandbox._states.values() for row in state.all_rows(now)]
    return {
        "now": now,
        "calls": [(each.at, each.operation, each.params, each.error) for each in sandbox.calls],
        "rows": sorted(map(repr, rows)),
    }


def _file_contents(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_bytes()) for path in folder.rglob("*.json")}


def _without_random(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_random(each) for name, each in value.items() if name not in _RANDOM}
    return [*map(_without_random, value)] if isinstance(value, list | tuple) else value


def _as_json(*found: Any) -> str:
    return json.dumps(_without_random(found), default=str)


def _play_controller(name: str, scenario: str, folder: Path, interposition: Interposition) -> str:
    player = controllers.CONTROLLERS[name](scenario, folder, interposition)
    clusters = player.clusters if isinstance(player, OperatorPlayer) else {}
    objects = [each.objects for each in clusters.values()]
    return _as_json(_account_state(player.account.sandbox), _file_contents(folder), objects, player.counts)


def _run(name: str, folder: Path, interposition: Interposition) -> str:
    stage = runs.check_next_run(name, folder, interposition)
    return _as_json(_account_state(stage.sandbox), _file_contents(folder), len(stage.plans))


PLAYS: dict[str, Play] = {
    **{
        f"{name} {scenario}": partial(_play_controller, name, scenario)
        for name in controllers.CONTROLLERS
        for scenario in controllers.SCENARIOS
    },
    **{f"run {name}": partial(_run, name) for name in runs.SCENARIOS},
}
