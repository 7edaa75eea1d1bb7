"""Signatures of memories in the cluster, which tenants may be able to write.

A tenant who may write the status of objects, or SyncMemory, can write any memory. The operator's own carry an
HMAC-SHA256 (RFC 2104) over the content and its subject. Its key is derived from the operator's key by HMAC with a label
of this use, as RFC 5869 expands a key, so that it differs from the key of the digests of secrets.

A serial number orders the memories of one object. A memory with a lower number than this process has written or trusted
was replayed, and proves nothing. The highest numbers are kept as long as the process runs.
"""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.digest import canonical
from controller.core.ref import Ref

_LABEL = b"sagemaker.gitops.dev/memory/v1"


@dataclass(frozen=True)
class SignedSubject:
    """The subject of a memory: an object by its UID and name; a set in an account and region."""

    uid: str
    ref: Ref
    set: str
    account: str
    region: str


class Signer:
    """Signs and checks memories with one key. Thread-safe.

    Args:
        key: the operator's own key; only one derived from it is used.

    """

    def __init__(self, key: str) -> None:
        self._key = hmac.new(key.encode(), _LABEL, hashlib.sha256).digest()
        self._newest: dict[str, int] = {}
        self._lock = threading.Lock()

    def next_serial(self, uid: str) -> int:
        """The next serial number of an object, above all earlier ones."""
        with self._lock:
            return self._newest.get(uid, 0) + 1

    def note_written(self, uid: str, serial: int) -> None:
        """Record that the cluster accepted a memory: older ones are replays from now on."""
        with self._lock:
            self._newest[uid] = max(serial, self._newest.get(uid, 0))

    def sign(self, subject: SignedSubject, content: Mapping[str, Any]) -> str:
        """The signature of a content, which holds its ``serial``: 64 hexadecimal digits."""
        text = canonical(
            {
                "uid": subject.uid,
                "kind": subject.ref.kind,
                "namespace": subject.ref.namespace,
                "name": subject.ref.name,
                "set": subject.set,
                "account": subject.account,
                "region": subject.region,
                "content": content,
            }
        )
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def is_trusted(self, subject: SignedSubject, content: Mapping[str, Any], signature: object) -> bool:
        """Whether this operator wrote a content for this subject, and nothing newer since."""
        if not isinstance(signature, str):
            return False
        if not hmac.compare_digest(self.sign(subject, content).encode(), signature.encode()):
            return False
        serial = content.get("serial")
        if not isinstance(serial, int):
            return False
        with self._lock:
            if serial < self._newest.get(subject.uid, 0):
                return False
        self.note_written(subject.uid, serial)
        return True

    def forget(self, uid: str) -> None:
        """Drop the number of a deleted object."""
        with self._lock:
            self._newest.pop(uid, None)
