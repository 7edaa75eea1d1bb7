"""When a sync looks: at its interval, when it is asked to, and with a neighbour's answer where that will do."""

from dataclasses import dataclass

from controller.gitops.context import SyncContext
from controller.gitops.fetch import Poll
from controller.gitops.sync_spec import Sync
from controller.source.git.errors import Again

NEVER = float("inf")


@dataclass
class Schedule:
    """The looks of a sync: when the next is ``due``, how many there were, and what the last one's refusal asks for."""

    due: float
    looks: int = 0
    again: Again | None = None
    barred: bool = False  # nothing but other settings would help
    _misses: int = 0
    _as_of: float = -NEVER
    _patience: float = 0.0

    def ask(self, since: float) -> None:
        """Wish for what was pushed until then; a neighbour's older answer will not do."""
        self.due, self.barred, self._patience = min(self.due, since), False, 0.0

    def since(self, since: float, now: float) -> float:
        """From when on an answer of the server will do; ``since`` is when a neighbour last asked it.

        A look that nobody asked for takes a neighbour's answer, if it is news to us and younger than half our
        pause, and the next is reckoned from that answer: many syncs of a repository ask once an interval.
        """
        if since > max(self._as_of, now - self._patience):
            self._as_of = since
            return since
        self._as_of = now
        return min(self.due, now)

    def looked(self, found: Poll, sync: Sync, context: SyncContext) -> None:
        """Reckon when the next look is due."""
        self.again = found.again if found.refused else None
        self.barred = self.again is Again.SETTINGS
        self.looks += 1
        self._misses = self._misses + 1 if found.refused else 0
        after = self._pause(sync, context)
        if self.looks == 1 and self.again in (None, Again.COMMIT):
            after = context.clock.first(sync.timing.interval)
        self.due = NEVER if sync.suspend else self._as_of + after
        self._patience = after / 2

    def _pause(self, sync: Sync, context: SyncContext) -> float:
        """Seconds until the next look: as usual, sooner where the trouble may pass, never where a person must act."""
        usual = context.clock.spread(sync.timing.interval)
        if self.again is Again.SETTINGS:
            return usual if context.fresh else NEVER
        return context.clock.pause(self._misses) if self.again is Again.SOON else usual
