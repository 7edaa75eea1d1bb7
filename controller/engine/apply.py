"""Apply a plan: each step starts when its dependencies are done. What can't be done now is left to the next pass."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault, Json, malformed_response
from controller.core.path import MAPPINGS, SCALARS
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.secret import SecretError
from controller.engine.absence import OUTSIDE
from controller.engine.lookup import describe
from controller.engine.memberships import is_membership_removal
from controller.engine.observed import Owner
from controller.engine.parallel_map import executor
from controller.engine.plan import Newest, Plan, SecretUse, Step
from controller.engine.preconditions import deletion_blockers, in_use, ownership_lost, still_in_use
from controller.engine.provenance import instance_made
from controller.engine.ready_queue import ReadyQueue
from controller.engine.refusals import TRANSIENT, explain_refusal, result_of
from controller.engine.report import Event, Happening, Listener, Outcome, Result
from controller.engine.sensitive import redact_outcome
from controller.engine.shared_reads import SharedReads
from controller.runtime.tracing import STEP, span
from controller.schema.contract import contract

Secrets = Callable[[Mapping[str, Any]], str]

_End = tuple[Result, str, bool]  # how a step ends, the message, and whether something uses its resource

# How AWS may refuse the deletion of a resource that another one uses.
_HAS_DEPENDENTS = frozenset({Fault.BUSY, Fault.INVALID, Fault.UNKNOWN})
_ENDING = frozenset({Action.DELETE, Action.STOP, Action.REPLACE})


@dataclass(frozen=True)
class Done:
    """The result of an executed step: its outcome and the response of its last changing call.

    ``ambiguous``: its last call failed, and AWS may have carried it out nevertheless.
    """

    outcome: Outcome
    answer: Json = field(default_factory=dict)
    ambiguous: bool = False
    instance: str = ""  # of the new resource, where no ownership tag proves the owner (``provenance``)


@dataclass(frozen=True)
class ApplyResult:
    """The results of the steps of a plan.

    ``interruption`` is what ended the run early: an interrupt, or an unexpected exception of a call or a listener. A
    step without a result may have changed AWS.
    """

    done: Mapping[str, Done]
    interruption: BaseException | None = None


def apply(
    plan: Plan, cloud: Cloud, secrets: Secrets, threads: int, listen: Listener, *, reads: SharedReads
) -> ApplyResult:
    """Run every step whose dependencies are done; each step gets exactly one result.

    After an interruption no step begins, and calls in flight are finished first.
    """
    unconfirmed = {each: required.message for required in plan.confirmations for each in required.deletions}
    reads.begin_changes()
    run = _Run(plan, cloud, secrets, listen, reads, {})
    try:
        for step in plan.steps:
            if step.id in unconfirmed:
                run.finish(step, Result.SKIPPED, unconfirmed[step.id])
            elif not step.changes_account:
                run.finish(step, *_standing_still(step))
        run.run_steps(threads)
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 - raised once what was done is recorded
        return ApplyResult(run.done, error)
    return ApplyResult(run.done)


def _standing_still(step: Step) -> tuple[Result, str]:
    if step.action is Action.WAIT:
        return Result.WAITING, step.detail
    if step.action is Action.BLOCKED:
        failed = step.why in (Reason.FAILED, Reason.ROLLED_BACK)
        return (Result.FAILED if failed else Result.SKIPPED), step.detail
    return Result.UNCHANGED, step.withheld or step.detail


@dataclass
class _Run:
    """The execution of one plan, for the length of a pass."""

    plan: Plan
    cloud: Cloud
    secrets: Secrets
    listen: Listener
    reads: SharedReads
    done: dict[str, Done]
    stop: threading.Event = field(default_factory=threading.Event)
    idle: threading.Condition = field(default_factory=threading.Condition)
    in_flight: int = 0
    ids: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.ids = frozenset(step.id for step in self.plan.steps)

    def finish(self, step: Step, result: Result, message: str = "") -> None:
        self._record_result(Done(Outcome(step, result, message)))

    def _record_result(self, done: Done) -> None:
        done = replace(done, outcome=redact_outcome(done.outcome))
        self.done[done.outcome.step.id] = done
        self.listen(Event(Happening.ENDED, done.outcome.step, message=done.outcome.message))

    def run_steps(self, threads: int) -> None:
        """Start the longest chains first; when a step ends, queue the steps that became ready."""
        queue = ReadyQueue(self.plan, self.done, self._is_met)
        deletions = [step for step in queue.not_started if step.action is Action.DELETE]
        for step in deletions:
            self.reads.expect(step.ref.kind, step.arn)
        try:
            self._run_queue(queue, threads)
        finally:
            for step in deletions:
                self.reads.end_deletion(step.arn)

    def _run_queue(self, queue: ReadyQueue, threads: int) -> None:
        running: set[Future[str]] = set()
        with executor(threads) as pool:
            try:
                running |= self._start(pool, queue, threads)
                while running:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in ended:
                        queue.on_end(future.result())
                    running |= self._start(pool, queue, threads - len(running))
            except (KeyboardInterrupt, Exception):
                self.stop.set()
                self._wait_for_calls()
                raise
        for step in queue.not_started:
            self.finish(step, *self._not_started(step))

    def _start(self, pool: Executor, queue: ReadyQueue, free: int) -> set[Future[str]]:
        """Start no more than there are free threads: the pool's own queue would forget which chain is longest."""
        started: set[Future[str]] = set()
        while len(started) < free and (step := queue.pop()) is not None:
            started.add(pool.submit(self._run_step, step))
        return started

    def _run_step(self, step: Step) -> str:
        with self.idle:
            self.in_flight += 1  # before ``stop`` is read
        try:
            self.listen(Event(Happening.STARTED, step))
            about = {"sagectl.resource": step.id, "sagectl.action": step.action.verb}
            with span(STEP.name, about) as current:
                done = self._execute(step)
                current.set("sagectl.result", done.outcome.result.value)
            self._record_result(done)
        finally:
            self.reads.end_deletion(step.arn)
            with self.idle:
                self.in_flight -= 1
                self.idle.notify_all()
        return step.id

    def _wait_for_calls(self) -> None:
        """Wait for the calls in flight, which record their own results.

        Leaving the pool is not enough: an interrupt within ``submit`` may leave a thread behind that the pool does
        not know (CPython, ``ThreadPoolExecutor._adjust_thread_count`` starts a thread before it keeps it).
        """
        with self.idle:
            self.idle.wait_for(lambda: not self.in_flight)

    def _is_settled(self, need: str) -> bool:
        done = self.done.get(need)
        if done is None:
            return need not in self.ids
        return done.outcome.result in (Result.DONE, Result.UNCHANGED)

    def _is_met(self, need: str, step: Step) -> bool:
        """Whether one dependency of a step permits it to start; an earlier run is stopped once the next one began."""
        done = self.done.get(need)
        begun = done is not None and (
            done.outcome.result is Result.STARTED or done.outcome.step.why is Reason.IN_TRANSITION
        )
        return self._is_settled(need) or (
            step.action is Action.STOP and step.why is Reason.SUPERSEDED and begun
        )

    def _not_started(self, step: Step) -> tuple[Result, str]:
        """A step that could not start: it waits if what it needs only waits, else it is skipped."""
        ends = {need: self.done[need].outcome.result for need in sorted(step.needs) if need in self.done}
        bad = [need for need, result in ends.items() if result in (Result.FAILED, Result.SKIPPED)]
        if bad:
            return Result.SKIPPED, f"not started because of {', '.join(bad)}"
        slow = [need for need in sorted(step.needs) if not self._is_settled(need)]
        return Result.WAITING, f"waits for {', '.join(slow)}"

    def _execute(self, step: Step) -> Done:
        """Make a step's calls; every error becomes a result."""
        ready = step.calls or step.action is Action.ADOPT  # without tags: adopted by an entry
        if self.stop.is_set():
            return Done(Outcome(step, Result.WAITING, "stopped before it began"))
        if not ready or step.why is Reason.DEPENDENCY_NOT_READY:
            detail = step.detail or "its inputs are known after its dependencies are ready"
            return Done(Outcome(step, Result.WAITING, detail))
        answers: list[Json] = []
        fault: Fault | None = None
        ambiguous = False
        used = False
        try:
            result, message, used = self._refusal(step) or (*self._call(step, answers), False)
        except CloudError as refusal:
            error = explain_refusal(self.cloud, step, refusal)
            fault, ambiguous = error.fault, error.ambiguous
            result, message, used = self._refused_result(step, error, len(answers))
        except SecretError as error:
            result, message = Result.FAILED, f"a secret can't be read: {error}"
        merged = {name: value for answer in answers for name, value in answer.items()}
        made = instance_made(self.cloud, step, merged) if result in (Result.DONE, Result.STARTED) else ""
        outcome = Outcome(step, result, message, len(answers), fault, used)
        return Done(outcome, merged, ambiguous=ambiguous, instance=made)

    def _call(self, step: Step, answers: list[Json]) -> tuple[Result, str]:
        gone = False
        for number, call in enumerate(step.calls):
            if step.at_once is not None and number >= step.at_once and not gone:
                break
            self.listen(Event(Happening.CALLED, step, call))
            try:
                answers.append(_check_identity(step, call, self.cloud.call(self._fill_call(call))))
            except CloudError as error:
                if error.fault is Fault.MISSING and (
                    step.deletes_contents or is_membership_removal(step, call)
                ):
                    continue  # it was deleted, or removed from its group, already
                if error.fault is Fault.MISSING and step.action is Action.DELETE:
                    return self._delete_not_found(step, error)
                deletes = contract(step.ref.kind).deletes
                if error.fault is Fault.MISSING and deletes is not None and call.operation == deletes.name:
                    gone = True
                    continue  # it was deleted by somebody else; its replacement is created
                raise
            if answers[-1].get("Success") is False:  # DeleteWorkteam says so instead of refusing
                return Result.WAITING, f"{call.operation} answered Success: false"
        if step.action is Action.BLOCKED:
            return _standing_still(step)
        if step.deletes_contents:
            return Result.WAITING, step.detail
        return (Result.STARTED if step.gradual else Result.DONE), ""

    def _delete_not_found(self, step: Step, error: CloudError) -> tuple[Result, str]:
        """The result of a Delete that found nothing; the resource is described, as the error may name another."""
        live = describe(self.cloud, contract(step.ref.kind), str(step.name))
        if live is None:
            return Result.DONE, f"it was already deleted: {OUTSIDE}"
        if live.phase is Phase.DELETING:
            return Result.WAITING, "it is being deleted"
        return Result.FAILED, f"it still exists, and stays in the inventory: {error}"

    def _refusal(self, step: Step) -> _End | None:
        """Why a deletion must not happen, read immediately before the call."""
        if step.action not in _ENDING:
            return None
        try:
            foreign = ownership_lost(self.cloud, step, str(Owner(self.plan.set, step.ref)), self.reads)
        except CloudError as error:
            ends = Result.WAITING if error.fault in TRANSIENT else Result.FAILED
            message = f"its tags can't be read, so its owner is unknown, and it is not changed: {error}"
            return ends, message, False
        if foreign:
            return Result.SKIPPED, foreign, False
        if step.action is Action.STOP:
            return None
        user = still_in_use(self.cloud, step, self.reads) if step.proofs else ""
        if user:
            return _end_in_use(step, user)
        # Blockers that AWS itself enforces are read only after it refused the deletion.
        refused = False if step.action is Action.DELETE else None
        guard = (
            "" if step.deletes_contents else deletion_blockers(self.cloud, step, self.reads, refused=refused)
        )
        return (Result.WAITING, f"kept: {guard}", True) if guard else None

    def _refused_result(self, step: Step, error: CloudError, made: int) -> _End:
        """The result of a step that AWS refused; for a deletion, with what blocks it."""
        if step.action is Action.DELETE and not step.deletes_contents and error.fault in _HAS_DEPENDENTS:
            try:
                guard = deletion_blockers(self.cloud, step, self.reads.empty(), refused=True)
            except CloudError:
                guard = ""  # AWS's own message remains
            if guard:
                return Result.WAITING, f"kept: {guard}", True
        return (*result_of(step, error, made), False)

    def _fill_call(self, call: Call) -> Call:
        return Call(call.operation, _fill(call.params, self._resolve_value), call.service)

    def _resolve_value(self, value: SecretUse | Newest) -> Any:
        """The value of a placeholder: a secret, or the newest element of a List."""
        if isinstance(value, Newest):
            return _newest_member(self.cloud.call(value.lists), value)
        pairs = value.reference
        return self.secrets({key: dict(inner) if isinstance(inner, tuple) else inner for key, inner in pairs})


def _check_identity(step: Step, call: Call, answer: Json) -> Json:
    """The answer of a call, which names what it made where the service assigns the identity.

    Raises:
        CloudError: it does not, so that what was made has to be found.

    """
    of = contract(step.ref.kind)
    if step.numbered and call.operation == of.creates.name and not of.arn_in(answer):
        raise malformed_response(call.operation, "it has no ARN of what was made")
    return answer


def _newest_member(answer: Json, value: Newest) -> Any:
    """The member of the first element of a List.

    Raises:
        CloudError: the List shows no element, or none with that member.

    """
    try:
        return answer[value.elements][0][value.member]
    except (KeyError, IndexError, TypeError):
        raise malformed_response(
            value.lists.operation, f"its {value.elements} has no {value.member}"
        ) from None


def _fill(value: Any, fill_value: Callable[[SecretUse | Newest], Any]) -> Any:
    if isinstance(value, SCALARS):
        return value
    if isinstance(value, SecretUse | Newest):
        return fill_value(value)
    if isinstance(value, MAPPINGS):
        return {key: _fill(inner, fill_value) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(inner, fill_value) for inner in value]
    return value


def _end_in_use(step: Step, user: str) -> _End:
    """The result of deleting a resource in use: an old generation may stay, a replacement needs a person."""
    if step.action is Action.REPLACE:
        return Result.SKIPPED, in_use(step, user), True
    return (Result.UNCHANGED if step.why is Reason.SUPERSEDED else Result.WAITING), f"kept: {user}", True
