"""A lease as an object in S3: taken where there is none or where it ran out, renewed while it is held.

Clocks decide how long others wait for a run that was killed. Who could not renew changes AWS no more a quarter before
the lease runs out: as much as clocks of two machines may differ and a request may take. And it can't write the
inventory either: that object's own condition stands in the way.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.runtime.lease_clock import awake

LASTS = 120.0
MARGIN = LASTS / 4


class Lease:
    """One lease; ``now`` is seconds since 1970, ``clock`` seconds by which we know how long we hold it."""

    def __init__(
        self,
        cloud: Cloud,
        address: Mapping[str, str],
        lasts: float = LASTS,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = awake,
    ) -> None:
        self._cloud, self._address, self._lasts, self._now = cloud, address, lasts, now
        self._clock, self._until = clock, 0.0
        self._me = f"process {os.getpid()} on {socket.gethostname()} ({secrets.token_hex(4)})"
        self._etag = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def take(self) -> str:
        """Take it; gives who holds it where that is another.

        Raises:
            CloudError: the bucket can't be read or written.

        """
        if not self._put({"IfNoneMatch": "*"}):
            holder, until, etag = self._read()
            if until > self._now() and holder != self._me:
                return holder
            if not self._put({"IfMatch": etag} if etag else {"IfNoneMatch": "*"}):
                return "which took it just now"
        self._thread.start()
        return ""

    def holds(self) -> bool:
        """Whether nobody else can have it for a while yet."""
        return self._clock() < self._until - self._lasts / 4

    def give_back(self) -> None:
        """Let others take it; where that can't be said, it runs out."""
        self._over.set()
        self._thread.join()
        self._until = 0.0
        try:
            if self._read()[0] == self._me:
                self._ask("DeleteObject", {})
        except CloudError:
            return

    def _renew(self) -> None:
        while not self._over.wait(self._lasts / 3):
            try:
                if not self._put({"IfMatch": self._etag}) and not self._put_again():
                    self._until = 0.0
                    return
            except CloudError:
                continue

    def _put_again(self) -> bool:
        """Renew over a write of our own of which we were not told that it went through."""
        holder, _, etag = self._read()
        return holder == self._me and self._put({"IfMatch": etag})

    def _put(self, condition: Mapping[str, str]) -> bool:
        until = self._clock() + self._lasts
        message = json.dumps({"holder": self._me, "until": self._now() + self._lasts})
        try:
            self._etag = self._ask("PutObject", {**condition, "Body": message.encode()})["ETag"]
        except CloudError as error:
            if error.fault in (Fault.BUSY, Fault.MISSING, Fault.UNANSWERED):
                return False
            raise
        self._until = until
        return True

    def _read(self) -> tuple[str, float, str]:
        """Who holds it, until when, and its version; what can't be read ran out."""
        try:
            answer = self._ask("GetObject", {})
            document = json.loads(answer["Body"])
            return str(document["holder"]), float(document["until"]), answer["ETag"]
        except CloudError as error:
            if error.fault is not Fault.MISSING:
                raise
            return "", 0.0, ""
        except (ValueError, KeyError, TypeError):
            return "whoever wrote what is no lease", float("inf"), ""

    def _ask(self, operation: str, more: Mapping[str, Any]) -> Any:
        return self._cloud.call(Call(operation, {**self._address, **more}, service="s3"))
