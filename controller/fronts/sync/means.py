"""What every sync of a process shares: the way to repositories, to the account, to files, to time and to people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from controller.core.cloud import Cloud
from controller.fronts.git.snapshot import Mirrors
from controller.fronts.memory_file import FileMemory
from controller.fronts.sync.clock import Clock
from controller.fronts.sync.record import Record
from controller.fronts.sync.sync import Sync


class Teller(Protocol):
    """Hears what happens, while it happens; never raises and never waits."""

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Something happened to a sync."""

    def stands(self, sync: Sync, before: Record, now: Record) -> None:
        """A sync stands otherwise than before."""


@dataclass(frozen=True)
class Means:
    """``stop`` is set when the process is to end; ``folder`` holds records and words."""

    mirrors: Mirrors
    cloud: Cloud
    memory: Callable[[Sync], FileMemory]
    folder: Path
    teller: Teller
    tool: str
    secrets: Callable[[Mapping[str, Any]], str]
    clock: Clock = field(default_factory=Clock)
    stop: Event = field(default_factory=Event)

    def record_file(self, name: str) -> Path:
        """Where a sync's record is kept."""
        return self.folder / f"{name}.json"

    def word_file(self, name: str) -> Path:
        """Where people leave words for a sync."""
        return self.folder / f"{name}.word.json"
