"""Carry out a history: edits, foreign edits, faults, crashes and runs, and then what a person does to end it well."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from controller.core.cloud import CloudError
from controller.core.phase import Action
from controller.core.ref import Ref
from controller.core.secret import SecretError
from controller.engine.converge import PlanMoved, agreed, run
from controller.engine.plan import Confirmation, Plan, PlanResult
from controller.engine.reconcile import Order, rebuild
from controller.engine.report import Report
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import InventoryError
from controller.manifests.bundle import Bundle
from controller.sandbox import InjectedFault
from controller.sandbox.resource import Row
from tests.simulation.account import Account, opened
from tests.simulation.documents import Written, bundled, renamed
from tests.simulation.foreign import SET, ForeignEdits
from tests.simulation.history import History, Step
from tests.simulation.invariants import Invariants, differences
from tests.simulation.open_steps import unsettled
from tests.simulation.passes import Crash, Killed, Pass, Passes

_MEMORY = Path("/dev/shm")  # noqa: S108 - files that no disk need keep
_ROUNDS = 6


@dataclass
class Outcome:
    """What a history came to: the invariants that it broke, and how much happened in it."""

    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Player:
    """The run of one history in an account of its own."""

    history: History
    seed: int
    folder: Path
    account: Account = field(default_factory=Account)
    written: list[Written] = field(default_factory=list)
    secret: int = 0
    causes: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    kept: str = ""
    trace: Callable[[str], None] = lambda _: None
    made: Passes = field(init=False)
    invariants: Invariants = field(init=False)

    def __post_init__(self) -> None:
        self.invariants = Invariants(self.account)
        cloud = opened(self.account, self.seed)
        self.made = Passes(self.account, cloud, self._judged, self._secret)
        self.written = [Written(slot) for slot in self.history.slots]

    @property
    def store(self) -> FileInventoryStore:
        """The inventory's file, opened anew as each run of a program does."""
        return FileInventoryStore(self.folder / f"{SET}.json", SET)

    def _judged(self, done: Pass) -> None:
        self.counts["passes"] += 1
        self.invariants.after(done)
        for each in done.plan.steps if done.plan else ():
            if each.action is not Action.NOOP:
                self.trace(f"    {each.action.name} {each.id} {each.why.value} {each.detail[:150]}")
        for mutation in done.mutations:
            self.trace(
                f"        {mutation.record.operation} {mutation.record.error or ''} {mutation.record.params}"[
                    :300
                ]
            )
        for outcome in done.report.outcomes if done.report and done.report.consented else ():
            if outcome.calls or outcome.fault:
                self.trace(f"        {outcome.step.id} {outcome.result.value} {outcome.message[:150]}")
        self.trace(f"    {'consented' if done.report and done.report.consented else 'not done'}")

    def _secret(self, reference: Mapping[str, Any]) -> str:
        if self.secret < 0:
            raise SecretError(f"there is no {reference}")
        return f"secret-{self.secret}"

    def play(self) -> Outcome:
        """All steps, then the end."""
        for step in self.history.steps:
            self.counts["steps"] += 1
            if not self.written and step.act not in ("apply", "wait"):
                continue
            _ACTS[step.act](self, replace(step, slot=step.slot % max(len(self.written), 1)))
            self._trace_step(step)
        self.trace("the end")
        self._end()
        self.counts["calls"] = len(self.account.sandbox.calls)
        return Outcome(self.invariants.broken, self.counts)

    def _trace_step(self, step: Step) -> None:
        where = self.written[step.slot % len(self.written)].slot.ref if self.written else ""
        self.trace(f"{step.act} {where} {step.value} {step.number}")

    # the documents

    def _write(self, step: Step) -> None:
        self.written[step.slot].variant = step.number
        self.written[step.slot].spoiled = False
        self.causes.add("edited")

    def _remove(self, step: Step) -> None:
        self.written[step.slot].present = False
        self.causes.add("removed")

    def _restore(self, step: Step) -> None:
        self.written[step.slot].present = True

    def _rename(self, step: Step) -> None:
        written = self.written[step.slot]
        written.slot = renamed(written.slot, written.slot.name + "-2")
        self.causes |= {"edited", "removed"}

    def _spoil(self, step: Step) -> None:
        self.written[step.slot].spoiled = True

    def _rotate(self, step: Step) -> None:
        self.secret += 1

    def tree(self) -> tuple[str, ...]:
        """The texts of all documents that are there."""
        return tuple(each.text for each in self.written if each.present)

    # runs

    def _run(self, step: Step) -> None:
        """A run of the command line."""
        crash = Crash(step.number, step.value == "after") if step.act == "crash" else Crash()
        order = Order(prune=step.number % 2 == 0, destroy=step.act == "destroy")
        self.apply(order, crash, named=step.number % 3 > 0, once=step.act == "pass")

    def apply(self, order: Order, crash: Crash, *, named: bool = True, once: bool = False) -> Report | None:
        """Plan, agree, and go on until all is settled or stuck; None where nothing was done."""
        made, faulty = bundled(self.tree())
        if faulty:
            return None
        try:
            return self._applied(made, order, crash, named=named, once=once)
        except Killed:
            self.counts["crashes"] += 1
        except PlanMoved:
            self.counts["plans moved"] += 1
        except (InventoryError, CloudError):
            self.counts["refused"] += 1
        return None

    def _applied(self, made: Bundle, order: Order, crash: Crash, *, named: bool, once: bool) -> Report:
        order = replace(order, set=SET, concurrency=1, secrets=self._secret, at=self.account.seconds)
        if once:
            return self.pass_(made, lambda _: True, order, crash)
        plan = self.pass_(made, lambda _: False, order, Crash()).plan
        if named and plan.liftable:
            order = confirming(order, plan)
            plan = self.pass_(made, lambda _: False, order, Crash()).plan
        consent = agreed(plan)
        return run(
            lambda earlier: self.pass_(made, consent, order, crash, earlier),
            wait=self.account.wait,
            now=lambda: self.account.seconds,
            poll=600,
            timeout=7200,
        )

    def pass_(
        self,
        made: Bundle,
        consent: Callable[[Plan], bool],
        order: Order,
        crash: Crash,
        earlier: Report | None = None,
    ) -> Report:
        """One pass."""
        return self.made.reconcile(made, self.store, consent, order, crash=crash, earlier=earlier)

    # the inventory

    def _inventory(self, step: Step) -> None:
        file = self.store.path
        if not file.exists():
            return
        text = file.read_text(encoding="utf-8")
        if step.value == "lose":
            file.unlink()
        elif step.value == "truncate":
            file.write_text(text[: len(text) // 2], encoding="utf-8")
        elif self.kept:
            file.write_text(self.kept, encoding="utf-8")
        self.kept = text
        self.causes.add("lost")

    # the account

    def _wait(self, step: Step) -> None:
        self.account.wait(step.number)

    def _fault(self, step: Step) -> None:
        fault, _, operation = step.value.partition(":")
        self.account.sandbox.inject(
            InjectedFault(fault), operation=operation or None, times=step.number, seconds=90
        )
        self.counts[f"fault {fault}"] += 1
        self.causes.add(fault)

    def _foreign(self, step: Step) -> None:
        self.counts[f"foreign {step.value}"] += 1
        edits = ForeignEdits(self.account, self.made.cloud, self.written, self.store.path, self._secret)
        with self.account.outside():
            edits.make(step.value, self.written[step.slot], step.number)
        self.causes |= edits.causes

    # the end

    def _end(self) -> None:
        """Faults stop, a person mends documents and inventory, and runs go on until nothing is left to do."""
        self.account.sandbox.clear_faults()
        for each in self.written:
            each.spoiled = False
        made, faulty = bundled(self.tree())
        if faulty:
            return
        self._rebuilt(made)
        try:
            self._settle(made)
        except (InventoryError, CloudError) as error:
            self.invariants.broken.append(f"the last plan can't be made: {error}")

    def _settle(self, made: Bundle) -> None:
        """Apply until a plan has nothing to do, or the same as the one before."""
        last, before = None, ""
        order = Order(set=SET, prune=True, concurrency=1, secrets=self._secret)
        for _ in range(_ROUNDS):
            self.account.wait(7200)
            report = self.pass_(made, lambda _: False, replace(order, at=self.account.seconds), Crash())
            plan = report.plan
            waits = any(step.action is Action.WAIT for step in plan.steps)
            if plan.fingerprint == before or not (plan.acting or plan.brakes or waits):
                break
            before = plan.fingerprint
            last = self.apply(order, Crash()) or last
        self._judge_end(made, report, last)

    def _rebuilt(self, made: Bundle) -> None:
        if "lost" not in self.causes:
            return
        self.store.path.unlink(missing_ok=True)
        order = Order(set=SET, concurrency=1, secrets=self._secret)
        found = rebuild(made, self.made.cloud, self.store.load("123456789012", "us-east-1"), order)
        self.store.save(found.inventory)

    def _judge_end(self, made: Bundle, report: Report, last: Report | None) -> None:
        broken, plan = self.invariants.broken, report.plan
        held = self.store.load("123456789012", "us-east-1")
        kept = frozenset(each.step.id for each in (last.outcomes if last else ()) if "kept: " in each.message)
        broken += self.invariants.orphans({SET: held}, {SET: plan})
        broken += unsettled(plan, self.causes, kept)
        if plan.result is PlanResult.NO_CHANGES:
            broken += self._untrue(made, plan)

    def _untrue(self, made: Bundle, plan: Plan) -> list[str]:
        """What a plan without changes leaves different from a fresh account with the same documents."""
        expected = fresh(self.tree(), self.secret)
        found = []
        for step in plan.steps:
            resource = made.resources.get(step.ref)
            row = next((row for row in self.account.rows().values() if _is_of(row, step)), None)
            if (
                resource is None
                or step.action is not Action.NOOP
                or step.ref not in expected
                or step.contended
            ):
                continue
            if row is None and not resource.contract.kind.lifecycle.runs:
                found.append(f"{step.id} has no changes, and nothing lives of it")
            if row is None:
                continue
            found += [
                f"{step.id} has no changes, and differs in {each}"
                for each in differences(resource.spec, expected[step.ref], row.body)
            ]
        return found


def _is_of(row: Row, step: Any) -> bool:
    return bool(row.kind == step.ref.kind and (row.arn == step.arn or row.name == step.name))


def confirming(order: Order, plan: Plan) -> Order:
    """The order of a person who agrees to all that a plan holds back."""
    names = {each for brake in plan.brakes if brake.confirmation is Confirmation.NAME for each in brake.held}
    numbers = [len(brake.held) for brake in plan.brakes if brake.confirmation is Confirmation.NUMBER]
    return replace(order, confirm_delete=frozenset(names), confirm_deletes=max(numbers, default=None))


@lru_cache(512)
def fresh(documents: tuple[str, ...], secret: int) -> Mapping[Ref, Any]:
    """What the resources of documents show in an account of their own, where nothing ever went wrong."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        player = Player(History((), ()), 0, Path(folder))
        player.secret = secret
        player.tree = lambda: documents  # type: ignore[method-assign]  # the same documents, and no history
        report = player.apply(Order(), Crash())
        rows = player.account.rows().values()
        steps = report.plan.steps if report else ()
        return {step.ref: row.body for step in steps for row in rows if _is_of(row, step)}


_ACTS: Mapping[str, Callable[[Player, Step], None]] = {
    "write": Player._write,
    "remove": Player._remove,
    "restore": Player._restore,
    "rename": Player._rename,
    "spoil": Player._spoil,
    "secret": Player._rotate,
    "apply": Player._run,
    "pass": Player._run,
    "crash": Player._run,
    "destroy": Player._run,
    "inventory": Player._inventory,
    "wait": Player._wait,
    "fault": Player._fault,
    "foreign": Player._foreign,
}


def play(history: History, seed: int, trace: Callable[[str], None] = lambda _: None) -> Outcome:
    """Carry out a history; ``trace`` is called with a line for each thing that is done."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        return Player(history, seed, Path(folder), trace=trace).play()
