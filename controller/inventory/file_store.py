"""The inventory in a file, and the recovery file of a run that could not write it."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from controller.core.cloud import Leadership
from controller.inventory.model import (
    FOUND_AGAIN,
    Inventory,
    InventoryError,
    LockedInventoryStore,
    UnrecordedError,
)
from controller.inventory.views import merge_inventories
from controller.runtime.atomic_file import OWNER_ONLY, replace_file


class FileInventoryStore:
    """A ``LockedInventoryStore`` of one set in a file.

    The file lock can't be lost, so there is no ``leadership`` to check.
    """

    leadership: None = None

    def __init__(self, path: Path, of: str) -> None:
        self.path = path
        self._set = of

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; a new one if there is no file yet.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """
        target = self.target()
        try:
            text = target.read_bytes()
        except FileNotFoundError:
            return Inventory(self._set, account, region, secrets.token_hex(32), fresh=True)
        except OSError as error:
            raise InventoryError(f"{self.path} can't be read: {error.strerror}") from error
        from controller.inventory.codec import read_for

        return read_for(text, str(self.path), self._set, account, region)

    def save(self, inventory: Inventory) -> None:
        """Write the inventory atomically: a reader sees the old file or the new one.

        Raises:
            InventoryError: it can't be written.

        """
        from controller.inventory.codec import encode

        target = self.target()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, encode(inventory), mode=OWNER_ONLY)
        except OSError as error:
            raise InventoryError(f"{self.path} can't be written: {error.strerror}") from error

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Do nothing: there is no second location."""
        del error
        return FOUND_AGAIN

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the inventory against other runs of this machine; the system releases the lock of a killed run.

        Raises:
            InventoryError: another run holds it.

        """
        target = self.target()
        lock = target.with_name(target.name + ".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        except OSError as error:
            raise InventoryError(f"{lock} can't be opened: {error.strerror}") from error
        try:
            _write_holder(descriptor, lock, self.path)
            yield
        finally:
            os.close(descriptor)

    def target(self) -> Path:
        """The file itself: the target of a link is read, locked and replaced, and the link stays.

        Raises:
            InventoryError: the link is circular, or leads into a missing folder; or it is no file.

        """
        if not self.path.is_symlink():
            target = self.path
        else:
            try:
                target = self.path.resolve()
            except (OSError, RuntimeError) as error:  # RuntimeError: a circular link, before Python 3.13
                raise InventoryError(f"{self.path} is a link that can't be followed: {error}") from None
            if target.is_symlink() or not target.parent.is_dir():
                where = (
                    "leads in a circle"
                    if target.is_symlink()
                    else f"leads to {target}, and that folder is not there"
                )
                raise InventoryError(f"{self.path} is a link that {where}")
        if not target.is_file() and target.exists():
            raise InventoryError(f"{self.path} is no file")
        return target


def _write_holder(descriptor: int, lock: Path, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = lock.read_text(encoding="ascii", errors="replace").strip() or "unknown"
        raise InventoryError(
            f"{path} is in use by another run, process {holder}; wait for it or stop it"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())


_SUFFIX = ".recovery"


@dataclass
class Recovering:
    """A ``LockedInventoryStore`` that merges the recovery file of an earlier run.

    Args:
        inner: the store of the inventory.
        where: its address, for messages.
        recovery_paths: the paths where a recovery file is searched and written, the best first.

    """

    inner: LockedInventoryStore
    where: str
    recovery_paths: tuple[Path, ...]
    found: Path | None = None
    read: Inventory | None = None

    @property
    def leadership(self) -> Leadership | None:
        """The leadership of the inventory."""
        return self.inner.leadership

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock out other runs; a recovered inventory without further changes is written at the end."""
        with self.inner.lock():
            yield
            if self.found is not None and self.read is not None:
                self.save(self.read)

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, merged with a recovery file.

        Raises:
            InventoryError: one of them can't be read, or belongs to another set, account or region.

        """
        inventory = self.inner.load(account, region)
        self.found = next((each for each in self.recovery_paths if each.exists()), None)
        self.read = inventory if self.found is None else _with_recovered(self.found, inventory)
        return self.read

    def save(self, inventory: Inventory) -> None:
        """Write the inventory with the recovered changes, and delete the recovery file.

        Raises:
            InventoryError: it can't be written.

        """
        self.inner.save(inventory)
        if self.found is not None:
            with suppress(OSError):
                self.found.unlink(missing_ok=True)
            self.found = None

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Write a recovery file; returns a text about it."""
        from controller.inventory.codec import encode

        pair = {"base": json.loads(encode(error.base)), "left": json.loads(encode(error.left))}
        content = json.dumps({"recovery_of": self.where, **pair}, indent=1).encode()
        last = Path(tempfile.gettempdir()) / f"{self.recovery_paths[-1].name}.{os.getpid()}"
        for path in (*self.recovery_paths, last):
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(path, content, mode=OWNER_ONLY)
                moved = f"; move it to {self.recovery_paths[0]} first" if path == last else ""
                return f"it is kept in {path}, which the next run with this inventory reads{moved}"
        return "no recovery file could be written either; the next run finds again what carries our tags"


def with_recovery(inner: LockedInventoryStore, where: str, target: Path | None, folder: Path) -> Recovering:
    """A ``Recovering`` store with the paths of its recovery file: beside the inventory, and in the working folder."""
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in where.rpartition("://")[2])
    beside = () if target is None else (target.with_name(target.name + _SUFFIX),)
    return Recovering(inner, where, (*beside, folder / f"{name}{_SUFFIX}"))


def _with_recovered(path: Path, inventory: Inventory) -> Inventory:
    """The inventory with the changes of a recovery file.

    Raises:
        InventoryError: the file is damaged, or another set's.

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
    return merge_inventories(base, left, inventory)
