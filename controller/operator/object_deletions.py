"""Bulk deletions of objects: they wait for a person's confirmation before anything is deleted in AWS.

Objects are deleted in bulk with their namespace (by the namespace controller), with their definition (by the API
server), and by one command, or one commit of another tool, for very many objects. None of these proves that the AWS
resources are meant as well.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import Any

from controller.engine.deletion_consent import Cause, DeletionFacts, DeletionLimit, HeldDeletions, decide
from controller.kinds import KINDS
from controller.operator.cached_object import Item
from controller.operator.constants import CONFIRM, definition_name, definition_path, namespace_path
from controller.operator.kube.api import METADATA, Api, ApiError
from controller.operator.kube.request import ApiPath
from controller.operator.object_cache import ObjectCache

_SHARE = 0.2
_WINDOW = 60.0  # seconds between deletions that count as made at about the same time
_MOST = 10_000  # deletions that are remembered; then the oldest are forgotten
_KEPT = 5.0  # seconds for which a holding answer is cached; a releasing one is never cached


class ConsentAnswer(Enum):
    """The values of the annotation."""

    DELETE = "Delete"
    RETAIN = "Retain"


@dataclass(frozen=True)
class DeletionHold:
    """Whether the deletion of an object's resource may continue.

    Attributes:
        why: why it must wait, and what to do; empty if it need not.
        retain: whether a person requested that the resource stays in AWS.
        settles: seconds after which this can be decided; 0 if it is.

    """

    why: str = ""
    retain: bool = False
    settles: float = 0.0


_FREE = DeletionHold()


@dataclass
class Deletions:
    """Judges the deletions of objects. Thread-safe.

    Attributes:
        api: the API server.
        store: the objects.
        deletes: whether deleting an object deletes its resource in AWS without an approval.
        limit: how many objects of a namespace may be deleted at about the same time, or a fifth of them if that is
            more; 0 for any number.
        settle: seconds after a deletion is first seen in which others may follow it.
        now: a monotonic clock, in seconds.

    """

    api: Api
    store: ObjectCache
    deletes: Callable[[Item], bool]
    limit: int = 20
    settle: float = 1.0
    now: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _first: dict[str, float] = field(default_factory=dict)
    _ended: dict[str, list[float]] = field(default_factory=dict)
    _kept: dict[ApiPath, tuple[float, DeletionHold]] = field(default_factory=dict)

    def decide(self, item: Item) -> DeletionHold:
        """Decide about the deletion of an object whose resource would be deleted with it.

        A permitted one waits for further deletions, so that they are counted together and share reads of AWS.

        Raises:
            ApiError: the API server could not be read.

        """
        hold = self._consent(item)
        if hold is not None and (hold.why or hold.retain):
            return hold
        left = self._left_to_settle(item)
        if left > 0:
            return DeletionHold(settles=left)
        return hold or (self._hold_if_many(item) if self.limit and item.ref.kind in KINDS else _FREE)

    def _consent(self, item: Item) -> DeletionHold | None:
        """The answer from annotations and deletions of object, namespace and definition; None if there is none."""
        hold = annotated_decision(item.annotations, str(item.ref))
        if hold is not None:
            return hold
        namespace, kind = item.ref.namespace, item.ref.kind
        for path, what in (
            (namespace_path(namespace), f"namespace {namespace}"),
            (definition_path(kind), f"customresourcedefinition {definition_name(kind)}"),
        ):
            found = self._decision_above(path, what)
            if found is not None:
                held = decide(DeletionFacts(frozenset({str(item.ref)}), parent=found.why))
                return _hold_with_message(held[0], namespace) if held else found
        return None

    def _left_to_settle(self, item: Item) -> float:
        """The seconds to wait for further deletions after the first one; 0 for a GitSync, which shares no reads."""
        if item.ref.kind not in KINDS:
            return 0.0
        with self._lock:
            if len(self._first) > _MOST:
                self._first.clear()
            return self._first.setdefault(item.uid, self.now()) + self.settle - self.now()

    def record_end(self, item: Item) -> None:
        """Record that an object was deleted with its resource."""
        with self._lock:
            self._first.pop(item.uid, None)
            if CONFIRM not in item.annotations:
                ended = self._ended.setdefault(item.ref.namespace, [])
                ended.append(_deletion_time(item))
                del ended[:-_MOST]

    def _decision_above(self, path: ApiPath, what: str) -> DeletionHold | None:
        """The answer from the deletion of a namespace or a definition; None if it is not being deleted.

        It is read for each object: an earlier answer may be outdated by exactly the deletion in question.
        """
        with self._lock:
            until, kept = self._kept.get(path, (0.0, _FREE))
        if self.now() < until:
            return kept
        found = self._read_consent(path, what)
        if found is not None and found.why:
            with self._lock:
                self._kept[path] = self.now() + _KEPT, found
        return found

    def _read_consent(self, path: ApiPath, what: str) -> DeletionHold | None:
        try:
            metadata: Mapping[str, Any] = self.api.get(path, METADATA).get("metadata") or {}
        except ApiError as error:
            if error.is_not_found:
                return DeletionHold(_condition_message(f"there is no {what} any more", "the object"))
            if error.status == HTTPStatus.FORBIDDEN:
                return DeletionHold(
                    _condition_message(f"the operator may not read the {what} (sagectl rbac)", "the object")
                )
            raise
        if "deletionTimestamp" not in metadata:
            return None
        hold = annotated_decision(metadata.get("annotations") or {}, what)
        return hold or DeletionHold(
            _condition_message(f"the {what} is being deleted", f"the {what}, or the object,")
        )

    def _hold_if_many(self, item: Item) -> DeletionHold:
        """The hold if very many objects of the namespace are deleted at about the same time."""
        with self._lock:
            ended = list(self._ended.get(item.ref.namespace, ()))
        here = [each for each in self.store.all() if each.ref.namespace == item.ref.namespace]
        going = [each for each in here if each.is_deleting and self._counts(each)]
        at = _deletion_time(item)
        facts = DeletionFacts(
            frozenset(str(each.ref) for each in (item, *going) if abs(_deletion_time(each) - at) <= _WINDOW),
            earlier=tuple("" for each in ended if abs(each - at) <= _WINDOW),
            size=len(here),
            limit=DeletionLimit(self.limit, _SHARE),
        )
        return next((_hold_with_message(held, item.ref.namespace) for held in decide(facts)), _FREE)

    def _counts(self, item: Item) -> bool:
        """Whether an object that is being deleted deletes its resource without a confirmation."""
        return item.has_finalizer and CONFIRM not in item.annotations and self.deletes(item)


def _hold_with_message(held: HeldDeletions, namespace: str) -> DeletionHold:
    """A decision for an object, with its message."""
    if held.cause is Cause.PARENT:
        return DeletionHold(held.detail)
    count = len(held.ids) + held.earlier
    where = f"{count} objects of the namespace {namespace} are deleted at once, more than {held.most}"
    return DeletionHold(_condition_message(where, "each object"))


def annotated_decision(annotations: Mapping[str, str], what: str) -> DeletionHold | None:
    """The answer in a person's annotation; None if there is none."""
    message = annotations.get(CONFIRM)
    if message is None:
        return None
    if message not in [each.value for each in ConsentAnswer]:
        values = " nor ".join(each.value for each in ConsentAnswer)
        return DeletionHold(f"the annotation {CONFIRM} of {what} is neither {values}: nothing is deleted")
    return DeletionHold(retain=message == ConsentAnswer.RETAIN.value)


def _deletion_time(item: Item) -> float:
    """When the deletion of an object was requested: seconds since 1970, by the server's clock."""
    return datetime.fromisoformat(item.metadata["deletionTimestamp"]).timestamp()


def _condition_message(why: str, whom: str) -> str:
    return (
        f"{why}, so its resource in AWS is not deleted: annotate {whom} with {CONFIRM}=Retain to keep the resource"
        f" and let the object go, or with {CONFIRM}=Delete to delete both"
    )
