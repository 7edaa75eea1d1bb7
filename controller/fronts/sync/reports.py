"""Commit statuses of syncs, on change only, in a thread that nobody waits for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Thread

from controller.fronts.forges.forge import Forge
from controller.fronts.forges.outbox import Outbox
from controller.fronts.forges.status import State as Verdict
from controller.fronts.forges.status import Status
from controller.fronts.forges.statuses import Statuses
from controller.fronts.sync.means import Teller
from controller.fronts.sync.record import Record, State
from controller.fronts.sync.sync import Sync
from controller.fronts.sync.tree import SHORT

_VERDICTS = {
    State.APPLIED: Verdict.SUCCESS,
    State.FAILED: Verdict.FAILURE,
    State.WAITING: Verdict.PENDING,
    State.NEEDS: Verdict.PENDING,
    State.PENDING: Verdict.PENDING,
}
_PAUSE = 1.0


@dataclass(frozen=True)
class Desk:
    """Where the statuses of a sync go, under which name, and how its texts are freed of secrets."""

    statuses: Statuses
    context: str
    hide: Callable[[str], str] = str


class Reports:
    """A teller that passes on what it hears, and has forges told how commits fare.

    Args:
        inner: hears everything too.
        desks: where the statuses of each sync go, by its name.
        now: seconds, of the clock's scale.

    """

    def __init__(self, inner: Teller, desks: Mapping[str, Desk], now: Callable[[], float]) -> None:
        self._inner, self._desks, self._now = inner, desks, now
        self._outbox = Outbox()
        self._end = Event()
        self._thread = Thread(target=self._work, name="reports", daemon=True)

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Pass an event on."""
        self._inner.log(sync, event, **fields)

    def stands(self, sync: Sync, before: Record, now: Record) -> None:
        """Have the forge told, if the commit's verdict changed."""
        self._inner.stands(sync, before, now)
        desk, status = self._desks.get(sync.name), verdict(now)
        if desk is None or status is None or status == verdict(before):
            return
        sha, state, text = status
        told = Status(sha, desk.context, state, desk.hide(text))
        self._outbox.put(f"{sync.name} {sha}", lambda: desk.statuses.say(told), self._now())

    def run(self) -> None:
        """Try what is due, once."""
        for key, told in self._outbox.run(self._now()).items():
            self._inner.log(
                key.partition(" ")[0], "reported", fate=told.fate.name.lower(), detail=told.detail
            )

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def close(self) -> None:
        """Try once more what is due, and end."""
        self._end.set()
        self._thread.join()
        self.run()

    def _work(self) -> None:
        while not self._end.wait(_PAUSE):
            self.run()


def verdict(record: Record) -> tuple[str, Verdict, str] | None:
    """The commit that a record speaks of, how it fares, and in which words."""
    if record.refused:
        told = _here(record.refused, record.head)
        return (record.head, Verdict.FAILURE, told) if record.head else None
    if record.attempted is None or record.state not in _VERDICTS:
        return None
    return record.attempted.revision, _VERDICTS[record.state], record.message or record.state.value


def _here(why: str, revision: str) -> str:
    """Places without repository and commit: who reads a commit's status knows them, and forges take 140 signs."""
    return re.sub(rf"\S*@{re.escape(revision[:SHORT])}:", "", why)


def desk(forge: Forge, context: str, hide: Callable[[str], str]) -> Desk:
    """A desk at a forge."""
    return Desk(Statuses(forge), context, hide)
