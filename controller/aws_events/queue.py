"""A thread that receives events from an SQS queue and delivers them.

Messages are deleted after they were delivered, so that those of a process that ended in between are received again
after the queue's visibility timeout. A refused call is retried with backoff; meanwhile the messages stay in the queue.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from controller.aws_events.address import QueueAddress
from controller.aws_events.message import ResourceEvent, resource_event
from controller.core.cloud import Call, Cloud, CloudError, ResponseRecord
from controller.runtime.backoff import Backoff

_log = logging.getLogger("sagectl.aws_events")
_SERVICE = "sqs"
_LONG_POLL = 20  # seconds, the longest wait of ReceiveMessage (SQS API Reference)
_BATCH = 10  # messages, the most that one call receives or deletes
_MOST_REQUESTS = 10_000

Deliver: TypeAlias = Callable[[Sequence[ResourceEvent]], None]
Count: TypeAlias = Callable[[str], None]


class OwnRequests:
    """The ids of this process' latest changing requests: CloudTrail reports them as well. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()
        self._order: deque[str] = deque()

    def record(self, answered: ResponseRecord) -> None:
        """Remember a request that AWS answered."""
        if not answered.request or not Call(answered.operation).changes:
            return
        with self._lock:
            self._ids.add(answered.request)
            self._order.append(answered.request)
            if len(self._order) > _MOST_REQUESTS:
                self._ids.discard(self._order.popleft())

    def is_own(self, request: str) -> bool:
        """Whether this process made a request."""
        with self._lock:
            return bool(request) and request in self._ids


class EventQueue:
    """Receives the events of a queue.

    Args:
        cloud: opens the account whose credentials may read the queue; called in the thread.
        address: the queue.
        deliver: called with the events of each answer, without those of this process' own requests.
        own: the requests of this process.
        is_leader: whether this replica receives events.
        count: is called with ``delivered`` or ``ignored`` for each message.

    """

    def __init__(
        self,
        cloud: Callable[[], Cloud],
        address: QueueAddress,
        deliver: Deliver,
        *,
        own: OwnRequests,
        is_leader: Callable[[], bool] = lambda: True,
        count: Count = lambda _: None,
    ) -> None:
        self._address, self._connect, self._deliver = address, cloud, deliver
        self._own, self._leads, self._count = own, is_leader, count
        self._cloud: Cloud | None = None
        self._url = ""
        self._stop = threading.Event()

    def start(self) -> None:
        """Start to receive, in a thread of its own."""
        threading.Thread(target=self._run, name="aws events", daemon=True).start()

    def stop(self) -> None:
        """Stop delivering. A pending ReceiveMessage is not waited for: it changes nothing."""
        self._stop.set()

    def poll(self, wait: int = _LONG_POLL) -> int:
        """Receive once, deliver and delete; return the number of messages.

        Args:
            wait: seconds to wait for a first message.

        Raises:
            CloudError: a call was refused.

        """
        answer = self._call("ReceiveMessage", WaitTimeSeconds=wait, MaxNumberOfMessages=_BATCH)
        messages = [each for each in answer.get("Messages") or () if isinstance(each, dict)]
        if not messages or self._stop.is_set():
            return 0
        events = [resource_event(str(each.get("Body", ""))) for each in messages]
        known = [each for each in events if each is not None and not self._own.is_own(each.request)]
        if known:
            self._deliver(known)
        for each in events:
            self._count("delivered" if each in known else "ignored")
        receipts = [str(each.get("ReceiptHandle", "")) for each in messages]
        entries = [{"Id": str(at), "ReceiptHandle": receipt} for at, receipt in enumerate(receipts)]
        self._call("DeleteMessageBatch", Entries=entries)
        return len(messages)

    def _run(self) -> None:
        failed, backoff = 0, Backoff()
        while not self._stop.is_set():
            if not self._leads():
                self._stop.wait(backoff.first)
                continue
            try:
                self.poll()
                failed = 0
            except CloudError as error:
                failed += 1
                _log.warning("the event queue can't be read", extra={"fields": {"error": str(error)}})
                self._stop.wait(backoff.delay(failed))
            except Exception:  # noqa: BLE001 - periodic reconciliation continues without events
                failed += 1
                _log.exception("the events of a message could not be handed on")
                self._stop.wait(backoff.delay(failed))

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        self._cloud = self._cloud or self._connect()
        if not self._url:
            named = {"QueueName": self._address.name, "QueueOwnerAWSAccountId": self._address.account}
            given = {name: value for name, value in named.items() if value}
            self._url = str(self._cloud.call(Call("GetQueueUrl", given, _SERVICE))["QueueUrl"])
        return self._cloud.call(Call(operation, {"QueueUrl": self._url, **params}, _SERVICE))
