"""A history as plain data: its documents, and what happens to them, to the account and to us, step by step."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from controller.sandbox import InjectedFault
from tests.kinds.cases import CASES
from tests.simulation.documents import Slot, draw_slots

SET, RIVAL = "team", "rival"  # our set, and that of another installation on the same account


@dataclass(frozen=True)
class Step:
    """One step: the event, its document, and its value or number."""

    act: str
    slot: int = 0
    value: str = ""
    number: int = 0


@dataclass(frozen=True)
class History:
    """Documents and steps. Without any document or step the rest is a history as well."""

    slots: tuple[Slot, ...]
    steps: tuple[Step, ...]

    def text(self) -> str:
        """The history as JSON."""
        return json.dumps(asdict(self), indent=1)


def parse_history(text: str) -> History:
    """The history written by ``History.text``."""
    plain: Mapping[str, Any] = json.loads(text)
    made = tuple(Slot(each["kind"], each["name"], tuple(each["texts"])) for each in plain["slots"])
    return History(made, tuple(Step(**each) for each in plain["steps"]))


# What another user does to a resource in AWS.
FOREIGN = ("untag", "retag", "delete", "update", "occupy", "occupy-tagged", "forge", "scale")
# Faults of a single request; FAIL and ROLLBACK come later, while AWS works.
FAULTS = (
    InjectedFault.THROTTLE,
    InjectedFault.DENIED,
    InjectedFault.IN_USE,
    InjectedFault.LIMIT,
    InjectedFault.UNSUPPORTED,
    InjectedFault.STALE,
    InjectedFault.INVALID,
    InjectedFault.UNKNOWN,
    InjectedFault.MISSING,
    InjectedFault.GARBLED,
    InjectedFault.SILENT,
    InjectedFault.FAIL,
)
# The requests of a kind that a fault may affect; the empty one is any.
OPERATIONS = ("", "", "Create", "Describe", "Update", "Delete", "List", "ListTags", "AddTags", "GetResources")
INVENTORIES = ("lose", "truncate", "old")


_SHARE = 16  # successive histories with the same documents, of which bundles and AWS's responses are cached


def draw_history(seed: int) -> History:
    """The history of a seed. Most are short: a long one seldom finds what many short ones do not."""
    made = tree_of(seed)
    chance = random.Random(seed)
    steps: list[Step] = []
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 2, 3, 3, 6))):
        steps += _draw_event(chance, made)
    return History(made, (*steps, Step("apply")))


def draw_sync_history(seed: int) -> History:
    """The history of a seed in which a sync process makes all runs except destructions."""
    history = draw_history(seed)
    return replace(history, steps=tuple(map(_as_sync_step, history.steps)))


def _as_sync_step(step: Step) -> Step:
    if step.act in ("apply", "pass"):
        return replace(step, act="sync", value="")
    if step.act in ("crash", "overtake"):
        # How a sync is killed at its n-th change.
        return replace(step, act="sync", number=step.number + 4)
    return step


def draw_directed_history(seed: int) -> History:
    """The history of a seed that begins with events which rarely follow each other by chance."""
    made, chance = tree_of(seed), random.Random(f"directed {seed}")
    steps = list(_DIRECTED[seed % len(_DIRECTED)](chance, chance.randrange(len(made)), made))
    if chance.random() < 0.5:
        steps += _draw_event(chance, made)
    return History(made, (*steps, Step("apply", number=chance.choice((1, 2)))))


def _draw_false_absence(chance: random.Random, slot: int, made: tuple[Slot, ...]) -> Iterator[Step]:
    """Describe does not find an existing resource, whose document stays, is removed or changes."""
    yield from (Step("apply"), Step("wait", number=4000))
    yield Step(chance.choice(("remove", "rename", "write", "wait")), slot, "", 1)
    yield Step("fault", slot, f"{InjectedFault.MISSING.value}:Describe{made[slot].kind}", 20)
    yield Step("pass", number=2)


def _draw_passes_while_working(chance: random.Random, slot: int, made: tuple[Slot, ...]) -> Iterator[Step]:
    """Passes follow each other while AWS works."""
    yield from (Step("pass", number=2) for _ in range(chance.choice((2, 3, 5))))
    yield Step("write", slot, "", chance.randint(1, 3))
    yield from (Step("pass", number=2) for _ in range(2))


def _draw_forged_tag(chance: random.Random, slot: int, made: tuple[Slot, ...]) -> Iterator[Step]:
    """Another user creates a resource with our tag, before there is an entry, or in place of ours."""
    yield from [Step("apply"), Step("foreign", slot, "delete")] if chance.random() < 0.5 else ()
    yield from (Step("remove", slot), Step("pass", number=2), Step("foreign", slot, "forge", 1))
    yield Step("restore", slot)
    yield Step("write", slot, "", 0)
    yield from (Step("apply", number=1), Step("pass", number=2))


def _draw_generations(chance: random.Random, slot: int, made: tuple[Slot, ...]) -> Iterator[Step]:
    """A generation is replaced before the former one is deleted."""
    yield Step("apply")
    for number in range(1, chance.choice((3, 4))):
        yield Step("write", slot, "", number)
        yield Step(chance.choice(("pass", "crash")), 0, chance.choice(("before", "after")), number)
    yield Step("inventory", value=chance.choice(("old", "lose")))


def _draw_foreign_deletion(chance: random.Random, slot: int, made: tuple[Slot, ...]) -> Iterator[Step]:
    """A document's resource is foreign when its deletion is due: retagged, recreated, or never owned."""
    whose = chance.choice(("retag", "untag", "occupy", "occupy-tagged", "forge"))
    if whose in ("retag", "untag"):
        yield Step("apply")
    elif chance.random() < 0.5:
        yield from (Step("apply"), Step("foreign", slot, "delete"))
    yield Step("foreign", slot, whose)
    end = chance.choice(("remove", "rename", "write", "destroy", "destroy"))
    if end == "destroy":
        yield Step("destroy", number=_NAMED_PRUNE)
        return
    yield Step(end, slot, "", 1)
    yield Step(chance.choice(("apply", "pass")), number=_NAMED_PRUNE)


_NAMED_PRUNE = 2  # the number of a run that prunes, with a confirmation of everything that the plan blocks
_DIRECTED = (
    _draw_false_absence,
    _draw_passes_while_working,
    _draw_forged_tag,
    _draw_generations,
    _draw_foreign_deletion,
)


def tree_of(seed: int) -> tuple[Slot, ...]:
    """The documents of a seed's history."""
    return _tree(seed // _SHARE)


@lru_cache(4)
def _tree(number: int) -> tuple[Slot, ...]:
    chance = random.Random(f"tree {number}")
    return draw_slots(chance, chance.sample(sorted(CASES), chance.choice((1, 1, 1, 1, 2, 2, 3))))


def _draw_event(chance: random.Random, made: tuple[Slot, ...]) -> list[Step]:
    """One event, mostly followed by a run that it affects."""
    draw = chance.choices(list(_DRAWS), [weight for _, weight in _DRAWS.values()])[0]
    step = _DRAWS[draw][0](chance, made)
    runs = [_run(chance, made)] if chance.random() < 0.7 else []
    return [step, *runs]


def _run(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    act = chance.choices(("apply", "pass", "crash", "destroy"), (10, 3, 4, 1))[0]
    when = chance.choice(("before", "after"))
    return Step(act, 0, when, chance.randint(1, 12))


def _write(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("write", chance.randrange(len(made)), "", chance.randint(0, 3))


def _draw_named(act: str) -> Callable[[random.Random, tuple[Slot, ...]], Step]:
    return lambda chance, made: Step(act, chance.randrange(len(made)))


def _foreign(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("foreign", chance.randrange(len(made)), chance.choice(FOREIGN), chance.randint(0, 3))


def _fault(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    slot, verb = chance.randrange(len(made)), chance.choice(OPERATIONS)
    name = verb if verb in ("", "ListTags", "AddTags", "GetResources") else verb + made[slot].kind
    return Step("fault", slot, f"{chance.choice(FAULTS).value}:{name}", chance.choice((1, 1, 1, 2, 3, 20)))


def _inventory(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("inventory", 0, chance.choice(INVENTORIES))


def _rival(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("rival", number=chance.randint(0, 5))


def _sync(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("sync", 0, chance.choice(("", "before", "after")), chance.randint(1, 9))


def _overtake(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("overtake", 0, chance.choice(("before", "after")), chance.randint(1, 8))


def _lag(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("lag", number=chance.choice((0, 5, 60)))


def _wait(chance: random.Random, made: tuple[Slot, ...]) -> Step:
    return Step("wait", number=chance.choice((1, 30, 300, 4000)))


_DRAWS: Mapping[str, tuple[Callable[[random.Random, tuple[Slot, ...]], Step], int]] = {
    "run": (_run, 4),
    "write": (_write, 5),
    "remove": (_draw_named("remove"), 2),
    "restore": (_draw_named("restore"), 2),
    "rename": (_draw_named("rename"), 1),
    "spoil": (_draw_named("spoil"), 1),
    "shuffle": (_draw_named("shuffle"), 1),
    "move": (_draw_named("move"), 1),
    "rival": (_rival, 2),
    "sync": (_sync, 2),
    "overtake": (_overtake, 1),
    "foreign": (_foreign, 5),
    "fault": (_fault, 6),
    "inventory": (_inventory, 1),
    "secret": (_draw_named("secret"), 1),
    "wait": (_wait, 2),
    "lag": (_lag, 1),
}
