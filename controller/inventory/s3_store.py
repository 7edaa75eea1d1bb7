"""The inventory as an object in S3, and the lease that one run holds on it.

Other runs wait for a killed run until its lease expires by their clocks. A holder that could not renew stops changing
AWS when a quarter of the lease is left, which covers clock differences and requests in flight. It can't write the
inventory either, because of that object's own condition.

There are two mechanisms, and only the second one is needed for a consistent inventory. A lease object prevents
concurrent runs; it is renewed while it is held, checked before each attempt of a call that changes AWS, and expires
after a run was killed. And S3 accepts a write only if the object is still the one that was read (``If-Match``), or
still does not exist (``If-None-Match: *``). Source: Amazon S3 User Guide, "How to prevent object overwrites with
conditional writes": 412 or 409 where another was first.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault, Leadership, malformed_response
from controller.inventory.model import FOUND_AGAIN, Inventory, InventoryError, MovedError, UnrecordedError
from controller.inventory.views import merge_inventories
from controller.runtime.clock import suspend_aware_time

LEASE_SECONDS = 120.0
SAFETY_MARGIN = LEASE_SECONDS / 4


class S3Lease:
    """One lease; ``now`` is seconds since 1970, ``clock`` a monotonic clock that measures how long it is held."""

    def __init__(
        self,
        cloud: Cloud,
        address: Mapping[str, str],
        duration: float = LEASE_SECONDS,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = suspend_aware_time,
    ) -> None:
        self._cloud, self._address, self._duration, self._now = cloud, address, duration, now
        self._clock, self._until = clock, 0.0
        self._identity = f"process {os.getpid()} on {socket.gethostname()} ({secrets.token_hex(4)})"
        self._etag = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def acquire(self) -> str:
        """Take it; returns the holder if that is another process.

        Raises:
            CloudError: the bucket can't be read or written.

        """
        if not self._put({"IfNoneMatch": "*"}):
            holder, until, etag = self._read()
            if until > self._now() and holder != self._identity:
                return holder
            if not self._put({"IfMatch": etag} if etag else {"IfNoneMatch": "*"}):
                return "which took it just now"
        self._thread.start()
        return ""

    def holds(self) -> bool:
        """Whether this process holds it, with a margin before it expires."""
        return self._clock() < self._until - self._duration / 4

    def release(self) -> None:
        """Release it; if that fails, it expires."""
        self._over.set()
        self._thread.join()
        self._until = 0.0
        try:
            if self._read()[0] == self._identity:
                self._request("DeleteObject", {})
        except CloudError:
            return

    def _renew(self) -> None:
        while not self._over.wait(self._duration / 3):
            try:
                if not self._put({"IfMatch": self._etag}) and not self._put_again():
                    self._until = 0.0
                    return
            except CloudError:
                continue

    def _put_again(self) -> bool:
        """Renew after an own write whose response was lost."""
        holder, _, etag = self._read()
        return holder == self._identity and self._put({"IfMatch": etag})

    def _put(self, condition: Mapping[str, str]) -> bool:
        until = self._clock() + self._duration
        message = json.dumps({"holder": self._identity, "until": self._now() + self._duration})
        try:
            etag = self._request("PutObject", {**condition, "Body": message.encode()}).get("ETag")
        except CloudError as error:
            if error.fault in (Fault.BUSY, Fault.MISSING, Fault.UNANSWERED):
                return False
            raise
        if not etag:
            raise malformed_response("PutObject", "it names no version")
        self._until, self._etag = until, str(etag)
        return True

    def _read(self) -> tuple[str, float, str]:
        """Its holder, expiration and version; an unreadable one counts as expired."""
        try:
            answer = self._request("GetObject", {})
            document = json.loads(answer["Body"])
            return str(document["holder"]), float(document["until"]), answer["ETag"]
        except CloudError as error:
            if error.fault is not Fault.MISSING:
                raise
            return "", 0.0, ""
        except (ValueError, KeyError, TypeError):
            return "whoever wrote what is no lease", float("inf"), ""

    def _request(self, operation: str, more: Mapping[str, Any]) -> Any:
        return self._cloud.call(Call(operation, {**self._address, **more}, service="s3"))


_MOST_RACES = 5


@dataclass(frozen=True)
class S3Location:
    """The location of an S3 object.

    Raises:
        ValueError: it is not of the form ``s3://BUCKET/KEY``.

    """

    bucket: str
    key: str

    def __post_init__(self) -> None:
        if not self.bucket or not self.key or self.key.endswith("/"):
            raise ValueError("an object in S3 is written s3://BUCKET/KEY")

    def __str__(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def address(self) -> dict[str, str]:
        """The parameters Bucket and Key."""
        return {"Bucket": self.bucket, "Key": self.key}


def parse_s3_location(text: str) -> S3Location:
    """Parse ``s3://BUCKET/KEY``.

    Raises:
        ValueError: it has another form.

    """
    bucket, _, key = text.removeprefix("s3://").partition("/")
    return S3Location(bucket, key)


class S3InventoryStore:
    """A ``LockedInventoryStore`` of one set in S3."""

    def __init__(self, cloud: Cloud, where: S3Location, of: str) -> None:
        self._cloud, self._where, self._set = cloud, where, of
        self._etag = ""
        self._base: Inventory | None = None
        self._lease: S3Lease | None = None
        self.leadership = Leadership(
            self._holds_lease, SAFETY_MARGIN, f"the lease of {where} may have passed to another run"
        )

    def _holds_lease(self) -> bool:
        return self._lease is not None and self._lease.holds()

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; a new one if there is no object yet.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """
        found = self._read(account, region)
        new = Inventory(self._set, account, region, secrets.token_hex(32), fresh=True)
        self._base, self._etag = found or (new, "")
        return self._base

    def save(self, inventory: Inventory) -> None:
        """Write the inventory over the version that was read last.

        Raises:
            InventoryError: it can't be written; or another run wrote meanwhile: then the merged inventory is written.

        """
        if self._base is None:
            self.load(inventory.account, inventory.region)
        if self._put(inventory):
            return
        for _ in range(_MOST_RACES):
            found = self._read(inventory.account, inventory.region)
            theirs, self._etag = found or (inventory, "")
            if found and theirs == inventory:  # our own write, whose response was lost
                self._base = inventory
                return
            if self._put(merge_inventories(self._base or inventory, inventory, theirs)):
                message = "was changed by another run meanwhile; what both hold is kept there"
                raise MovedError(f"{self._where} {message}; run it again")
        raise InventoryError(f"{self._where} is changed by others again and again; nothing could be written")

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Keep nothing: there is no second place."""
        del error
        return FOUND_AGAIN

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the inventory against other runs, on this machine and on others.

        Raises:
            InventoryError: another run holds it.

        """
        lease = S3Lease(self._cloud, {**self._where.address, "Key": f"{self._where.key}.lock"})
        try:
            holder = lease.acquire()
        except CloudError as error:
            raise InventoryError(f"{self._where}.lock can't be written: {error}") from error
        if holder:
            raise InventoryError(f"{self._where} is in use by another run, {holder}; wait for it or stop it")
        self._lease = lease
        try:
            yield
        finally:
            self._lease = None
            lease.release()

    def _read(self, account: str, region: str) -> tuple[Inventory, str] | None:
        from controller.inventory.codec import read_for

        try:
            answer = self._cloud.call(Call("GetObject", self._where.address, service="s3"))
        except CloudError as error:
            if error.fault is Fault.MISSING:
                return None
            raise InventoryError(f"{self._where} can't be read: {error}") from error
        body, etag = answer.get("Body", b""), answer.get("ETag")
        if not etag:
            raise InventoryError(f"{self._where} can't be read: the answer names no version")
        return read_for(body, str(self._where), self._set, account, region), str(etag)

    def _put(self, inventory: Inventory) -> bool:
        """Write over the version that was read; False if the object has changed."""
        from controller.inventory.codec import encode

        known = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        params = {
            **self._where.address,
            **known,
            "Body": encode(inventory).encode(),
            "ContentType": "application/json",
        }
        try:
            answer = self._cloud.call(Call("PutObject", params, service="s3"))
        except CloudError as error:
            if error.fault in (Fault.BUSY, Fault.MISSING, Fault.UNANSWERED):
                # Missing: it was deleted since we read it.
                return False
            raise InventoryError(f"{self._where} can't be written: {error}") from error
        if not answer.get("ETag"):
            raise InventoryError(f"{self._where} may not be written: the answer names no version")
        self._base, self._etag = inventory, str(answer["ETag"])
        return True
