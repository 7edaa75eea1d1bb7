"""The inventory in a file: written whole or not at all, and held by one run at a time."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.inventory.model import Inventory, InventoryError
from controller.runtime.atomic_file import OWNER_ONLY, replace_file


class FileMemory:
    """A ``Keeper`` of one set in a file; the system's lock on it can't be lost, so there is no ``guard``."""

    guard: None = None

    def __init__(self, path: Path, of: str) -> None:
        self.path = path
        self._set = of

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; a new one where there is no file yet.

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
        """Write the inventory whole, or not at all: a reader sees the old file or the new one.

        Raises:
            InventoryError: it can't be written.

        """
        from controller.inventory.codec import written

        target = self.target()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, written(inventory), mode=OWNER_ONLY)
        except OSError as error:
            raise InventoryError(f"{self.path} can't be written: {error.strerror}") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs of this machine away meanwhile; the system lets go even of a killed run.

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
            _take(descriptor, lock, self.path)
            yield
        finally:
            os.close(descriptor)

    def target(self) -> Path:
        """The file itself: behind a link it is read, locked and replaced where it is, and the link stays.

        Raises:
            InventoryError: the link leads in a circle, or into a folder that is not there; or it is no file.

        """
        if not self.path.is_symlink():
            target = self.path
        else:
            try:
                target = self.path.resolve()
            except (OSError, RuntimeError) as error:  # RuntimeError: before Python 3.13, a circle
                raise InventoryError(f"{self.path} is a link that can't be followed: {error}") from None
            if target.is_symlink() or not target.parent.is_dir():
                where = (
                    "leads in a circle"
                    if target.is_symlink()
                    else f"leads to {target}, and that folder is not there"
                )
                raise InventoryError(f"{self.path} is a link that {where}")
        if target.exists() and not target.is_file():
            raise InventoryError(f"{self.path} is no file")
        return target


def _take(descriptor: int, lock: Path, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = lock.read_text(encoding="ascii", errors="replace").strip() or "unknown"
        raise InventoryError(
            f"{path} is in use by another run, process {holder}; wait for it or stop it"
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
