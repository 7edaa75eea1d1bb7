"""Where the inventories of a history are kept, in files or in S3, and the lease of a run on a virtual clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.core.cloud import Cloud
from controller.inventory.model import InventoryError, LockedInventoryStore
from controller.inventory.s3_store import S3InventoryStore, S3Lease, S3Location
from tests.planned import CheckedInventoryStore
from tests.simulation.account import Account
from tests.simulation.bucket import NAME
from tests.simulation.passes import Killed


@dataclass
class Inventories:
    """The inventories of all sets. In S3 a run holds a lease, and its writes are conditional."""

    account: Account
    cloud: Cloud
    folder: Path
    in_s3: bool
    skew: float = 0.0  # seconds by which the next replica's wall clock is ahead of AWS's
    lease: S3Lease | None = None

    def opened(self, of: str) -> LockedInventoryStore:
        """The inventory of a set, opened again as in each run of a program."""
        if self.in_s3:
            return S3InventoryStore(self.cloud, S3Location(NAME, f"{of}.json"), of)
        return CheckedInventoryStore(self.folder / f"{of}.json", of)

    def text(self, of: str) -> str | None:
        """The stored text; None if there is none."""
        if self.in_s3:
            held = self.account.bucket.objects.get(f"{of}.json")
            return None if held is None else held.decode()
        file = self.folder / f"{of}.json"
        return file.read_text(encoding="utf-8") if file.exists() else None

    def write(self, of: str, text: str | None) -> None:
        """Replace the text; None deletes it."""
        if self.in_s3:
            self.account.bucket.objects.pop(f"{of}.json", None)
            if text is not None:
                self.account.bucket.objects[f"{of}.json"] = text.encode()
        elif text is None:
            (self.folder / f"{of}.json").unlink(missing_ok=True)
        else:
            (self.folder / f"{of}.json").write_text(text, encoding="utf-8")

    @contextmanager
    def lock(self, of: str) -> Iterator[LockedInventoryStore]:
        """The inventory for a run, which locks out other runs as ``S3InventoryStore.held`` does, by our clocks.

        Raises:
            InventoryError: another run holds it.

        """
        store, before = self.opened(of), self.lease
        if not isinstance(store, S3InventoryStore):
            yield store
            return
        skew = self.skew
        lease = S3Lease(
            self.cloud,
            {"Bucket": NAME, "Key": f"{of}.json.lock"},
            now=lambda: self.account.sandbox.clock.now() + skew,
            clock=lambda: self.account.seconds,
        )
        if holder := lease.acquire():
            raise InventoryError(f"the inventory is in use by {holder}")
        store._lease = self.lease = lease
        try:
            yield store
        except Killed:
            lease._over.set()  # its lease stays until it expires
            raise
        except BaseException:
            lease.release()
            raise
        else:
            lease.release()
        finally:
            self.lease = before

    def wait(self, seconds: float) -> None:
        """Advance the clock for a run, which renews its lease meanwhile."""
        self.account.wait(seconds)
        if self.lease is not None and not self.lease._put({"IfMatch": self.lease._etag}):
            self.lease._until = 0.0
