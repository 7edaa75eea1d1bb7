"""What is kept of syncs besides inventories: how they stand, and what people want of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from controller.gitops.requests import Word, read_word
from controller.gitops.status import Record
from controller.gitops.status_file import read_record, write_record


class SyncStore(Protocol):
    """Records and words by the name of their sync."""

    def record(self, name: str) -> Record:
        """How a sync stood last; a new record where none is kept.

        Raises:
            StateError: what is kept is damaged.

        """

    def keep(self, record: Record) -> None:
        """Keep how a sync stands.

        Raises:
            StateError: it can't be kept.

        """

    def word(self, name: str) -> Word:
        """What people said to a sync last.

        Raises:
            StateError: it is damaged; a rollback may stand in it, so it is not passed over.

        """


@dataclass(frozen=True)
class Folder:
    """Papers as files of a folder."""

    path: Path

    def record(self, name: str) -> Record:
        """Read a sync's record."""
        return read_record(self._record(name), name)

    def keep(self, record: Record) -> None:
        """Write a sync's record."""
        write_record(self._record(record.name), record)

    def word(self, name: str) -> Word:
        """Read what was said to a sync."""
        return read_word(word_file(self.path, name))

    def _record(self, name: str) -> Path:
        return self.path / f"{name}.json"


def word_file(folder: Path, name: str) -> Path:
    """Where people leave words for a sync."""
    return folder / f"{name}.word.json"
