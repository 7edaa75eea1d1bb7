"""Carry out a history: edits, foreign edits, faults, crashes and runs, and then what a person does to end it well."""

import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from controller.core.cloud import CONCURRENT_CALLS, CloudError
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.order import Order
from controller.engine.plan import Confirmation, Plan, PlanResult
from controller.engine.plan import Step as PlanStep
from controller.engine.report import Report
from controller.inventory.model import InventoryError
from controller.manifests.bundle import Bundle
from controller.sandbox import InjectedFault
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.simulation.account import Account, another_account, open_account
from tests.simulation.documents import WrittenDocument, bundle_of, rename_document
from tests.simulation.foreign import ForeignEdits
from tests.simulation.history import RIVAL, SET, History, Step
from tests.simulation.invariants import Invariants, differing_values
from tests.simulation.inventories import Inventories
from tests.simulation.open_steps import unexplained_steps
from tests.simulation.passes import Interruption, Killed, Pass, Passes, load_entries
from tests.simulation.runs import LAPSED, Runs
from tests.simulation.syncs import SyncProcess

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - files that no disk need keep
_ROUNDS = 6

Trace = Callable[[str], None]


def _no_trace(_: str) -> None:
    """Print nothing."""


@dataclass
class Outcome:
    """The result of a history: the violated invariants, and the numbers of events."""

    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Player:
    """The run of one history in an account of its own."""

    history: History
    seed: int
    folder: Path
    trace: Trace = _no_trace
    account: Account = field(default_factory=Account)
    written: list[WrittenDocument] = field(default_factory=list)
    secret: int = 0
    causes: set[str] = field(default_factory=set)
    process: SyncProcess | None = None
    followed: Bundle | None = None  # the documents that the sync's process reconciles
    earlier: str | None = None  # an earlier copy of an inventory
    invariants: Invariants = field(init=False)
    runs: Runs = field(init=False)

    def __post_init__(self) -> None:
        self.invariants = Invariants(self.account)
        cloud = open_account(self.account, self.seed)
        acts = {step.act for step in self.history.steps}
        in_s3 = "overtake" in acts and "sync" not in acts  # a sync keeps its inventory in a file here
        inventories = Inventories(self.account, cloud, self.folder, in_s3)
        passes = Passes(self.account, cloud, self._judged)
        self.runs = Runs(self.account, passes, inventories, self._secret, self.invariants)
        self.written = [WrittenDocument(slot) for slot in self.history.slots]

    @property
    def counts(self) -> Counter[str]:
        """The numbers of events."""
        return self.runs.counts

    def _judged(self, done: Pass) -> None:
        self.counts["passes"] += 1
        self.invariants.after(done)
        for each in done.plan.steps if done.plan else ():
            if each.action is not Action.NOOP:
                self.trace(f"    {each.action.name} {each.id} {each.why.value} {each.detail[:150]}")
        for mutation in done.mutations:
            record = mutation.record
            self.trace(f"        {record.operation} {record.error or ''} {record.params}"[:300])
        for outcome in done.report.outcomes if done.report and done.report.consented else ():
            if outcome.calls or outcome.fault:
                self.trace(f"        {outcome.step.id} {outcome.result.value} {outcome.message[:150]}")
        ended = "killed" if done.report is None else "done" if done.report.consented else "planned"
        self.trace(f"    set {done.owner}: {ended}")

    def _secret(self, reference: Mapping[str, Any]) -> str:
        return f"secret-{self.secret}"

    def play(self) -> Outcome:
        """All steps, then the end."""
        for each in self.history.steps:
            self.counts["steps"] += 1
            if self.written:
                step = replace(each, slot=each.slot % len(self.written))
                self.trace(f"{step.act} {self.written[step.slot].slot.ref} {step.value} {step.number}")
                self.act(step)
        self.trace("the end")
        self.end()
        self.counts["calls"] = len(self.account.sandbox.calls)
        return Outcome(self.invariants.broken, self.counts)

    def act(self, step: Step) -> None:
        """One step."""
        _ACTS[step.act](self, step)

    # the documents

    def _write(self, step: Step) -> None:
        self.written[step.slot].variant = step.number
        self.written[step.slot].spoiled = False
        self.causes.add("edited")
        if contract(self.written[step.slot].slot.kind).kind.lifecycle.runs is not None:
            self.causes.add("destroyed")  # the run of the former text is stopped permanently

    def _remove(self, step: Step) -> None:
        self.written[step.slot].present = False
        self.causes.add("removed")

    def _restore(self, step: Step) -> None:
        self.written[step.slot].present = True

    def _rename(self, step: Step) -> None:
        written = self.written[step.slot]
        written.slot = rename_document(written.slot, written.slot.name + "-2")
        self.causes |= {"edited", "removed"}

    def _spoil(self, step: Step) -> None:
        self.written[step.slot].spoiled = True

    def _shuffle(self, step: Step) -> None:
        first = self.written[: step.slot]
        self.written[: len(self.written)] = [*self.written[step.slot :], *first]

    def _move(self, step: Step) -> None:
        """The document moves to the other set, or back."""
        written = self.written[step.slot]
        written.of = RIVAL if written.of == SET else SET
        self.causes |= {"removed", "foreign owner"}
        if contract(written.slot.kind).kind.lifecycle.runs is not None:
            self.causes.add("destroyed")  # the set that it leaves stops its run permanently

    def _rotate(self, step: Step) -> None:
        self.secret += 1

    def tree(self, of: str = SET) -> tuple[str, ...]:
        """The texts of a set's documents; of a second cluster with the same tree, all of them."""
        mine = tuple(each.text for each in self.written if each.present and each.of == of)
        return mine if mine or of == SET else self.tree()

    # runs

    def _run(self, step: Step) -> None:
        at = Interruption(step.number, step.value == "after") if step.act == "crash" else None
        order = Order(set=SET, prune=step.number % 2 == 0, destroy=step.act == "destroy")
        self.causes |= {"destroyed"} if order.destroy else set()
        self.runs.apply(self.tree(), order, at, named=step.number % 3 > 0, once=step.act == "pass")

    def _rival(self, step: Step) -> None:
        """A run of another installation: a set of its own on the same account, perhaps with the same documents."""
        self.causes.add("foreign owner")
        self.counts["rival"] += 1
        self.runs.apply(
            self.tree(RIVAL), Order(set=RIVAL, prune=step.number % 2 == 0), once=step.number % 3 == 0
        )

    def _sync(self, step: Step) -> None:
        """A sync process for a while; one that was killed is started again."""
        self.counts["syncs"] += 1
        if self.process is None:
            inventories, cloud = self.runs.inventories, self.runs.passes.cloud
            self.process = SyncProcess(
                self.account,
                cloud,
                inventories,
                self.tree,
                self._secret,
                prune=step.number % 2 == 0,
                concurrency=CONCURRENT_CALLS if self.seed % 4 == 3 else 1,
            )
        killed = step.value and step.number > 4
        self.process.interruption.left = step.number - 4 if killed else 0
        self.process.interruption.after = step.value == "after"
        # A sync's plans are not visible here; it releases what policy.deletion keeps.
        kept = {each.slot.ref for each in self.written if "deletion: Retain" in each.text}
        self.invariants.released |= {(SET, each) for each in kept}
        bundle, faulty = bundle_of(self.tree())
        if faulty and self.followed is not None:
            bundle = self.followed  # an invalid revision changes nothing, and a run that began continues
        self.followed = bundle
        held = load_entries(self.runs.inventories.opened(SET))
        with self.runs.passes.watched(SET, bundle, held):
            try:
                self.process.run(300 if step.number % 3 else 1500)
            except Killed:
                self.counts["crashes"] += 1
                self.process = self.followed = None
        if self.process is not None and self.process.panics:
            self.invariants.broken.append("a pass of the sync ended with an unexpected exception")

    def _overtake(self, step: Step) -> None:
        if not self.runs.inventories.in_s3:
            self._run(step)  # a file has no lease, and is locked by its process
            return
        at = Interruption(step.number, step.value == "after")
        order = Order(set=SET, prune=step.number % 2 == 0)
        self.runs.inventories.skew = float(step.number % 5) * 5
        self.runs.overtaken(self.tree(), order, at, LAPSED if step.number % 3 else 40.0)

    def _inventory(self, step: Step) -> None:
        """The inventory is lost, damaged, or restored from an earlier copy."""
        kept = self.runs.inventories
        text = kept.text(SET)
        if text is None:
            return
        self.invariants.note_lost(SET)
        kept.write(SET, {"lose": None, "truncate": text[: len(text) // 2], "old": self.earlier}[step.value])
        self.earlier = text
        self.causes.add("lost")

    # the account

    def _wait(self, step: Step) -> None:
        self.account.wait(step.number)

    def _lag(self, step: Step) -> None:
        """Lists, tags and the index of Search show from now on the state of some seconds ago."""
        sandbox, lag = self.account.sandbox, float(step.number)
        sandbox.knobs = replace(sandbox.knobs, list_lag=lag, search_lag=lag)
        self.counts["lags"] += 1
        self.invariants.stale |= lag > 0

    def _fault(self, step: Step) -> None:
        fault, _, operation = step.value.partition(":")
        inject = self.account.sandbox.inject
        inject(InjectedFault(fault), operation=operation or None, times=step.number, seconds=90)
        self.counts[f"fault {fault}"] += 1
        self.causes.add(fault)
        self.invariants.stale |= fault == InjectedFault.STALE.value

    def _foreign(self, step: Step) -> None:
        self.counts[f"foreign {step.value}"] += 1
        edits = ForeignEdits(self.account, self.runs, self.written)
        with self.account.as_other_user():
            edits.make(step.value, self.written[step.slot], step.number)
        self.causes |= edits.causes

    # the end

    def end(self) -> None:
        """Faults stop, a person corrects documents and inventory, and runs continue until no change is left."""
        self.account.sandbox.clear_faults()
        self.account.wait(LAPSED)
        for each in self.written:
            each.spoiled = False
        sets = (SET, RIVAL) if any(each.of == RIVAL for each in self.written) else (SET,)
        made = {of: bundle_of(self.tree(of)) for of in sets}
        if any(faulty for _, faulty in made.values()):
            return
        try:
            if "lost" in self.causes:
                self.runs.rebuild(made[SET][0], SET)
            for of, (tree, _) in made.items():
                self._settle(of, tree)
        except (InventoryError, CloudError) as error:
            self.invariants.broken.append(f"the last plan can't be made: {error}")

    def _settle(self, of: str, made: Bundle) -> None:
        """Apply until a plan has no change, or is the same as the one before."""
        last, before, order = None, "", Order(set=of, prune=True)
        for _ in range(_ROUNDS):
            self.account.wait(7200)
            report = self.runs.plan(made, order)
            plan = report.plan
            if any(each.confirmation is Confirmation.NONE for each in plan.confirmations):
                self.runs.rebuild(made, of)  # as the plan advises
                continue
            waits = any(step.action is Action.WAIT for step in plan.steps)
            if plan.fingerprint == before or not (plan.acting or plan.confirmations or waits):
                break
            before = plan.fingerprint
            last = self.runs.apply(self.tree(of), order) or last
        self._judge_end(made, report, last)

    def _judge_end(self, made: Bundle, report: Report, last: Report | None) -> None:
        broken, plan = self.invariants.broken, report.plan
        held = self.runs.inventories.opened(plan.set).load("123456789012", "us-east-1")
        ended = {each.step.id: each for each in (last.outcomes if last else ())}
        # A restored inventory lacks what was created after the copy, and a tag outside of SageMaker's index is
        # not found by a rebuild; the set that has the document now names the owner.
        moved = {each.slot.ref for each in self.written if each.present and each.of != plan.set}
        broken += self.invariants.orphans(held, plan, moved if "lost" in self.causes else ())
        broken += unexplained_steps(plan, self.causes, ended, self.invariants)
        if plan.result is PlanResult.NO_CHANGES:
            broken += self._untrue(made, plan)

    def _untrue(self, made: Bundle, plan: Plan) -> list[str]:
        """The differences that a plan without changes leaves from a fresh account with the same documents."""
        expected = fresh_account_bodies(self.tree(plan.set), self.secret)
        found: list[str] = []
        for step in plan.steps:
            resource = made.resources.get(step.ref)
            if (
                resource is None
                or step.action is not Action.NOOP
                or step.contended
                or step.why is Reason.RETAINED  # a generation before the one that its document describes
                or step.ref not in expected
            ):
                continue
            row = next((row for row in self.account.rows().values() if _is_of(row, step)), None)
            if row is None and not resource.contract.kind.lifecycle.runs:
                found.append(f"{step.id} has no changes, and nothing lives of it")
            elif row is not None:
                paths = differing_values(resource, expected[step.ref], row.body)
                found += [f"{step.id} has no changes, and differs in {each}" for each in paths]
        return found


def _is_of(row: Row, step: PlanStep) -> bool:
    return row.kind == step.ref.kind and (row.arn == step.arn or row.name == step.name)


@lru_cache(512)
def fresh_account_bodies(documents: tuple[str, ...], secret: int) -> Mapping[Ref, Any]:
    """What the resources of documents show in an account of their own without any fault."""
    with another_account(), tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        player = Player(History((), ()), 0, Path(folder))
        player.secret = secret
        report = player.runs.apply(documents, Order(set=SET))
        rows = player.account.rows().values()
        steps = report.plan.steps if report else ()
        return {step.ref: row.body for step in steps for row in rows if _is_of(row, step)}


_ACTS: Mapping[str, Callable[[Player, Step], None]] = {
    "write": Player._write,
    "remove": Player._remove,
    "restore": Player._restore,
    "rename": Player._rename,
    "spoil": Player._spoil,
    "shuffle": Player._shuffle,
    "move": Player._move,
    "secret": Player._rotate,
    "apply": Player._run,
    "pass": Player._run,
    "crash": Player._run,
    "destroy": Player._run,
    "rival": Player._rival,
    "sync": Player._sync,
    "overtake": Player._overtake,
    "inventory": Player._inventory,
    "wait": Player._wait,
    "lag": Player._lag,
    "fault": Player._fault,
    "foreign": Player._foreign,
}


def play(history: History, seed: int, trace: Trace = _no_trace) -> Outcome:
    """Run a history; ``trace`` is called with a line for each event."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return Player(history, seed, Path(folder), trace=trace).play()


Play = Callable[[History, int, Trace], Outcome]


def try_play(history: History, seed: int, trace: Trace = _no_trace, player: Play = play) -> Outcome:
    """Play a history; an exception counts as a violation."""
    try:
        return player(history, seed, trace)
    except Exception as error:  # noqa: BLE001 - whatever it is, the history broke something
        return Outcome([f"{type(error).__name__}: {error}\n{traceback.format_exc()[-900:]}"])
