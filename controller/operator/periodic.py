"""Periodic tasks: the resync that detects drift in bulk, and others.

The List's element and the tags of a resource are compared with those when it was last settled. Resources whose List
does not show changes are read one by one, spread over the interval.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import Cloud, CloudError
from controller.core.digest import digest
from controller.core.ref import Ref
from controller.engine.bulk_reads import Listed, is_unchanged, lists_changes, read_list
from controller.engine.lookup import owned_tags
from controller.manifests.document import Deletion
from controller.operator.accounts import Role
from controller.operator.cached_object import Item
from controller.operator.context import OperatorContext
from controller.operator.deletion_batch import is_as_made, recorded_entry
from controller.operator.isolation import map_isolated
from controller.runtime.backoff import jitter
from controller.runtime.clock import Clock
from controller.runtime.throttling import LONG
from controller.runtime.workqueue import Queue
from controller.schema.contract import Contract, contract

_log = logging.getLogger("sagectl.periodic")


@dataclass
class PeriodicThread:
    """A thread that repeats its work after a pause.

    Attributes:
        name: its name in the log.
        work: one round; an exception is logged.
        every: seconds between rounds, plus or minus a tenth.
        first: seconds before the first.

    """

    name: str
    work: Callable[[], None]
    every: float
    first: float
    _stop: threading.Event = field(default_factory=threading.Event)
    _requested: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def request(self) -> None:
        """Request a round now; if one is running, another follows it."""
        self._requested.set()

    def stop(self) -> None:
        """Stop after the current call."""
        self._stop.set()
        self._requested.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        pause = self.first
        while not self._wait_for_stop(pause):
            pause = self.every
            try:
                self.work()
            except Exception:  # noqa: BLE001 - no pass needs a round, and the next comes
                _log.exception("the periodic task failed", extra={"fields": {"round": self.name}})

    def _wait_for_stop(self, pause: float) -> bool:
        self._requested.wait(jitter(pause))
        self._requested.clear()
        return self._stop.is_set()


_resync_log = logging.getLogger("sagectl.resync")


@dataclass
class Sweep:
    """The periodic resync of all settled objects; ``known`` is each one's List element when it was settled."""

    context: OperatorContext
    queue: Queue[Ref]
    known: dict[Ref, str] = field(default_factory=dict)

    def run_once(self) -> None:
        """One resync, by the leader."""
        if not self.context.is_leader():
            return
        groups: dict[tuple[Any, str], list[Item]] = {}
        for each, role in map_isolated(self.context.store.all(), self._role, "sweep", lambda one: one.ref):
            if role is not None:
                groups.setdefault((role, each.ref.kind), []).append(each)
        tags: dict[Any, Mapping[str, Mapping[str, str]]] = {}
        for (role, kind), items in sorted(groups.items(), key=lambda group: group[0][1]):
            cloud = self._cloud(items[0])
            if cloud is None:
                continue
            if role not in tags:
                tags[role] = owned_tags(cloud) or {}
            self._kind(cloud, contract(kind), items, tags[role])
        there = {each.ref for items in groups.values() for each in items}
        self.known = {ref: mark for ref, mark in self.known.items() if ref in there}

    def _cloud(self, item: Item) -> Cloud | None:
        try:
            return self.context.cloud(item.ref.namespace, "sweep", LONG)
        except CloudError as error:
            _resync_log.warning(
                "no account", extra={"fields": {"namespace": item.ref.namespace, "error": str(error)}}
            )
            return None

    def _kind(self, cloud: Cloud, contract: Contract, items: list[Item], tags: Mapping[str, Any]) -> None:
        found = _list_kind(cloud, contract)
        for _ in map_isolated(
            items, lambda one: self._check_object(one, found, tags), "sweep", lambda one: one.ref
        ):
            pass

    def _check_object(self, each: Item, found: Listed | None, tags: Mapping[str, Any]) -> None:
        entry = recorded_entry(each)
        seen = found.of(entry.name) if found is not None else None
        if seen is None:
            self._enqueue(each, soon=found is not None)
            return
        mark = digest([seen, tags.get(entry.arn.lower())])
        if self.known.get(each.ref) != mark and not self._is_as_observed(each, seen):
            self._enqueue(each, soon=each.ref in self.known)
        elif each.old_generations and self.context.deletion(each) is not Deletion.RETAIN:
            # Dependents of an old generation may be deleted, which no List of its kind shows.
            self._enqueue(each, soon=False)
        self.known[each.ref] = mark

    def _role(self, each: Item) -> Role | None:
        """The role of a settled object's namespace."""
        if not each.is_settled or not self.context.intake.serves(each):
            return None
        return self.context.accounts.tenants.of(each.ref.namespace)

    def _enqueue(self, item: Item, *, soon: bool) -> None:
        """Request a pass: at once if something changed, else at some time before the next resync."""
        if soon:
            self.queue.add(item.ref, "sweep")
        else:
            self.queue.add_after(item.ref, Clock().first_interval(self.context.rules.resync))

    def _is_as_observed(self, item: Item, seen: Mapping[str, Any]) -> bool:
        """Whether the first List shows the resource as a pass observed or created it."""
        if item.ref in self.known:
            return False
        live = self.context.observed.live(item.ref)
        if live is not None:
            return is_unchanged(contract(item.ref.kind), seen, live.body)
        return self.context.observed.is_unread_creation(item) and is_as_made(seen)


def _list_kind(cloud: Cloud, contract: Contract) -> Listed | None:
    """The List of a kind; None if it does not show changes."""
    if contract.secrets or not lists_changes(contract.name):
        return None  # a Secret may change, which no List shows
    try:
        return read_list(cloud, contract)
    except CloudError as error:
        _resync_log.warning("no list", extra={"fields": {"kind": contract.name, "error": str(error)}})
        return None
