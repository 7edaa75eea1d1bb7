"""Faults planted into the product, and after how many histories the simulation finds each.

``python -m tests.simulation.planted`` prints the table. What is not found shows what no invariant judges yet.
"""

import argparse
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from controller.engine import apply, decide, deletions, observe, reconcile, requests, step_builder
from controller.engine.observed import Vanished
from controller.inventory.s3_store import S3InventoryStore
from tests.botocore_memo import memoize
from tests.simulation.__main__ import tried
from tests.simulation.history import drawn

Fault = tuple[Any, str, Callable[..., Any]]
MOST = 400


def _nothing(*_: Any, **__: Any) -> Any:
    """Do nothing, and say nothing."""
    return None


def _called_twice(self: Any, step: Any, answers: list[Any]) -> Any:
    _CALL(self, step, answers)
    return _CALL(self, step, answers)


def _surely_gone(_cloud: Any, _contract: Any, _entry: Any, held: Any) -> Vanished:
    return Vanished(held.name, held.arn, agreed=True)


_CALL = apply._Run._call
FAULTS: Mapping[str, Fault] = {
    "the owner of a resource is not looked at": (decide, "barred", _nothing),
    "a deletion needs no ownership": (deletions, "_barrier", _nothing),
    "the inventory is not written before a change": (reconcile, "_save", _nothing),
    "the inventory is not written after a change": (reconcile, "_record", _nothing),
    "every call is made twice": (apply._Run, "_call", _called_twice),
    "what Describe does not find is gone": (observe, "sought", _surely_gone),
    "what a lost creation made is not looked for": (
        observe,
        "unfinished",
        lambda *_: Vanished("", agreed=True),
    ),
    "client tokens are random": (requests, "token", lambda *_: secrets.token_hex(16)),
    "differences are not seen": (step_builder, "diff", lambda *_: ()),
    "a lease is not checked": (S3InventoryStore, "_holds", lambda _: True),
    "tags are not changed back": (step_builder, "tag_changes", lambda *_: ({}, [])),
}


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The product with one fault meanwhile."""
    where, name, replacement = fault
    before = getattr(where, name)
    setattr(where, name, replacement)
    try:
        yield
    finally:
        setattr(where, name, before)


def found_after(fault: Fault, most: int = MOST) -> int:
    """How many histories it takes to find a fault that the same history without it does not show; 0 for none."""
    for seed in range(most):
        with planted(fault):
            broken = tried(drawn(seed), seed).broken
        if broken and not tried(drawn(seed), seed).broken:
            return seed + 1
    return 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planted", description=__doc__)
    parser.add_argument("--histories", type=int, default=MOST, help="after how many to give up")
    args = parser.parse_args()
    memoize()
    for name, fault in FAULTS.items():
        after = found_after(fault, args.histories)
        print(f"{name}: {f'found after {after} histories' if after else 'not found'}", flush=True)


if __name__ == "__main__":
    main()
