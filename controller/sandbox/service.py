"""The sandbox: ``answer`` takes the requests of all clients, and records each."""

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from botocore.session import Session

from controller.sandbox.clock import ManualClock, SandboxClock
from controller.sandbox.faults import (
    REASONS,
    CallRates,
    Faults,
    InjectedFault,
    Injection,
    garble,
    refuse_early,
)
from controller.sandbox.kind import SandboxKind
from controller.sandbox.kinds import exists
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.variants import maintain
from controller.sandbox.knobs import Knobs
from controller.sandbox.model import CompiledOperation, load
from controller.sandbox.operations import HANDLERS, KIND_OF
from controller.sandbox.protocol import (
    Answer,
    HttpRequest,
    attach,
    error_response,
    protocol_of,
    read,
    written,
)
from controller.sandbox.request import FaultEffect, OperationRequest, SandboxAccount
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError, invalid
from controller.sandbox.storage import Disk, RegionState

READING = ("Describe", "List", "Get", "BatchDescribe", "BatchGet", "Head", "Search")


@dataclass(frozen=True)
class Record:
    """One request and its result."""

    at: float
    service: str
    operation: str
    params: Json
    status: int
    error: str | None
    mutating: bool
    request_id: str


def is_mutating(operation: str) -> bool:
    """Whether an operation changes anything."""
    return not operation.startswith(READING)


STALE_SECONDS = 30.0


class Sandbox:
    """A local SageMaker control plane of one account and any number of regions."""

    def __init__(
        self,
        *,
        account: str = "123456789012",
        region: str = "us-east-1",
        clock: SandboxClock | None = None,
        knobs: Knobs | None = None,
        state: Path | None = None,
    ) -> None:
        self.account = account
        self.region = region
        self.clock: SandboxClock = ManualClock() if clock is None else clock
        self.knobs = Knobs() if knobs is None else knobs
        self._states: dict[str, RegionState] = {}
        self._faults, self._rates = Faults(), CallRates()
        self._calls: list[Record] = []
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._disk = None if state is None else Disk(state, self._states)
        if self._disk is not None and isinstance(self.clock, ManualClock):
            self.clock.catch_up(self._disk.last_instant())

    def attach(self, session: Session) -> None:
        """Answer every client that is created from `session` from now on, in this process."""
        attach(session, self.answer)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request; refusals are responses, and only bugs raise."""
        if self.knobs.latency:
            time.sleep(self.knobs.latency)
        request_id = f"00000000-0000-4000-8000-{next(self._numbers):012x}"
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            request = read(method, path, lowered, body)
        except ServiceError as refusal:
            return error_response(protocol_of(lowered), "", refusal, request_id)
        with self._lock:
            out = self._answer_and_record(request, request_id)
        return replace(out, body=b"") if method == "HEAD" else out  # RFC 9110, 9.3.2

    def inject(
        self,
        fault: InjectedFault,
        *,
        operation: str | None = None,
        name: str | None = None,
        times: int | None = 1,
        reason: str | None = None,
        seconds: float = STALE_SECONDS,
    ) -> None:
        """Apply `fault` to the next `times` requests that match (None: to all)."""
        with self._lock:
            self._faults.add(Injection(InjectedFault(fault), operation, name, times, reason, seconds))

    def maintain(self, name: str, seconds: float | None = None, *, region: str | None = None) -> None:
        """Start maintenance of the endpoint `name`: it is SystemUpdating and cannot be changed."""
        account, now = SandboxAccount(self.account, region or self.region), round(self.clock.now(), 3)
        wait = self.knobs.endpoint_system_updating if seconds is None else seconds
        with self._lock, self._transaction(now):
            state = self._states.setdefault(account.region, RegionState())
            request = OperationRequest("UpdateEndpoint", {}, now, account, self.knobs, state)
            row = state.find(ENDPOINT.arn(account, self.knobs, name), now)
            if row is None:
                msg = f"there is no endpoint {name}"
                raise ValueError(msg)
            maintain(request, row, wait)

    def clear_faults(self) -> None:
        """Remove the faults that still wait."""
        with self._lock:
            self._faults.clear()

    @property
    def calls(self) -> tuple[Record, ...]:
        """Every request so far, in order."""
        with self._lock:
            return tuple(self._calls)

    def clear_calls(self) -> None:
        """Clear the record of requests."""
        with self._lock:
            self._calls.clear()

    def resources(self) -> tuple[str, ...]:
        """Return the ARNs of all existing resources, including those that are being deleted."""
        with self._lock:
            if self._disk is not None:
                self._disk.refresh()
            now = self.clock.now()
            rows = [row for state in self._states.values() for row in state.all_rows(now)]
            return tuple(sorted(row.arn for row in rows if exists(row)))

    def reset(self) -> None:
        """Delete everything: resources, faults and calls."""
        with self._lock:
            self._states.clear()
            self._faults.clear()
            self._calls.clear()
            if self._disk is not None:
                self._disk.delete_all()

    def close(self) -> None:
        """Close the state file."""
        with self._lock:
            if self._disk is not None:
                self._disk.close()
                self._disk = None

    def _answer_and_record(self, request: HttpRequest, request_id: str) -> Answer:
        now = round(self.clock.now(), 3)
        params: Json = {}
        error: str | None = None
        met: dict[InjectedFault, Injection] = {}
        try:
            params = request.params()
            met = self._faults.take(request.operation, params)
            answer = self._handle(request, params, now, met)
            out = garble(met, written(request, answer, request_id))
        except ServiceError as refusal:
            error = refusal.code
            out = error_response(request.protocol, request.service, refusal, request_id)
        mutating = is_mutating(request.operation)
        shown = _with_masked_secrets(request, params)
        self._calls.append(
            Record(now, request.service, request.operation, shown, out.status, error, mutating, request_id)
        )
        return out

    def _handle(
        self, request: HttpRequest, params: Json, now: float, met: dict[InjectedFault, Injection]
    ) -> Json | None:
        operation = load(request.service).operation(request.operation)
        if operation is None:
            raise ServiceError("UnknownOperationException", f"There is no operation {request.operation}.")
        handler = HANDLERS[request.service].get(request.operation)
        if handler is None:
            raise ServiceError(
                "SandboxNotImplemented",
                f"The sandbox does not implement {request.service}:{request.operation} yet.",
            )
        account = SandboxAccount(self.account, request.region or self.region)
        if rate := self.knobs.rates.get(operation.name):
            self._rates.take(operation.name, rate, self.clock.now())
        refuse_early(met, request.operation, request.service, account)
        if operation.name.startswith("List") and (unknown := sorted(set(params) - operation.members)):
            # AWS ignores unknown members. A newer client's filter must not be ignored: it would list too much.
            raise ServiceError(
                "SandboxNotImplemented",
                f"The sandbox's service model has no member {', '.join(unknown)} of {operation.name}.",
            )
        clean = operation.check(params)
        with self._exclusive(operation, now):
            state = self._states.setdefault(account.region, RegionState())
            operation_request = OperationRequest(
                request.operation, clean, now, account, self.knobs, state, _injected_effect(met)
            )
            if InjectedFault.IN_USE in met:
                _refuse_busy(operation_request)
            if InjectedFault.MISSING in met:
                _refuse_missing(operation_request, met[InjectedFault.MISSING].reason)
            answer = handler(operation_request)
            project = operation.project
            if project and self.knobs.single_precision_is_widened:
                project = load(request.service).widening_projector(operation.name)
            return project(answer) if project else None

    def _exclusive(self, operation: CompiledOperation, now: float) -> AbstractContextManager[None]:
        if self._disk is None or is_mutating(operation.name):
            return self._transaction(now)
        self._disk.refresh()
        return nullcontext()

    def _transaction(self, now: float) -> AbstractContextManager[None]:
        return nullcontext() if self._disk is None else self._disk.transaction(now)


_NO_EFFECT = FaultEffect()


def _injected_effect(met: dict[InjectedFault, Injection]) -> FaultEffect:
    if not met:
        return _NO_EFFECT
    fails = next((met[fault] for fault in (InjectedFault.FAIL, InjectedFault.ROLLBACK) if fault in met), None)
    return FaultEffect(
        fails=None if fails is None else fails.reason or REASONS[fails.fault],
        rollback_fails=InjectedFault.FAIL in met,
        stale=met[InjectedFault.STALE].seconds if InjectedFault.STALE in met else 0.0,
    )


def _refuse_busy(request: OperationRequest) -> None:
    kind = KIND_OF.get(request.operation)
    if kind is None:
        raise ServiceError("ResourceInUse", "The resource is in use.")
    arn = _addressed_arn(kind, request)
    raise kind.busy.refusal(arn=arn, name=arn.rpartition("/")[2])


def _refuse_missing(request: OperationRequest, reason: str | None) -> None:
    """Refuse with not-found, with the message of the resource's kind or the given one."""
    if reason:
        raise invalid(reason)
    kind = KIND_OF.get(request.operation)
    if kind is None or kind.named not in request.params:
        arn = request.params.get("ResourceArn", "")
        raise invalid(f'Could not find resource "{arn}".')
    arn = _addressed_arn(kind, request)
    raise kind.missing.refusal(arn=arn, name=arn.rpartition("/")[2])


def _addressed_arn(kind: SandboxKind, request: OperationRequest) -> str:
    """The ARN that a request addresses; empty for a creation whose ARN the service assigns."""
    try:
        return kind.arn_in(request)
    except KeyError:
        return ""


def _with_masked_secrets(request: HttpRequest, params: Json) -> Json:
    """Hide the sensitive values of a request in its record."""
    operation = load(request.service).operation(request.operation)
    return operation.mask(params) if operation and operation.mask else params
