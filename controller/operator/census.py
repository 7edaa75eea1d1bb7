"""Who is still there: of the objects that ended while a watch had a gap, no event ever tells."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from controller.core.ref import Ref
from controller.operator.item import Item
from controller.operator.kube.api import METADATA_LIST, Api, ApiError
from controller.operator.store import Store
from controller.operator.words import places_of

_log = logging.getLogger("sagectl.census")
_PAGE = 500


class Known(Protocol):
    """Whoever knows objects."""

    @property
    def store(self) -> Store:
        """The objects."""

    def gone(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Forget one."""


@dataclass
class Census:
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
                there = {uid for place in places_of(kind, self.namespaces) for uid in self._uids(place)}
            except ApiError as error:  # nobody is given up without a whole list
                _log.warning("no census", extra={"told": {"kind": kind, "error": str(error)}})
                continue
            for each in items:
                if each.uid not in there:
                    _log.info("ended unseen", extra={"told": {"object": str(each.ref)}})
                    self.intake.gone(each.ref, each.uid, "census")

    def _uids(self, place: str) -> Iterator[str]:
        after = ""
        while True:
            found = self.api.get(f"{place}?limit={_PAGE}{after}", METADATA_LIST)
            yield from (each["metadata"]["uid"] for each in found["items"])
            token = found["metadata"].get("continue")
            if not token:
                return
            after = f"&continue={quote(token)}"
