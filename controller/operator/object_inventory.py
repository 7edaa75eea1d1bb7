"""The inventory entry of an object, with the spec last applied, in the object's own status.

An API server stores objects of at most 1.5 MiB (etcd's --max-request-bytes), and a pipeline's definition alone may be 1
MiB. So a long text is compressed; if that is not enough its long values are replaced by digests.

The entry before a change is written before the first call that changes AWS, with the resource version that the pass has
read, and after our finalizer. The entry after a pass is written with the status, and so is that of a pass without
changes.

Whoever may write the status can write the entry too. So it carries the operator's signature, for this object, set,
account and region; without a valid one it names a resource, but proves nothing (``provenance``).
"""

import base64
import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import Identity
from controller.engine.provenance import without_proof
from controller.inventory.codec import check_format, entry_json, read_entry
from controller.inventory.model import FOUND_AGAIN, Entry, Inventory, InventoryError, UnrecordedError
from controller.kinds import KINDS
from controller.manifests.claims import shared_value_of
from controller.manifests.document import Deletion, ReleasePolicy
from controller.operator.cached_object import Item
from controller.operator.kube.request import ApiError
from controller.operator.signature import SignedSubject, Signer
from controller.runtime.bounded_text import inflate, is_deep, parse_bounded

_SHORT = 4096  # characters up to which it is not compressed, to stay readable
_MOST = 131_072  # characters of a compressed text
_LARGEST = 8_388_608  # bytes of a spec
_VALUES = 500_000  # of a spec; valid ones have far fewer, and a forged text must not exhaust the RAM
_LONGEST = (8192, 1024, 128)  # of a kept value; the next limit is used if one is not enough
_PACKED = "zlib:"
_MARK = "\0sha256:"  # no string that AWS accepts begins with NUL
_ESCAPED = json.dumps(_MARK)[1:-1]


class Digested(str):
    """Placeholder of a long string of which only the digest is recorded: equal to that string only."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # what is equal by digest can't have one hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        return str.__eq__(self, other if isinstance(other, Digested) else _digest_mark(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


def spec_text(spec: Mapping[str, Any]) -> str:
    """A spec as text; equal specs give the same text."""
    text = _text(spec)
    if len(text) <= _SHORT and _ESCAPED not in text:
        return text
    packed = _pack(text)
    for longest in _LONGEST:
        if len(packed) <= _MOST:
            break
        packed = _pack(_text(_shorten(spec, longest)))
    return packed


def read(text: str) -> dict[str, Any]:
    """The spec of a text from ``written``.

    Raises:
        ValueError: it is malformed.

    """
    packed = text.startswith(_PACKED)
    data = inflate(text[len(_PACKED) :], _LARGEST) if packed else text.encode()
    document = parse_bounded(data, _VALUES)
    if not isinstance(document, dict):
        raise ValueError("it is not the text of a spec")  # noqa: TRY004 - text of another form is a wrong value
    return {name: _restore_digests(value) for name, value in document.items()}


def _text(spec: Mapping[str, Any]) -> str:
    return json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _pack(text: str) -> str:
    return _PACKED + base64.b64encode(zlib.compress(text.encode())).decode()


def _shorten(value: Any, longest: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _shorten(inner, longest) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shorten(inner, longest) for inner in value]
    is_long = isinstance(value, str) and not isinstance(value, Digested) and len(value) > longest
    return _digest_mark(value) if is_long else value


def _digest_mark(text: str) -> str:
    return _MARK + hashlib.sha256(text.encode()).hexdigest()


def _restore_digests(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _restore_digests(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_restore_digests(inner) for inner in value]
    return Digested(value) if isinstance(value, str) and value.startswith(_MARK) else value


_FORMAT = 2
_WHOLE = 1  # the form of 0.1.0, in which the entry held the spec
Memo = Mapping[str, Any]


@dataclass
class ObjectInventoryStore:
    """An ``InventoryStore`` of one pass: the entry of its object, and read-only those of its dependencies.

    ``note`` writes a memory into the status; ``memo`` is the memory to write after the pass. ``foreign_signature`` is
    the signature of a memory that another operator wrote, as it was read.
    """

    item: Item
    siblings: Iterable[Item]
    set: str
    key: str
    signer: Signer
    note: Callable[[Memo | None], None]
    memo: Memo | None = None
    entry: Entry = field(init=False)
    foreign_signature: str = field(init=False, default="")
    _noted: bool = False
    _serial: int = 0  # the serial of this pass's write, if any
    _where: tuple[str, str] = ("", "")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, account: str, region: str) -> Inventory:
        """Read the entries."""
        self._where = account, region
        self.memo = self.item.status.get("memory")
        self.foreign_signature = self._foreign_signature()
        self.entry = own_entry = self._read(self.item)
        deletion, protect = _deletion(self.item) or own_entry.deletion, self.item.policy.get("protect")
        protects = protect if isinstance(protect, bool) else own_entry.protect
        releases = self.item.policy.get("release") == ReleasePolicy.ALLOW.value
        own_entry = replace(own_entry, deletion=deletion, protect=protects, release=releases)
        entries = {self.item.ref: own_entry}
        for other in self.siblings:
            if (entry := self._of_sibling(other)) is not None:
                entries[other.ref] = entry
        return Inventory(
            self.set, account, region, self.key, {r: e for r, e in entries.items() if e != Entry(r)}
        )

    def save(self, inventory: Inventory) -> None:
        """Record the object's entry."""
        entry = inventory.entries.get(self.item.ref)
        self.entry = entry or Entry(self.item.ref)
        account, region = self._where
        if entry is None:
            self.memo = None
        else:
            self._serial = self.signer.next_serial(self.item.uid)
            where = {"account": account, "region": region}
            document = {"format": _FORMAT, "serial": self._serial, **where, **_entry_memo(entry)}
            self.memo = {**document, "signature": self.signer.sign(self._subject(self.item), document)}

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Do nothing: there is no second location."""
        del error
        return FOUND_AGAIN

    def write_entry(self) -> None:
        """Write the recorded entry to the cluster; called before each change, effective before the first.

        Raises:
            ApiError: the object has changed since it was read, or the server refused.

        """
        with self._lock:  # the engine may start several changes at once
            if not self._noted:
                self.note(self.memo)
                self._noted = True
                self.signer.note_written(self.item.uid, self._serial)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Write the result if an exception ends a pass after it began to change something."""
        try:
            yield
        except Exception:
            if self._noted:
                with suppress(ApiError):  # the entry before the first change is written
                    self.note(self.memo)
                    self.signer.note_written(self.item.uid, self._serial)
            raise

    def _read(self, item: Item) -> Entry:
        """The entry of an object, marked as unproved if its signature is invalid.

        Raises:
            InventoryError: it can't be read, or is of another account or region.

        """
        entry, memo = entry_of(item), item.status.get("memory") or {}
        its = memo.get("account", self._where[0]), memo.get("region", self._where[1])
        if its != self._where:
            here = ", ".join(self._where)
            raise InventoryError(f"{item.ref} is in account {its[0]}, {its[1]}, and this is {here}")
        return entry if not memo or self._is_trusted(item) else without_proof(entry)

    def _of_sibling(self, item: Item) -> Entry | None:
        """The entry of a dependency; None if it can't be read and is not signed by this operator."""
        try:
            return self._read(item)
        except InventoryError:
            if self._is_trusted(item):
                raise
            return None

    def _foreign_signature(self) -> str:
        memo = self.item.status.get("memory")
        if not isinstance(memo, Mapping) or "signature" not in memo or self._is_trusted(self.item):
            return ""
        return str(memo["signature"])

    def _is_trusted(self, item: Item) -> bool:
        memo = item.status.get("memory")
        if not isinstance(memo, Mapping):
            return False
        fields = {name: value for name, value in memo.items() if name != "signature"}
        return self.signer.is_trusted(self._subject(item), fields, memo.get("signature"))

    def _subject(self, item: Item) -> SignedSubject:
        return SignedSubject(item.uid, item.ref, self.set, *self._where)


def is_proof(item: Item, signer: Signer, owner: str, where: Identity) -> bool:
    """Whether a signed memory proves that an object created, or began to create, the resource of its current spec.

    Args:
        item: the object.
        signer: checks the signature.
        owner: the set.
        where: the account and region.

    """
    memo = item.status.get("memory")
    if not isinstance(memo, Mapping) or is_deep(memo):
        return False
    fields = {name: value for name, value in memo.items() if name != "signature"}
    subject = SignedSubject(item.uid, item.ref, owner, where.account, where.region)
    if not signer.is_trusted(subject, fields, memo.get("signature")):
        return False
    try:
        entry = entry_of(item)
    except InventoryError:
        return False
    applied = entry.applied
    kept = applied is None or shared_value_of(KINDS[item.ref.kind], dict(applied)) == item.parsed.shared
    return kept and (entry.was_made or entry.attempt is not None)


def entry_of(item: Item) -> Entry:
    """The entry of an object, in any format.

    Raises:
        InventoryError: it can't be read.

    """
    memo = item.status.get("memory")
    if not memo:
        return Entry(item.ref)
    if not isinstance(memo, Mapping) or is_deep(memo):
        raise InventoryError(f"status.memory of {item.ref} is nothing that an operator wrote")
    try:
        check_format(memo.get("format"), (_WHOLE, _FORMAT))
    except InventoryError as error:
        raise InventoryError(f"status.memory of {item.ref} can't be read: {error}") from None
    entry = read_entry(item.ref, memo.get("entry"))
    try:
        return replace(entry, applied=read(str(memo["applied"]))) if "applied" in memo else entry
    except ValueError as error:
        raise InventoryError(f"status.memory.applied of {item.ref}: {error}") from None


def _deletion(item: Item) -> Deletion | None:
    """The policy of deletion; None if unset.

    Raises:
        InventoryError: it has an unknown value, so that it is unknown what may be deleted.

    """
    desired = item.value.get("policy")
    document = desired.get("deletion") if isinstance(desired, Mapping) else desired
    if document is None:
        return None
    if document not in [each.value for each in Deletion]:
        raise InventoryError(
            f"policy.deletion of {item.ref} is not {', '.join(each.value for each in Deletion)}"
        )
    return Deletion(document)


def _entry_memo(entry: Entry) -> dict[str, Any]:
    fields = {"entry": entry_json(replace(entry, applied=None))}
    return fields if entry.applied is None else {**fields, "applied": spec_text(entry.applied)}
