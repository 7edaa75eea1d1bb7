"""Histories of the operator: two replicas with a Lease, clocks and partitions, and two clusters on one account."""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from controller.core.ref import Ref
from controller.operator.constants import path_of
from controller.sandbox import InjectedFault
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.simulation.account import Account, open_account
from tests.simulation.cluster import Cluster
from tests.simulation.documents import WrittenDocument, bundle_of
from tests.simulation.foreign import ForeignEdits
from tests.simulation.history import FAULTS, OPERATIONS, RIVAL, SET, History, Step, tree_of
from tests.simulation.invariants import Invariants
from tests.simulation.inventories import Inventories
from tests.simulation.operator_end import end_violations
from tests.simulation.passes import Interruption, Killed, Pass, Passes, kill
from tests.simulation.play import MEMORY, Outcome, Trace
from tests.simulation.replica import NAMESPACE, Replica
from tests.simulation.runs import Runs

_TICK, _STRIDE = 3.0, 600.0
_RENEWAL = 5.0  # seconds in which a Lease is renewed before it expires
_SHORT = 60.0  # seconds of a run that pass in short ticks
_ROUNDS, _BREATH = 18, 15.0  # strides at the end, two resyncs and more; and seconds of short ticks after each
_FOREIGN = ("untag", "retag", "delete", "occupy", "occupy-tagged", "scale")


class _Edits(ForeignEdits):
    """Foreign edits of the resources of objects, whose documents have a namespace."""

    def rows_of(self, written: WrittenDocument) -> list[Row]:
        ref, made = written.slot.ref, self.account.made
        found = ((row, made[key].ref) for key, row in self.account.rows().items())
        return [
            row for row, of in found if of and (of.kind, of.name, row.kind) == (ref.kind, ref.name, ref.kind)
        ]


@dataclass
class OperatorPlayer:
    """The run of one history."""

    history: History
    seed: int
    folder: Path
    trace: Trace
    account: Account = field(default_factory=Account)
    causes: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    clusters: dict[str, Cluster] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.invariants = Invariants(self.account)
        self.cloud = open_account(self.account, self.seed)
        self.passes = Passes(self.account, self.cloud, self._judged)
        inventories = Inventories(self.account, self.cloud, self.folder, in_s3=False)
        self.runs = Runs(self.account, self.passes, inventories, lambda _: "secret", self.invariants)
        self.written = [WrittenDocument(slot) for slot in self.history.slots]
        self._begin(SET, 2)

    def _wall(self) -> str:
        return datetime.fromtimestamp(self.account.sandbox.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _begin(self, of: str, number: int) -> None:
        """A cluster with the documents, and its replicas."""
        self.clusters[of] = Cluster(self._wall)
        for written in self.written:
            if written.present:
                self._create(of, written)
        for _ in range(number):
            self._start(of)

    def _start(self, of: str) -> None:
        me = f"{of}-{self.counts['replicas']}"
        rate = (1.0, 1.01, 0.99)[self.counts["replicas"] % 3]
        self.counts["replicas"] += 1
        self.replicas.append(Replica(self.account, self.clusters[of], self.cloud, of, me, rate))

    def play(self) -> Outcome:
        """All steps, then the end."""
        self.run(20 if self.seed % 3 else 0)
        for each in self.history.steps:
            step = replace(each, slot=each.slot % max(len(self.written), 1))
            self.counts["steps"] += 1
            self.trace(f"{step.act} {self.written[step.slot].slot.ref} {step.value} {step.number}")
            self.act(step)
            self.run((5, 20, 60, 900)[step.number % 4])
        self.trace("the end")
        self.end()
        self.counts["calls"] = len(self.account.sandbox._calls)
        self.counts["writes"] = sum(each.writes for each in self.clusters.values())
        self.counts["led"] = sum(each.led for each in self.replicas)
        return Outcome(self.invariants.broken, self.counts)

    def act(self, step: Step) -> None:
        """One step."""
        _ACTS[step.act](self, step)

    # time

    def run(self, seconds: float) -> None:
        """Let time pass for all replicas that are not suspended; the leader comes first."""
        end = self.account.seconds + seconds
        while self.account.seconds < end:
            for each in sorted(self.replicas, key=lambda one: not one.lease.holds()):
                self._tick(each)
            left = end - self.account.seconds
            self._wait_for(_TICK if left <= _SHORT else min(_STRIDE, left))

    def _wait_for(self, seconds: float) -> None:
        """Let time pass without a pass. In half of the histories the leader stays the leader meanwhile."""
        while self.seed % 2 and seconds > _RENEWAL:
            seconds -= _RENEWAL
            self.account.wait(_RENEWAL)
            for each in self.replicas:
                if not each.frozen:
                    each.lease.renew()
        self.account.wait(seconds)

    def _tick(self, of: Replica) -> None:
        try:
            of.tick(lambda: self._pass(of))
        except Killed:
            self.counts["crashes"] += 1
            self.replicas.remove(of)
            self._start(of.of)

    def _pass(self, of: Replica) -> None:
        tree, _ = bundle_of(self._texts())
        # The inventory of an object is in its status, and proves nothing.
        with self.passes.watched(of.of, tree):
            of.workers.run_one(0)
        if of.metrics.panics:
            self.invariants.broken.append("a pass ended with an unexpected exception")
            of.metrics.panics = 0
        if of.late:
            self.invariants.broken.append(f"{of.late[0]} was sent by a replica that did not lead")
            of.late.clear()

    def _judged(self, done: Pass) -> None:
        self.counts["passes"] += 1
        self.invariants.after(done)
        for mutation in done.mutations:
            record = mutation.record
            self.trace(f"  {done.owner} {record.operation} {record.error or ''} {record.params}"[:260])

    # the objects

    def _texts(self) -> tuple[str, ...]:
        return tuple(each.text for each in self.written if each.present)

    def _path(self, written: WrittenDocument) -> str:
        return str(path_of(Ref(written.slot.kind, written.slot.name, NAMESPACE)))

    def _parsed(self, written: WrittenDocument) -> dict[str, Any]:
        value: dict[str, Any] = yaml.safe_load(written.text)
        value["metadata"] |= {"namespace": NAMESPACE}
        return value

    def _create(self, of: str, written: WrittenDocument) -> None:
        if self._path(written) not in self.clusters[of].objects:
            self.clusters[of].create(self._path(written), self._parsed(written))

    def _each_with(self, written: WrittenDocument) -> Iterator[tuple[Cluster, str]]:
        path = self._path(written)
        yield from ((each, path) for each in self.clusters.values() if path in each.objects)

    def _write(self, step: Step) -> None:
        written = self.written[step.slot]
        written.variant = step.number
        self.causes.add("edited")
        if contract(written.slot.kind).kind.lifecycle.runs is not None:
            self.causes.add("destroyed")  # the run of the former text is stopped permanently
        value = self._parsed(written)
        for cluster, path in self._each_with(written):
            cluster.change(path, spec=value["spec"], policy=value.get("policy"))

    def _remove(self, step: Step) -> None:
        written = self.written[step.slot]
        written.present = False
        self._delete(written)

    def _delete(self, written: WrittenDocument) -> None:
        """Delete its object, which stops a run in progress permanently."""
        runs = contract(written.slot.kind).kind.lifecycle.runs is not None
        self.causes |= {"removed", "destroyed"} if runs else {"removed"}
        for cluster, path in self._each_with(written):
            cluster.delete(path)

    def _restore(self, step: Step) -> None:
        written = self.written[step.slot]
        written.present = True
        for of in self.clusters:
            self._create(of, written)

    def _wipe(self, step: Step) -> None:
        """A tenant empties the status, or restores an earlier one."""
        self.causes.add("wiped")
        for cluster, path in self._each_with(self.written[step.slot]):
            states = [value for at, value, _ in cluster.events if at == path]
            cluster.change(
                path, status=states[step.number % len(states)].get("status") if step.value else None
            )

    # processes

    def _leader(self) -> Replica:
        return next((each for each in self.replicas if each.lease.holds()), self.replicas[0])

    def _crash(self, step: Step) -> None:
        _interrupt(self._leader(), Interruption(step.number, step.value == "after", kill))
        self._touch(step)

    def _freeze(self, step: Step) -> None:
        """The leader is suspended at its n-th change, for longer than its Lease or not, while the other continues."""
        of = self._leader()

        def stand_still() -> None:
            self.counts["frozen"] += 1
            of.frozen = True
            self.run(40 if step.slot % 3 else 8)
            of.frozen = False

        _interrupt(of, Interruption(step.number, step.value == "after", stand_still))
        self._touch(step)

    def _touch(self, step: Step) -> None:
        """An edit, or a deletion of an object that is recreated at the end: a change to make.

        Where nothing was made yet the creation is the change, before which nothing of it is remembered.
        """
        if not self.account.made:
            return
        written = self.written[step.slot]
        if len(written.slot.texts) > 1 and step.slot % 2:
            self._write(replace(step, number=step.number + 1))
            return
        self._delete(written)

    def _cut(self, step: Step) -> None:
        """The leader, or the other replica, does not reach the API server for a while."""
        of = self._leader() if step.value == "before" else self.replicas[-1]
        of.link.cut = True
        self._touch(step)
        self.run(30 if step.number % 2 else 8)
        of.link.cut = False

    def _gap(self, step: Step) -> None:
        """The watch of a replica is interrupted, and starts again with a list."""
        of = self.replicas[step.number % len(self.replicas)]
        of.link.cut = True
        self._remove(step)
        self._restore(step)
        of.link.cut = False
        of.gap()

    def _lose(self, step: Step) -> None:
        self._leader().link.lost = 1 + step.number % 3
        self._touch(step)

    def _rival(self, step: Step) -> None:
        """A second cluster with the same documents."""
        self.causes.add("foreign owner")
        if RIVAL not in self.clusters:
            self._begin(RIVAL, 1)

    # the account

    def _wait(self, step: Step) -> None:
        self.run((30, 400, 4000)[step.number % 3])

    def _lag(self, step: Step) -> None:
        sandbox, lag = self.account.sandbox, (0.0, 5.0, 60.0)[step.number % 3]
        sandbox.knobs = replace(sandbox.knobs, list_lag=lag, search_lag=lag)

    def _fault(self, step: Step) -> None:
        fault, _, operation = step.value.partition(":")
        inject = self.account.sandbox.inject
        inject(InjectedFault(fault), operation=operation or None, times=1 + step.number % 3, seconds=90)
        self.counts[f"fault {fault}"] += 1
        self.causes.add(fault)
        if step.number % 2:
            self._touch(step)

    def _foreign(self, step: Step) -> None:
        self.counts[f"foreign {step.value}"] += 1
        edits = _Edits(self.account, self.runs, self.written)
        with self.account.as_other_user():
            edits.make(step.value, self.written[step.slot], step.number)
        self.causes |= edits.causes

    # the end

    def end(self) -> None:
        """Faults stop, all replicas run again, and time passes until all is retried; then the result is checked."""
        self.account.sandbox.clear_faults()
        for each in self.replicas:
            each.link.cut, each.link.lost = False, 0
        for _ in range(_ROUNDS):
            self.run(_STRIDE + _BREATH)
            for written in self.written:
                if written.present:
                    self._create(SET, written)  # what was restored during its deletion
        objects = self.clusters[SET].objects
        self.invariants.broken += end_violations(self.account, objects, self.written, self.causes)


def _interrupt(of: Replica, by: Interruption) -> None:
    of.interruption.left, of.interruption.after, of.interruption.then = by.left, by.after, by.then


_ACTS: Mapping[str, Callable[[OperatorPlayer, Step], None]] = {
    "write": OperatorPlayer._write,
    "remove": OperatorPlayer._remove,
    "restore": OperatorPlayer._restore,
    "wipe": OperatorPlayer._wipe,
    "crash": OperatorPlayer._crash,
    "freeze": OperatorPlayer._freeze,
    "cut": OperatorPlayer._cut,
    "gap": OperatorPlayer._gap,
    "lose": OperatorPlayer._lose,
    "rival": OperatorPlayer._rival,
    "wait": OperatorPlayer._wait,
    "lag": OperatorPlayer._lag,
    "fault": OperatorPlayer._fault,
    "foreign": OperatorPlayer._foreign,
}
_WEIGHTS = {
    "write": 4,
    "remove": 3,
    "restore": 3,
    "crash": 4,
    "freeze": 6,
    "foreign": 4,
    "fault": 5,
    "cut": 2,
    "lose": 2,
}


def draw_operator_history(seed: int) -> History:
    """The history of a seed."""
    slots, chance = tree_of(seed), random.Random(f"operator {seed}")
    acts = chance.choices(
        list(_ACTS), [_WEIGHTS.get(act, 1) for act in _ACTS], k=chance.choice((1, 1, 2, 2, 3, 5))
    )
    steps = []
    for act in acts:
        slot, number = chance.randrange(len(slots)), chance.randint(1, 12)
        value = chance.choice(("before", "after"))
        if act in ("crash", "freeze"):
            number = chance.choice((1, 1, 1, 2, 2, 3))
        if act == "foreign":
            value = chance.choice(_FOREIGN)
        if act == "wipe":
            value = chance.choice(("", "old"))
        if act == "fault":
            verb = chance.choice(OPERATIONS)
            operation = (
                verb if verb in ("", "ListTags", "AddTags", "GetResources") else verb + slots[slot].kind
            )
            value = f"{chance.choice(FAULTS).value}:{operation}"
        steps.append(Step(act, slot, value, number))
    return History(slots, tuple(steps))


def play_operator(history: History, seed: int, trace: Trace) -> Outcome:
    """Run a history; ``trace`` is called with a line for each event."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return OperatorPlayer(history, seed, Path(folder), trace).play()
