"""Who is still there: of the objects that ended while a watch had a gap, no event ever tells."""

import logging
from dataclasses import dataclass
from typing import Protocol

from controller.core.ref import Ref
from controller.operator.cached_object import Item
from controller.operator.constants import places_of
from controller.operator.isolation import isolated
from controller.operator.kube.api import Api, ApiError
from controller.operator.kube.listing import uids
from controller.operator.object_cache import Store
from controller.runtime.log import about

_log = logging.getLogger("sagectl.relist")


class Known(Protocol):
    """Whoever knows objects."""

    @property
    def store(self) -> Store:
        """The objects."""

    def gone(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Forget one."""


@dataclass
class Relist:
    """Compares the store with what the API server lists, by uid; ``namespaces`` are those that are watched."""

    api: Api
    intake: Known
    namespaces: tuple[str, ...] = ()

    def once(self) -> None:
        """Forget whom no list shows any more.

        The store is read before the lists are asked for, and these are never older than the question: whoever
        was in the store and is in no list has ended.
        """
        held: dict[str, list[Item]] = {}
        for each in self.intake.store.all():
            held.setdefault(each.ref.kind, []).append(each)
        for kind, items in sorted(held.items()):
            try:
                there = {uid for path in places_of(kind, self.namespaces) for uid in uids(self.api, path)}
            except ApiError as error:  # nobody is given up without a whole list
                _log.warning("no census", extra={"fields": {"kind": kind, "error": str(error)}})
                continue
            ended = [each for each in items if each.uid not in there]
            for each, _ in isolated(ended, self._gone, "census", lambda one: one.ref):
                _log.info("ended unseen", extra={"fields": {**about(each.ref)}})

    def _gone(self, each: Item) -> None:
        self.intake.gone(each.ref, each.uid, "census")
