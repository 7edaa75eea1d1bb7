"""Faults planted into the product, and after how many histories the simulation finds each.

``python -m tests.simulation.planted`` prints the table. What is not found shows what no invariant judges yet.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from controller.core.phase import Phase
from controller.engine import (
    absence,
    apply,
    decide,
    deletions,
    lookup,
    reconcile,
    record_attempts,
    step_builder,
    update_inventory,
)
from controller.inventory.model import Entry
from controller.inventory.s3_store import S3Lease
from controller.operator import event_handler, finalizer
from controller.operator.leader_election import Lease
from controller.operator.object_deletions import DeletionHold
from controller.operator.object_inventory import ObjectInventoryStore
from controller.operator.object_patcher import ObjectPatcher
from tests.simulation.many import WAYS, prepare
from tests.simulation.play import try_play

Fault = tuple[Any, str, Callable[..., Any]]
MOST = 400


def _nothing(*_: Any, **__: Any) -> Any:
    """Do nothing."""
    return None


def _call_twice(self: Any, step: Any, answers: list[Any]) -> Any:
    _CALL(self, step, answers)
    return _CALL(self, step, answers)


_CALL = apply._Run._call
_PHASE = lookup.phase
FAULTS: Mapping[str, Fault] = {
    "the owner of a resource is not looked at": (decide, "blocked_by_owner", _nothing),
    "the inventory is not written before a change": (reconcile, "_inventory_before", lambda held, *_: held),
    "the inventory is not written after a change": (reconcile, "record", _nothing),
    "every call is made twice": (apply._Run, "_call", _call_twice),
    "differences are not seen": (step_builder, "diff", lambda *_: ()),
    "tags are not changed back": (step_builder, "tag_changes", lambda *_: ({}, [])),
    "what is to be made is not noted": (record_attempts, "_before_step", lambda entry, *_: entry),
    "an entry ends with its turn": (update_inventory, "_is_needed", lambda _: False),
    "what is made carries no owner": (step_builder, "own_tags", lambda *_, **__: {}),
    "a step does not wait for what it needs": (apply._Run, "_is_met", lambda *_: True),
    "the lease of an inventory is not looked at": (S3Lease, "holds", lambda _: True),
}
OF_OPERATOR: Mapping[str, Fault] = {
    "the Lease is not looked at": (Lease, "holds", lambda _: True),
    "an object goes without its resource": (finalizer, "_hold_of", lambda *_: DeletionHold(retain=True)),
    "memory is not written before a change": (ObjectInventoryStore, "write_entry", _nothing),
    "an object is not held by a finalizer": (ObjectPatcher, "add_finalizer", _nothing),
    "an object that changed requests no pass": (event_handler, "_needs_reconcile", lambda *_: False),
}
OF_DIRECTED: Mapping[str, Fault] = {
    "a deletion needs no ownership": (deletions, "_blocking_step", _nothing),
    "a List that shows a resource is not believed": (absence, "is_listed", lambda *_: False),
    "an entry holds a resource of any name": (Entry, "holds", lambda *_: True),
    "what AWS is at work on counts as ready": (
        lookup,
        "phase",
        lambda *of: Phase.READY if _PHASE(*of) is Phase.CHANGING else _PHASE(*of),
    ),
}
# Not found, and harmless: that the inventory forgets a former generation (``update_inventory._named`` without ``old``).
# All kinds with generations have our tag except executions of pipelines and versions of images: the index of tags
# shows the former one in the pass that creates the next, which records it like one of an unanswered creation.
# Where the index lags, a later pass finds it; where its tag was removed, nothing may delete it.
BY_WAY: Mapping[str, Mapping[str, Fault]] = {"runs": FAULTS, "directed": OF_DIRECTED, "operator": OF_OPERATOR}


@contextmanager
def plant_fault(fault: Fault) -> Iterator[None]:
    """The product with one fault for the block."""
    where, name, replacement = fault
    before = getattr(where, name)
    setattr(where, name, replacement)
    try:
        yield
    finally:
        setattr(where, name, before)


def found_after(fault: Fault, most: int = MOST, way: str = "runs") -> int:
    """The number of histories until one fails with the fault and passes without it; 0 for none."""
    of = WAYS[way]
    for seed in range(most):
        with plant_fault(fault):
            broken = try_play(of.draw(seed), seed, player=of.player).broken
        if broken and not try_play(of.draw(seed), seed, player=of.player).broken:
            return seed + 1
    return 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--histories", type=int, default=MOST, help="after how many to give up")
    args = parser.parse_args()
    prepare()
    for way, faults in BY_WAY.items():
        for name, fault in faults.items():
            after = found_after(fault, args.histories, way)
            print(f"{name}: {f'found after {after} histories' if after else 'not found'}", flush=True)


if __name__ == "__main__":
    main()
