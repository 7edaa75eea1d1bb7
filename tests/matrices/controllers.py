"""The operator and a sync where one request to AWS ends otherwise: objects are made, changed or removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from controller.engine.order import Order
from controller.engine.plan import PlanResult
from controller.sandbox import Answer
from tests.journeys.documents import GROUP, serving
from tests.matrices.call_outcomes import raise_unexpected
from tests.matrices.cells import Interposition
from tests.simulation.account import Account
from tests.simulation.documents import Slot, bundle_of, slot
from tests.simulation.history import SET, History, Step
from tests.simulation.invariants import is_live
from tests.simulation.operators import OperatorPlayer
from tests.simulation.play import Player

_NEWER = serving("ml.m5.xlarge", "s3://bucket/two.tar.gz")
SLOTS = tuple(
    Slot(before.kind, before.name, (*before.texts, newer))
    for before, newer in zip(map(slot, (*serving(), GROUP)), (*_NEWER, GROUP), strict=True)
)
SCENARIOS = ("create", "change", "delete")
# What a deletion removes: a sync deletes an endpoint, or everything, only with an approval.
_GOES = {"operator": (0, 1, 2), "sync": (3,)}
# Seconds after which the operator has made all changes. A long time passes in strides of ten minutes, and a deletion
# waits for those of its dependents.
_WORKS = {"create": 900.0, "change": 900.0, "delete": 3600.0}
_FOLLOW = Step("sync", 0, "", 6)  # with pruning, for 1500 s


@dataclass
class InterposedAccount(Account):
    """An account of which a request may end otherwise.

    ``unexpected_at`` is an operation whose next call raises what nothing expects.
    """

    interposition: Interposition = field(default_factory=Interposition)
    unexpected_at: str = ""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond as the account, or in the chosen way."""
        carry_out = partial(Account.answer, self, method, path, headers, body)
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        if self.unexpected_at and operation == self.unexpected_at:
            self.unexpected_at = ""
            return raise_unexpected(carry_out)
        return self.interposition.answer(operation, self.seconds, carry_out)

    def living(self) -> int:
        """The number of existing resources that were created for a document."""
        return sum(is_live(row) and self.made[key].ref is not None for key, row in self.rows().items())


def edit_steps(scenario: str, name: str) -> list[Step]:
    """The changes of the objects, or of the files, while requests may end otherwise."""
    if scenario == "create":
        return []
    if scenario == "change":
        return [Step("write", number, "", 1) for number in range(len(SLOTS))]
    return [Step("remove", number) for number in _GOES[name]]


def _remaining_count(scenario: str, name: str) -> int:
    """The number of resources afterwards."""
    return len(SLOTS) - (len(_GOES[name]) if scenario == "delete" else 0)


def play_operator(scenario: str, folder: Path, interposition: Interposition) -> OperatorPlayer:
    """The operator: all objects are Ready in the end, or gone.

    Raises:
        AssertionError: an invariant is broken.

    """
    account = InterposedAccount(interposition=interposition)
    player = OperatorPlayer(History(SLOTS, ()), 0, folder, lambda _: None, account)
    if scenario != "create":
        player.run(1200)
    interposition.begin()
    for each in edit_steps(scenario, "operator"):
        player.act(each)
    player.run(_WORKS[scenario])
    interposition.end()
    player.causes.clear()  # no reason may explain an object that is not Ready
    player.end()
    assert not player.invariants.broken, player.invariants.broken
    assert account.living() == _remaining_count(scenario, "operator"), account.rows()
    return player


def play_sync(scenario: str, folder: Path, interposition: Interposition) -> Player:
    """A sync: nothing is left to do in the end.

    Raises:
        AssertionError: an invariant is broken, or a plan has changes.

    """
    account = InterposedAccount(interposition=interposition)
    player = Player(History(SLOTS, ()), 0, folder, account=account)
    if scenario != "create":
        player.act(_FOLLOW)
    interposition.begin()
    for each in edit_steps(scenario, "sync"):
        player.act(each)
    player.act(_FOLLOW)
    interposition.end()
    for _ in range(4):
        player.act(_FOLLOW)
    assert not player.invariants.broken, player.invariants.broken
    plan = player.runs.plan(bundle_of(player.tree())[0], Order(set=SET, prune=True)).plan
    assert plan.result is PlanResult.NO_CHANGES, [str(each.why) for each in plan.acting]
    assert account.living() == _remaining_count(scenario, "sync"), account.rows()
    return player


CONTROLLERS: Mapping[str, Callable[[str, Path, Interposition], OperatorPlayer | Player]] = {
    "operator": play_operator,
    "sync": play_sync,
}
