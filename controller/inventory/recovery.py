"""What a run did and could not write down: kept in a file beside the inventory, and read by the next run."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from controller.core.cloud import Guard
from controller.inventory.lock import Keeper
from controller.inventory.merge import joined
from controller.inventory.model import Inventory, InventoryError, Memory, UnrecordedError
from controller.inventory.partial_view import Part
from controller.runtime.atomic_file import OWNER_ONLY, replace_file

_SUFFIX = ".recovery"


@dataclass
class Recovering:
    """A ``Keeper`` that takes in what an earlier run could not write.

    Args:
        inner: where the inventory is kept.
        where: its address, for messages.
        places: where a recovery file is looked for and written, the best first.

    """

    inner: Keeper
    where: str
    places: tuple[Path, ...]
    found: Path | None = None
    read: Inventory | None = None

    @property
    def guard(self) -> Guard | None:
        """The guard of the inventory."""
        return self.inner.guard

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs away meanwhile; what was recovered and then never changed is written down at the end."""
        with self.inner.held():
            yield
            if self.found is not None and self.read is not None:
                self.save(self.read)

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, with what a recovery file holds besides.

        Raises:
            InventoryError: one of both can't be read, or belongs to another set, account or region.

        """
        inventory = self.inner.load(account, region)
        self.found = next((each for each in self.places if each.exists()), None)
        self.read = inventory if self.found is None else _taken_in(self.found, inventory)
        return self.read

    def save(self, inventory: Inventory) -> None:
        """Write the inventory; what was recovered is then in it, and its file goes.

        Raises:
            InventoryError: it can't be written.

        """
        self.inner.save(inventory)
        if self.found is not None:
            with suppress(OSError):
                self.found.unlink(missing_ok=True)
            self.found = None

    def keep(self, error: UnrecordedError) -> str:
        """Write a recovery file; gives what became of it, in words."""
        from controller.inventory.codec import written

        pair = {"base": json.loads(written(error.base)), "left": json.loads(written(error.left))}
        content = json.dumps({"recovery_of": self.where, **pair}, indent=1).encode()
        last = Path(tempfile.gettempdir()) / f"{self.places[-1].name}.{os.getpid()}"
        for path in (*self.places, last):
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(path, content, mode=OWNER_ONLY)
                moved = f"; move it to {self.places[0]} first" if path == last else ""
                return f"it is kept in {path}, which the next run with this inventory reads{moved}"
        return "no recovery file could be written either; the next run finds again what carries our tags"


def recovering(inner: Keeper, where: str, target: Path | None, folder: Path) -> Recovering:
    """A keeper with its places for a recovery file: beside the inventory's file, and in the working folder."""
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in where.rpartition("://")[2])
    beside = () if target is None else (target.with_name(target.name + _SUFFIX),)
    return Recovering(inner, where, (*beside, folder / f"{name}{_SUFFIX}"))


def recover(memory: Memory, error: UnrecordedError) -> str:
    """Keep what a run could not write down, where its memory has a place for that; gives the whole story in words."""
    whole = memory.whole if isinstance(memory, Part) else memory
    made = f"; it was done all the same: {', '.join(error.made)}" if error.made else ""
    kept = whole.keep(error) if isinstance(whole, Recovering) else "the next turn finds it again"
    return f"{error}{made}; {kept}"


def _taken_in(path: Path, inventory: Inventory) -> Inventory:
    """The inventory with what a recovery file says was changed since it was written.

    Raises:
        InventoryError: the file is damaged, or somebody else's.

    """
    from controller.inventory.codec import read_for

    try:
        document = json.loads(path.read_bytes())
        texts = [json.dumps(document[part]).encode() for part in ("base", "left")]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InventoryError(f"{path} is not a recovery file: {type(error).__name__}") from None
    base, left = (
        read_for(text, str(path), inventory.set, inventory.account, inventory.region) for text in texts
    )
    return joined(base, left, inventory)
