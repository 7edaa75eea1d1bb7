"""Every call of the operator and of a sync ends in every way; what comes after finds one of each and loses nothing."""

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from controller.engine.order import Order
from controller.engine.plan import PlanResult
from controller.sandbox import Answer
from tests.journeys.documents import GROUP, serving
from tests.matrices.call_outcomes import PARTS, WAYS, unexpected
from tests.simulation.account import Account
from tests.simulation.documents import Slot, bundled, slot
from tests.simulation.history import SET, History, Step
from tests.simulation.invariants import is_live
from tests.simulation.operators import OperatorPlayer
from tests.simulation.play import Player
from tests.soak import soak

_FIVE_MINUTES = 300.0  # seconds
_FEW = 7  # cells of each scenario that make test takes; make soak takes all
_NEWER = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz")
_SLOTS = tuple(
    Slot(before.kind, before.name, (*before.texts, newer))
    for before, newer in zip(map(slot, (*serving(), GROUP)), (*_NEWER, GROUP), strict=True)
)
SCENARIOS = ("create", "change", "delete")
# What a deletion removes: a sync ends an endpoint, or all there is, only where somebody approves that.
_GOES = {"operator": (0, 1, 2), "sync": (3,)}


@dataclass
class Interposed(Account):
    """An account that ends one request, counted from ``arm``, in a chosen way, and all others for so many seconds.

    ``unexpected_at`` is an operation whose next call raises what nothing expects.
    """

    unexpected_at: str = ""
    seen: int = 0
    at: int = -1
    way: str = ""
    lasting: float = 0.0
    until: float = 0.0

    def arm(self, at: int, way: str, lasting: float = 0.0) -> None:
        """Have the request number ``at`` from now on end in a way, and those after it; -1 for none of them."""
        self.seen, self.at, self.way, self.lasting, self.until = 0, at, way, lasting, 0.0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer as the account, or in the chosen way."""
        number, self.seen = self.seen, self.seen + 1
        carry_out = partial(Account.answer, self, method, path, headers, body)
        if number == self.at:
            self.until = self.seconds + self.lasting
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        if self.unexpected_at and operation == self.unexpected_at:
            self.unexpected_at = ""
            return unexpected(carry_out)
        return WAYS[self.way](carry_out) if number == self.at or self.seconds < self.until else carry_out()

    def living(self) -> int:
        """How many resources live that were made for a document."""
        return sum(is_live(row) and self.made[key].ref is not None for key, row in self.rows().items())


def _edits(scenario: str, name: str) -> list[Step]:
    if scenario == "create":
        return []
    if scenario == "change":
        return [Step("write", number, "", 1) for number in range(len(_SLOTS))]
    return [Step("remove", number) for number in _GOES[name]]


def _left(scenario: str, name: str) -> int:
    """How many resources there are afterwards."""
    return len(_SLOTS) - (len(_GOES[name]) if scenario == "delete" else 0)


def _operator(folder: Path, scenario: str, at: int, way: str, lasting: float = 0.0) -> int:
    """One cell with the operator; gives how many requests there were, and fails where an invariant is broken."""
    account = Interposed()
    player = OperatorPlayer(History(_SLOTS, ()), 0, folder, lambda _: None, account)
    if scenario != "create":
        player.run(1200)
    account.arm(at, way, lasting)
    for each in _edits(scenario, "operator"):
        player.act(each)
    player.run(900)
    seen = account.seen
    account.arm(-1, "")
    player.causes.clear()  # nothing may explain an object that is not Ready
    player.end()
    assert not player.invariants.broken, (scenario, at, way, player.invariants.broken)
    assert account.living() == _left(scenario, "operator"), (scenario, at, way)
    return seen


def _sync(folder: Path, scenario: str, at: int, way: str, lasting: float = 0.0) -> int:
    """One cell with a sync."""
    account = Interposed()
    player = Player(History(_SLOTS, ()), 0, folder, account=account)
    follow = Step("sync", 0, "", 6)  # with pruning, for 1500 s
    if scenario != "create":
        player.act(follow)
    account.arm(at, way, lasting)
    for each in _edits(scenario, "sync"):
        player.act(each)
    player.act(follow)
    seen = account.seen
    account.arm(-1, "")
    for _ in range(4):
        player.act(follow)
    assert not player.invariants.broken, (scenario, at, way, player.invariants.broken)
    plan = player.runs.plan(bundled(player.tree())[0], Order(set=SET, prune=True)).plan
    assert plan.result is PlanResult.NO_CHANGES, (scenario, at, way, [str(each.why) for each in plan.acting])
    assert account.living() == _left(scenario, "sync"), (scenario, at, way)
    return seen


class _Controller(Protocol):
    """Plays one cell; gives how many requests there were."""

    def __call__(self, folder: Path, scenario: str, at: int, way: str, lasting: float = 0.0) -> int: ...


CONTROLLERS: Mapping[str, _Controller] = {"operator": _operator, "sync": _sync}


@pytest.mark.parametrize("ways", [(), *soak(*PARTS)])
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_every_call_of_a_controller_may_end_in_every_way(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    name: str,
    scenario: str,
    ways: tuple[str, ...],
) -> None:
    """Whatever one call answers, wherever the process is killed, all is settled later: one of each, nothing lost."""
    controller = CONTROLLERS[name]
    (tmp_path / "first").mkdir()
    count = controller(tmp_path / "first", scenario, -1, "")
    assert count > 3
    cells = list(itertools.product(range(count), ways or WAYS))
    chosen = cells if ways else random.Random(11).sample(cells, _FEW)
    for number, (at, way) in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        controller(folder, scenario, at, way)
    record_property("cells", len(chosen))


@pytest.mark.parametrize(
    "outage",
    [("ExpiredTokenException", 1), *soak(("ExpiredTokenException", 12), ("no answer, not carried out", 12))],
)
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_all_calls_of_five_minutes_may_end_alike(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    name: str,
    scenario: str,
    outage: tuple[str, int],
) -> None:
    """Credentials expire, or AWS is silent, in the middle of the work and for five minutes: then it goes on."""
    controller, (way, starts) = CONTROLLERS[name], outage
    (tmp_path / "first").mkdir()
    count = controller(tmp_path / "first", scenario, -1, "")
    chosen = sorted(random.Random(f"{scenario} {way}").sample(range(count), min(starts, count)))
    for at in chosen:
        folder = tmp_path / str(at)
        folder.mkdir()
        controller(folder, scenario, at, way, _FIVE_MINUTES)
    record_property("cells", len(chosen))


_OPERATIONS = ("CreateModel", "DeleteModel", "UpdateEndpoint", "DeleteEndpointConfig")
_UNEXPECTED = "a pass ended with an unexpected exception"


def _interrupted(folder: Path, slots: tuple[Slot, ...], operation: str) -> tuple[OperatorPlayer, Interposed]:
    """The operator right after a pass over changed objects in which one call raised what nothing expects."""
    account = Interposed()
    player = OperatorPlayer(History(slots, ()), 0, folder, lambda _: None, account)
    player.run(1200)
    account.unexpected_at = operation
    for each in _edits("change", "operator"):
        player.act(replace(each, slot=each.slot % len(slots)))
    while account.unexpected_at:
        player.run(3)
    assert player.invariants.broken == [_UNEXPECTED]
    player.invariants.broken.clear()
    return player, account


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_an_exception_in_a_pass_of_the_operator_loses_nothing(tmp_path: Path, operation: str) -> None:
    """An exception that nothing expects, at a call that AWS carried out: the next passes go on, one of each is left."""
    player, account = _interrupted(tmp_path, _SLOTS, operation)
    player.end()
    assert not player.invariants.broken
    assert account.living() == len(_SLOTS)


def test_what_a_pass_of_the_operator_did_before_an_exception_is_in_the_memory(tmp_path: Path) -> None:
    """A new generation was made, and the deletion of the old one failed unexpectedly: the object knows the new one."""
    player, _ = _interrupted(tmp_path, _SLOTS[:1], "DeleteModel")
    (value,) = (each for each in player.clusters[SET].objects.values() if each["kind"] == "Model")
    memory = value["status"]["memory"]
    assert "attempt" not in memory["entry"]
    assert "two.tar.gz" in memory["applied"]
