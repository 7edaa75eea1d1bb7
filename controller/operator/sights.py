"""What was last seen in AWS of objects that are settled: neighbours read it instead of asking again."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from controller.core.cloud import Identity
from controller.core.ref import Ref
from controller.desired.resolve import Resolved
from controller.engine.world import Live, World
from controller.operator.item import Item


@dataclass(frozen=True)
class _Sight:
    uid: str
    generation: int
    live: Live
    resolved: Resolved


class Sights:
    """Sights by object. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Ref, _Sight] = {}
        self._made: dict[Ref, tuple[str, int]] = {}

    def keep(self, item: Item, world: World) -> None:
        """Remember what a turn saw of an object that stayed as it was."""
        live, resolved = world.live.get(item.ref), world.resolved.get(item.ref)
        if live is not None and resolved is not None:
            with self._lock:
                self._seen[item.ref] = _Sight(item.uid, item.generation, live, resolved)

    def drop(self, ref: Ref) -> None:
        """Forget: it changes, or changed outside."""
        with self._lock:
            self._seen.pop(ref, None)
            self._made.pop(ref, None)

    def make(self, item: Item) -> None:
        """Note that a resource was just made as the object says, and needs no look to know."""
        with self._lock:
            self._made[item.ref] = item.uid, item.generation

    def made(self, item: Item) -> bool:
        """Whether it was made as the object says, and not looked at since."""
        with self._lock:
            return self._made.get(item.ref) == (item.uid, item.generation)

    def live(self, ref: Ref) -> Live | None:
        """What was seen of one object."""
        with self._lock:
            seen = self._seen.get(ref)
            return seen.live if seen else None

    def of(self, items: Iterable[Item], identity: Identity) -> World:
        """What is known of some objects, as far as it is of what they say now."""
        with self._lock:
            seen = {each.ref: self._seen[each.ref] for each in items if self._fits(each)}
        lives = {ref: sight.live for ref, sight in seen.items()}
        return World(identity, {ref: sight.resolved for ref, sight in seen.items()}, lives, {}, {})

    def _fits(self, item: Item) -> bool:
        seen = self._seen.get(item.ref)
        return seen is not None and (seen.uid, seen.generation) == (item.uid, item.generation)
