"""The AWS account of each namespace, and the calls that a pass may make there."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

from controller.core.cloud import (
    Call,
    Cloud,
    CloudError,
    CloudWrapper,
    Identity,
    Json,
    Leadership,
    ResponseListener,
    ResponseRecord,
    UnsentCallError,
)
from controller.engine.shared_reads import SharedReads
from controller.operator.grants import ANY, Grant
from controller.runtime.concurrency_limit import Slots
from controller.runtime.throttling import BRIEF, CallerPriority, WaitLimit

_log = logging.getLogger("sagectl.aws")


@dataclass(frozen=True)
class Role:
    """The role of a namespace; empty for the operator's own identity."""

    arn: str = ""
    external_id: str = ""
    region: str = ""


@dataclass(frozen=True)
class Tenants:
    """The roles of namespaces. Once any is configured, all others are refused, unless ``*`` is configured.

    In the namespaces ``by_approval`` every change needs an approval, whatever the objects say. ``grants`` are the
    permissions of configured namespaces, ``others`` those of all namespaces if none is configured.
    """

    roles: Mapping[str, Role] | None = None
    across_namespaces: bool = False
    by_approval: frozenset[str] = frozenset()
    grants: Mapping[str, Grant] = field(default_factory=dict)
    others: Grant = field(default_factory=Grant)

    def of(self, namespace: str) -> Role | None:
        """A namespace's role; None if it has none."""
        return Role() if self.roles is None else self.roles.get(self._entry(namespace))

    def requires_approval(self, namespace: str) -> bool:
        """Whether every change in a namespace needs an approval."""
        return self._entry(namespace) in self.by_approval

    def grant(self, namespace: str) -> Grant:
        """What a namespace may request."""
        return self.grants.get(self._entry(namespace), self.others)

    def _entry(self, namespace: str) -> str:
        """The entry of a namespace: its own, else that of ``*``."""
        return namespace if self.roles is None or namespace in self.roles else ANY


class InFlightCalls:
    """Counts changing AWS calls in flight. Thread-safe; a context manager for one call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0

    def __enter__(self) -> None:
        """Count a call that begins."""
        with self._changed:
            self._number += 1

    def __exit__(self, *_: object) -> None:
        """Count a call that ends."""
        with self._changed:
            self._number -= 1
            self._changed.notify_all()

    def wait_for_end(self, within: float) -> bool:
        """Wait up to a number of seconds for all calls to end; whether they have ended."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._number, within)


@dataclass(frozen=True)
class FencedCloud(CloudWrapper):
    """A cloud for one pass: its calls are logged with the pass's id, and change nothing after the leadership is lost.

    ``leadership`` is checked before the inventory is written, and before each attempt of the call. ``slots`` are held
    during a call, but not while the cluster is written to. ``before`` is called before each call that changes
    something; if it raises, the call is not made. A throttled call waits up to ``timeout``; then the pass ends, and
    ``waits`` has the seconds after which its ``caller`` may retry.
    """

    reconcile_id: str
    leadership: Leadership
    slots: Slots = field(default_factory=lambda: Slots(1))
    before: Callable[[], None] = field(default=lambda: None)
    caller: str = "turn"
    timeout: WaitLimit = field(default_factory=WaitLimit)
    changing: InFlightCalls = field(default_factory=InFlightCalls)

    def call(self, call: Call) -> Json:
        """Make one call.

        Raises:
            CloudError: AWS refused it, or another replica is the leader.

        """
        if call.changes:
            self.leadership.check(call.operation)
            self.before()
            call = replace(call, leadership=self.leadership)
        return self.timeout.send(self._call_once, replace(call, caller=self.caller))

    @property
    def waits(self) -> list[float]:
        """The seconds after which each throttled call may be made again."""
        return self.timeout.waits

    def _call_once(self, call: Call) -> Json:
        answers: list[ResponseRecord] = []
        responses = replace(call, listener=partial(_record_response, answers, call.listener))
        try:
            with self.slots.hold_slot(call.operation), self.changing if call.changes else nullcontext():
                answer = self.cloud.call(responses)
        except UnsentCallError:
            raise
        except CloudError as error:
            self._log(call, error.fault.value, answers)
            raise
        self._log(call, "done", answers)
        return answer

    def _log(self, call: Call, ended: str, answers: Sequence[ResponseRecord]) -> None:
        """Log a call, with AWS's ids of its requests, for requests to AWS Support."""
        whose = {"caller": self.caller} if self.caller not in ("turn", self.reconcile_id) else {}
        requests = {"requests": [each.request for each in answers if each.request]}
        fields = {
            "reconcileID": self.reconcile_id,
            **whose,
            "operation": call.operation,
            "ended": ended,
            **requests,
        }
        _log.info("call", extra={"fields": fields})


def _record_response(
    answers: list[ResponseRecord], others: ResponseListener | None, answer: ResponseRecord
) -> None:
    answers.append(answer)
    if others is not None:
        others(answer)


class Accounts:
    """Clouds by role, opened once and shared by all passes, so that each account has one rate limiter.

    ``at_once`` is the number of concurrent calls of each, ``margin`` the number of seconds before the end of the lease
    from which on ``is_leader`` of ``fenced`` is False.
    """

    def __init__(
        self, tenants: Tenants, connect: Callable[[Role], Cloud], at_once: int, margin: float = 5.0
    ) -> None:
        self.tenants = tenants
        self._connect = connect
        self._at_once, self._margin = at_once, margin
        self.stopping, self.changing = threading.Event(), InFlightCalls()
        self._lock = threading.Lock()
        self._opening: dict[Role, threading.Lock] = {}
        self._opened: dict[Role, tuple[Cloud, Slots]] = {}
        self._reads: dict[Identity, SharedReads] = {}

    def reads(self, of: Identity) -> SharedReads:
        """The reads of an account and region that proofs before deletions share."""
        with self._lock:
            return self._reads.setdefault(of, SharedReads(waits=False))

    def of(self, namespace: str) -> Cloud | None:
        """The cloud of a namespace; None if the configuration has none for it.

        Raises:
            CloudError: it can't be opened.

        """
        opened = self._open(namespace)
        return opened[0] if opened else None

    def uses_account(self, namespace: str, identity: Identity) -> bool:
        """Whether a namespace uses an account and region; False if its own can't be opened."""
        try:
            cloud = self.of(namespace)
        except CloudError:
            return False
        return cloud is not None and (cloud.identity.account, cloud.identity.region) == (
            identity.account,
            identity.region,
        )

    def fenced_cloud(
        self, namespace: str, reconcile_id: str, is_leader: Callable[[], bool], by: CallerPriority = BRIEF
    ) -> FencedCloud | None:
        """The cloud of a namespace for one pass.

        Raises:
            CloudError: it can't be opened.

        """
        opened = self._open(namespace)
        if opened is None:
            return None
        timeout = WaitLimit(by.once, by.all, self.stopping)
        leadership, caller = Leadership(is_leader, self._margin), by.caller or reconcile_id
        return FencedCloud(
            opened[0],
            reconcile_id,
            leadership,
            opened[1],
            caller=caller,
            timeout=timeout,
            changing=self.changing,
        )

    def _open(self, namespace: str) -> tuple[Cloud, Slots] | None:
        role = self.tenants.of(namespace)
        if role is None:
            return None
        with self._lock:
            opening = self._opening.setdefault(role, threading.Lock())
        with opening:  # a lock per role: STS may not answer for one of them
            if role not in self._opened:
                self._opened[role] = self._connect(role), Slots(self._at_once)
            return self._opened[role]

    def prepare(self) -> None:
        """Open the operator's own account, if it is used: loading boto3 takes longer than a pass.

        A failure is logged; passes report it for each object.
        """
        if self.tenants.roles is not None:
            return
        try:
            cloud = self.of("")
            fields = {"account": cloud.identity.account, "region": cloud.identity.region} if cloud else {}
        except CloudError as error:
            _log.warning("no account", extra={"fields": {"error": str(error)}})
            return
        _log.info("account", extra={"fields": fields})
