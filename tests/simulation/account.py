"""An account on a virtual clock: the sandbox behind one boto3 client, and a record of who changed what in it."""

import random
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.session import Session

from controller.aws import connect
from controller.aws.client import share_models
from controller.aws.rate_limit import RateLimiter, RateLimiters
from controller.aws.rate_quotas import UNLISTED
from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.engine.observed import DIGEST, OWNER, document_of
from controller.kinds import KINDS
from controller.sandbox import Answer, Knobs, ManualClock, Record, Sandbox
from controller.sandbox.faults import Faults
from controller.sandbox.resource import Row
from controller.sandbox.service import is_mutating
from tests.botocore_shortcut import Handler, attach_short
from tests.simulation.bucket import Bucket

CONSOLE = "console"  # other writers of the account: a person, another tool, an autoscaler
Rows = dict[tuple[str, int], Row]


@dataclass(frozen=True)
class CreationRecord:
    """Who created a resource: the set, and for a step of a plan its document and the digest of the spec."""

    by: str
    ref: Ref | None
    digest: str


@dataclass(frozen=True)
class Mutation:
    """A request of a run that may change the account, with the resources that it changed, before and after it."""

    run: int
    by: str
    ref: Ref | None
    record: Record
    changed: tuple[tuple[Row | None, Row | None], ...]
    rows: Rows  # all existing resources after it

    @property
    def kind(self) -> str:
        """Its kind: its step's, or the operation's; empty for tags and the like."""
        if self.ref is not None:
            return self.ref.kind
        named = re.sub("^(Create|Update|Delete|Stop|Start)", "", self.record.operation)
        return named if named in KINDS else ""


@dataclass
class Account:
    """One account. ``by`` and ``making`` are the present caller and step, ``run`` is its pass of ``runs``."""

    sandbox: Sandbox = field(
        default_factory=lambda: Sandbox(
            clock=ManualClock(), knobs=Knobs(stored_definition='{"Version": "2020-12-01", "Steps": []}')
        )
    )
    by: str = CONSOLE
    run: int = 0
    runs: int = 0
    making: tuple[Ref | None, str] = (None, "")
    made: dict[tuple[str, int], CreationRecord] = field(default_factory=dict)
    altered: set[tuple[str, int]] = field(default_factory=set)  # by others, so that it may differ
    mutations: list[Mutation] = field(default_factory=list)
    seconds: float = 0.0
    bucket: Bucket = field(default_factory=Bucket)
    lock: threading.RLock = field(default_factory=threading.RLock)
    limiter: RateLimiter = field(init=False)

    def __post_init__(self) -> None:
        # Seconds before the machine's clock, with which a limiter compares the time of a request.
        self.limiter = RateLimiter(UNLISTED, wait=self.wait, now=lambda: self.seconds - 1e9)

    def wait(self, seconds: float) -> None:
        """Advance our clock and AWS's."""
        self.seconds += seconds
        self.sandbox.clock.advance(seconds)

    def rows(self) -> Rows:
        """All existing resources, whatever reads show."""
        now = round(self.sandbox.clock.now(), 3)
        states = self.sandbox._states.values()
        return {(row.arn, row.serial): row for state in states for row in state.all_rows(now)}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond to a request, and record its changes."""
        with self.lock:
            return self._noted(method, path, headers, body)

    def _noted(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        if not is_mutating(operation):
            return self.sandbox.answer(method, path, headers, body)
        before, calls = self.rows(), len(self.sandbox._calls)
        answer = self.sandbox.answer(method, path, headers, body)
        if len(self.sandbox._calls) > calls:
            record = self.sandbox._calls[-1]
            after = self.rows()
            for key in after.keys() - before.keys():
                self.made[key] = self._made(after[key])
            keys = sorted(after.keys() | before.keys())
            pairs = ((before.get(key), after.get(key)) for key in keys)
            changed = tuple((old, new) for old, new in pairs if old is not new)
            if self.by == CONSOLE:
                self.altered |= {(old.arn, old.serial) for old, new in changed if old and new}
            self.mutations.append(Mutation(self.run, self.by, self.making[0], record, changed, after))
        return answer

    def _made(self, row: Row) -> CreationRecord:
        """Who created a resource; its tags name the document if no step of a plan is known."""
        if self.making[0] is not None or self.by == CONSOLE:
            return CreationRecord(self.by, *self.making)
        tags = row.tags or {}
        return CreationRecord(self.by, document_of(tags.get(OWNER, ""), self.by), tags.get(DIGEST, ""))

    @contextmanager
    def as_other_user(self) -> Iterator[None]:
        """Call AWS as another user for the block, without injected faults."""
        faults, self.sandbox._faults = self.sandbox._faults, Faults()
        before = self.by, self.making, self.run
        self.by, self.making, self.run = CONSOLE, (None, ""), 0
        try:
            yield
        finally:
            self.sandbox._faults = faults
            self.by, self.making, self.run = before


class _Limiters(RateLimiters):
    """The rate limiter of the current account."""

    def of(self, identity: object) -> RateLimiter:
        return _current.account.limiter


@dataclass
class _CurrentAccount:
    """The account that the client calls: creating a client takes longer than a history."""

    account: Account = field(default_factory=Account)
    cloud: Cloud | None = None
    console: Any = None

    def answer(self, *request: object) -> Answer:
        return self.account.answer(*request)  # type: ignore[arg-type]  # as botocore's handler gives them


_current = _CurrentAccount()


def _answer_s3(request: Any, **_: object) -> Any:
    return _current.account.bucket.answer(request)


def attach_unsigned(session: Session, handler: Handler) -> None:
    """Let ``handler`` respond without checking signatures: signing takes a fifth of a call's time."""
    attach_short(session, handler)
    session.register("choose-signer", lambda **_: UNSIGNED)


def _attach(session: Session) -> None:
    """Let the current account respond."""
    session.register("before-send.s3", _answer_s3)  # type: ignore[arg-type]  # handlers may answer
    attach_unsigned(session, _current.answer)


@contextmanager
def another_account() -> Iterator[None]:
    """Open another account for the block; the current one is current again afterwards."""
    before, chance = _current.account, random.getstate()
    try:
        yield
    finally:
        _current.account = before
        random.setstate(chance)


def open_account(account: Account, seed: int) -> Cloud:
    """The cloud of an account, which is the current one from now on."""
    random.seed(seed)  # the jitter of rate limits
    if _current.cloud is None:
        _current.cloud = connect(
            region="us-east-1",
            attach=_attach,
            limiters=_Limiters(UNLISTED),
        )
        _ = _current.cloud.identity
    _current.account = account
    return _current.cloud


def console_client() -> Any:
    """A client with all operations of SageMaker: another user's, of the current account."""
    if _current.console is None:
        core = Session()
        share_models(core)
        core.set_credentials("other", "other")
        _attach(core)
        session: Any = boto3.Session(botocore_session=core, region_name="us-east-1")
        _current.console = session.client("sagemaker")
    return _current.console
