"""Where documents were read, and so which entries without a document a run may take for removed ones.

Whoever reads a part of what was applied sees no document for the rest; that does not mean that it was removed.
"""

from dataclasses import replace
from typing import Protocol

from controller.core.ref import Ref
from controller.engine.observed import World
from controller.inventory.model import Entry, Inventory


class Coverage(Protocol):
    """What a run reads, in names that are the same on every machine."""

    def source(self, file: str) -> str:
        """The lasting name of a file that was read, by the name in its documents' origin."""

    def covers(self, source: str) -> bool:
        """Whether this run would have read a file of that name, if it were there."""


def with_sources(held: Inventory, world: World, coverage: Coverage | None) -> Inventory:
    """The inventory, in which the entries of all documents say where those were read."""
    if coverage is None:
        return held
    entries: dict[Ref, Entry] = dict(held.entries)
    for ref in world.resolved.keys() & entries.keys():
        file = world.resolved[ref].resource.document.origin.file
        entries[ref] = replace(entries[ref], source=coverage.source(file))
    return replace(held, entries=entries)


def outside(entry: Entry, coverage: Coverage | None) -> str:
    """Why a run can't tell that an entry's document was removed; an empty text where it can."""
    if coverage is None or coverage.covers(entry.source):
        return ""
    if not entry.source:
        return "the inventory does not say where its document was, so this run may not have read it"
    return f"its document was in {shown(entry.source)}, which this run does not read"


def shown(source: str) -> str:
    """A source as people read it."""
    return source.removeprefix("file:").removeprefix("git:").removeprefix("repo:") or "."
