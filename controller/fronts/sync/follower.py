"""One sync: looks where a look is due, takes a turn where a turn is due, and says when it wants to come again.

It never waits, and one thread at a time is in ``go``. What others read of it are values that are set whole.
"""

import secrets
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from controller.core.cloud import Answered, Call, CloudError, Fault, Overheard
from controller.core.phase import Standing
from controller.engine.events import Event, Happening
from controller.engine.inventory import Inventory, InventoryError
from controller.engine.report import Report
from controller.fronts.loop import PlanMoved, goes_on, moved_on
from controller.fronts.sync.allowed import allowed
from controller.fronts.sync.handover import Handover
from controller.fronts.sync.ledger import Ledger
from controller.fronts.sync.looking import Look, look, next_look
from controller.fronts.sync.means import Means
from controller.fronts.sync.record import Record, State
from controller.fronts.sync.refusals import Refusals, Stubborn
from controller.fronts.sync.sync import Sync
from controller.fronts.sync.tree import Tree, Unfit
from controller.fronts.sync.turn import Account, Consent, acted, counts, in_words, take, tried_in_vain
from controller.fronts.sync.turned import changes, turned
from controller.fronts.sync.whole import StateError
from controller.fronts.sync.word import NO_WORD, Word

NEVER = float("inf")
_FALLBACK = 30.0  # a sync that waits for another is woken by it; this is for a wake that got lost

_PATIENCE = 3  # turns after which a sync that waits for another's documents counts as at rest


class Neighbours(Protocol):
    """The other syncs, as far as one depends on them."""

    def unmet(self, of: "Follower") -> tuple[str, ...]:
        """What keeps a sync from starting, in words."""

    def moves(self, of: "Follower", held: Inventory) -> Handover:
        """What moves between a sync and the others."""


def _name() -> str:
    """A run's id, in all its log lines."""
    return secrets.token_hex(4)


@dataclass
class Run:
    """The way to one end: turns of one tree, from its first until nothing waits."""

    id: str = field(default_factory=_name)
    began: float | None = None
    earlier: Report | None = None
    consent: Consent | None = None
    changes: dict[str, int] = field(default_factory=dict)


class Follower:
    """A sync that is followed.

    Raises:
        StateError: its record is damaged.

    """

    def __init__(self, sync: Sync, means: Means, neighbours: Neighbours) -> None:
        self.sync, self._means, self._neighbours = sync, means, neighbours
        self._ledger = Ledger(sync, means)
        self.word: Word = NO_WORD
        self.tree: Tree | None = None
        self.looked = -NEVER
        self.look_due = NEVER if sync.suspend else means.clock.now()
        self.turn_due = NEVER
        self.held_back = False
        self.pulse = 0
        self._newest: Tree | Unfit | None = None
        self._misses = self._attempts = self._looks = self._held_turns = 0
        self._run = Run()
        self._applied = self._coming = ""
        self._refusals = Refusals()
        if sync.suspend:
            self._stand(replace(self.record, state=State.SUSPENDED, message=""))

    @property
    def record(self) -> Record:
        """How it stands."""
        return self._ledger.record

    @property
    def due(self) -> float:
        """When it wants to go."""
        return min(self.look_due, self.turn_due)

    @property
    def settled(self) -> bool:
        """Whether all that the newest look wants is applied."""
        return self.tree is not None and self._applied == self.tree.key and self.record.good

    @property
    def resting(self) -> bool:
        """Whether it came to an end that only a push, a person or drift changes."""
        ended = self.record.state in (State.APPLIED, State.FAILED, State.PENDING) and self._run.began is None
        unread = self.tree is None and bool(self.record.refused)
        return self.sync.suspend or (
            self._looks > 0 and (unread or (ended and not 0 < self._held_turns < _PATIENCE))
        )

    def heed(self) -> None:
        """Read what people said; a new word is acted on at once."""
        word = self._means.papers.word(self.sync.name)
        if word == self.word:
            return
        if word.pin != self.word.pin or word.look != self.record.handled:
            self.ask(self._means.clock.now())
        if word.approved != self.word.approved and self.tree is not None:
            self.turn_due = self._means.clock.now()
        self.word = word

    def ask(self, since: float, cause: str = "") -> None:
        """Wish that it looks at what was pushed until then."""
        self.look_due = min(self.look_due, since)
        if cause:
            self._coming = self._coming or _name()
            self._ledger.log("asked", run=self._coming, cause=cause)

    def go(self) -> None:
        """Do what is due. Whatever happens to one sync, the others go on."""
        try:
            if self._means.clock.now() >= self.look_due:
                self._look()
            if self.tree and not self.sync.suspend and self._means.clock.now() >= self.turn_due:
                self._turn(self.tree)
        except (CloudError, InventoryError, StateError) as error:
            self._broke(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one sync must not stop the others
            self._broke(f"this is a bug in sagectl: {type(error).__name__}: {error}")

    def _look(self) -> None:
        word, since = self.word, min(self.look_due, self._means.clock.now())
        known = self.tree if self._newest is None else self._newest
        found = look(self.sync, self._means, self.record, word, known, since=since)
        coming, self._coming = self._coming, ""
        self._looks += 1
        self._misses = self._misses + 1 if found.refused else 0
        after = next_look(found, self.sync, self._means, self._misses)
        if self._looks == 1 and not found.refused:
            after = self._means.clock.first(self.sync.timing.interval)
        self.look_due = NEVER if self.sync.suspend else self._means.clock.now() + after
        handled = word.look or self.record.handled
        if handled != self.record.handled and self._refusals.known:
            self._refusals.forget()
            self.turn_due = self._means.clock.now()
        self._stand(
            replace(
                self.record, refused=found.refused, head=found.head, released=found.released, handled=handled
            )
        )
        self._found(found, since, coming)

    def _found(self, found: Look, since: float, run: str) -> None:
        self._newest = found.tree
        if not isinstance(found.tree, Tree):
            return
        before, self.tree, self.looked = self.tree, found.tree, since
        self.pulse += 1
        if before is None or before.key != found.tree.key:
            self._begin(run)
            self._ledger.log("changed", run=self._run.id, revision=found.tree.revision)
        elif before.revision != found.tree.revision and self.record.applied and self.settled:
            applied = replace(self.record.applied, revision=found.tree.revision)
            self._stand(replace(self.record, applied=applied, attempted=applied))

    def _begin(self, run: str) -> None:
        """What is newest goes before all that waits or is to be tried again."""
        self._run, self._attempts = Run(run or _name()), 0
        self._refusals.forget()
        self.turn_due = self._means.clock.now()

    def _turn(self, tree: Tree) -> None:
        run, now = self._run, self._means.clock.now()
        if run.began is None and (unmet := self._neighbours.unmet(self)):
            self._stand(replace(self.record, state=State.NEEDS, message="; ".join(unmet)))
            self.turn_due = now + _FALLBACK
            return
        run.began = now if run.began is None else run.began
        if self.record.attempted is None or self.record.attempted.revision != tree.revision:
            self._stand(replace(self.record, state=State.WAITING, attempted=self._ledger.mark(tree, "")))
        run.consent = run.consent or Consent(self.sync.reach, self.word.approved)
        run.consent.approved = self.word.approved
        cloud, memory = self._means.cloud(self.sync), self._means.memory(self.sync)
        heard = Stubborn(Overheard(cloud, partial(self._answered, run.id)), self._refusals)
        account = Account(
            heard, memory, self._means.tool, allowed(self.sync, self._means), self._means.clock.wall()
        )
        with memory.held():
            who = cloud.identity
            moves = self._neighbours.moves(self, memory.load(who.account, who.region))
            try:
                report = take(
                    self.sync, tree, account, run.consent, moves, listen=self._heard, earlier=run.earlier
                )
            except PlanMoved as moved:
                self._run = Run()
                self.turn_due = now
                self._ledger.log("moved", message=str(moved))
                return
        applied = self._applied == tree.key and run.earlier is None
        self._took(tree, report, moves)
        took = self._means.clock.now() - now
        self._means.turned(turned(self.sync.name, self.record.state, report, took, applied=applied))

    def _took(self, tree: Tree, report: Report, moves: Handover) -> None:
        """What a turn's report means for the record and for the next turn."""
        run, now, timing = self._run, self._means.clock.now(), self.sync.timing
        run.changes = run.changes or changes(report.plan)
        message, late = in_words(report, moves), now - (run.began or now) >= timing.timeout
        self.held_back = moves.goes_on
        self._held_turns = self._held_turns + 1 if self.held_back else 0
        if goes_on(report) and not late:
            run.earlier = report
            self.turn_due = now if moved_on(report) else now + timing.poll
            self._stand(replace(self.record, state=State.WAITING, message=message))
            return
        after = self._means.clock.spread(timing.drift)
        state = State.PENDING if not report.consented else State.APPLIED
        if late and goes_on(report):
            state, message = State.FAILED, f"not done in time: {message}"
        elif report.standing is Standing.STUCK and report.consented:
            state = State.FAILED
            after = self._retry(report, after)
        self._ended(tree, report, state, message)
        self.turn_due = now + (min(after, _FALLBACK) if self.held_back else after)

    def _retry(self, report: Report, after: float) -> float:
        """Sooner where a refused call may pass, or where deletions are held back in a plan that just moved."""
        if tried_in_vain(report):
            self._attempts += 1
            return self._means.clock.pause(self._attempts, after)
        return self.sync.timing.poll if acted(report) else after

    def _ended(self, tree: Tree, report: Report, state: State, message: str) -> None:
        run, self._run = self._run, Run()
        did = acted(report) or (run.earlier is not None)
        if state is State.APPLIED:
            self._attempts, self._applied = 0, tree.key
        mark = self._ledger.mark(tree, report.plan.fingerprint)
        quiet = not did and (state, message) == (self.record.state, self.record.message)
        known = self.record.attempted
        if not (quiet and known and known.revision == mark.revision and state is State.APPLIED):
            now = self.record.ended(state, message, mark, run.changes)
            self._stand(now, run.id, plan=counts(report.plan))
        self.pulse += 1

    def trouble(self, message: str) -> None:
        """Stand as failed, for a reason that is not in repository or account."""
        self._stand(replace(self.record, state=State.FAILED, message=message))

    def _broke(self, message: str) -> None:
        self._attempts += 1
        self._run = Run()
        pause = self._means.clock.pause(self._attempts)
        self.turn_due = self._means.clock.now() + pause if self.tree else NEVER
        self.look_due = max(self.look_due, self._means.clock.now() + pause)
        self._stand(replace(self.record, state=State.FAILED, message=message))

    def _stand(self, record: Record, run: str = "", **fields: str) -> None:
        if self._ledger.stand(record, run=run or self._run.id, **fields):
            self.pulse += 1

    def _answered(self, run: str, told: Answered) -> None:
        """Calls that change something, and reads that AWS refused, each with AWS's own id of it."""
        if Call(told.operation).changes or told.fault not in (None, Fault.MISSING):
            self._ledger.log(
                "answered", run=run, operation=told.operation, code=told.code, request=told.request
            )

    def _heard(self, event: Event) -> None:
        if event.happening is Happening.CALLED and event.step and event.call:
            self._ledger.log("called", run=self._run.id, step=event.step.id, operation=event.call.operation)
