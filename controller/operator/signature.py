"""Signatures of what is remembered in the cluster, where tenants can write it.

A tenant who may write the status of objects, or SyncMemory, can write any memory. What the operator wrote itself
carries an HMAC-SHA256 (RFC 2104) over all of it and over whose it is. Its key is derived from the operator's own by
HMAC with a label of this use, as RFC 5869 expands a key, so that it is not the key of the digests of secrets.

A serial number orders what was written of one object. A memory with a lower one than this process has written or
trusted was put back by somebody, and proves nothing. The highest numbers live as long as the process.
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
    """Whose memory it is, and of what: an object by its UID and name; a set in an account and region."""

    uid: str
    ref: Ref
    set: str
    account: str
    region: str


class Signer:
    """Signs and checks by one key. Thread-safe.

    Args:
        key: the operator's own key; only one derived from it is used.

    """

    def __init__(self, key: str) -> None:
        self._key = hmac.new(key.encode(), _LABEL, hashlib.sha256).digest()
        self._newest: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, uid: str) -> int:
        """The serial number of what is written next of an object: above all that stood in the cluster."""
        with self._lock:
            return self._newest.get(uid, 0) + 1

    def note_written(self, uid: str, serial: int) -> None:
        """Note that the cluster took a memory: what is older was put back by somebody."""
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

    def trusts(self, subject: SignedSubject, content: Mapping[str, Any], signature: object) -> bool:
        """Whether this operator wrote a content, of this subject, and nothing newer since."""
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
        """Drop the number of an object that is gone for good."""
        with self._lock:
            self._newest.pop(uid, None)
