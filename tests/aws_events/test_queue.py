"""Events are received from a real boto3 client of SQS, which moto answers."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from controller.aws import connect
from controller.aws_events.address import QueueAddress, queue_address
from controller.aws_events.message import ResourceEvent
from controller.aws_events.queue import EventQueue, OwnRequests
from controller.core.cloud import Cloud, CloudError, Fault, ResponseRecord
from tests.aws_events.events import api_call

EVENT = api_call("UpdateEndpoint", {"endpointName": "fraud"})


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of SQS in an account with an empty queue."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with mock_aws():
        client = boto3.client("sqs", region_name="us-east-1")
        client.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "0"})
        yield client


def send(sqs: Any, *bodies: str) -> None:
    """Send messages."""
    for body in bodies:
        sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="events")["QueueUrl"], MessageBody=body)


def message_count(sqs: Any) -> int:
    """The number of messages in the queue."""
    url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def connect_account() -> Cloud:
    """A connection to the account."""
    return connect(region="us-east-1")


class Received:
    """The events that a queue delivered, and its counts."""

    def __init__(self, own: OwnRequests | None = None, name: str = "events") -> None:
        self.events: list[ResourceEvent] = []
        self.counted: list[str] = []
        self.queue = EventQueue(
            connect_account,
            QueueAddress(name),
            self.events.extend,
            own=own or OwnRequests(),
            count=self.counted.append,
        )


def test_events_are_handed_on_and_deleted(sqs: Any) -> None:
    """Valid events are delivered at once; others are deleted as well, because they would be received again."""
    send(sqs, json.dumps(EVENT), "nonsense")
    received = Received()
    assert received.queue.poll(wait=0) == 2
    assert [(each.kind, each.names) for each in received.events] == [("Endpoint", frozenset({"fraud"}))]
    assert sorted(received.counted) == ["delivered", "ignored"]
    assert message_count(sqs) == 0
    assert received.queue.poll(wait=0) == 0


def test_own_requests_are_left_out(sqs: Any) -> None:
    """CloudTrail also reports changes of this process, which are ignored; ids of reads are not recorded."""
    send(sqs, json.dumps(EVENT))
    own = OwnRequests()
    own.record(ResponseRecord("sagemaker", "UpdateEndpoint", "", "r-1", 0.1))
    received = Received(own)
    assert received.queue.poll(wait=0) == 1
    assert (received.events, received.counted, message_count(sqs)) == ([], ["ignored"], 0)
    own.record(ResponseRecord("sagemaker", "DescribeEndpoint", "", "r-2", 0.1))
    assert not own.is_own("r-2")


def test_the_memory_of_own_requests_is_bounded() -> None:
    """Only the newest request IDs are kept."""
    own = OwnRequests()
    for number in range(10_002):
        own.record(ResponseRecord("sagemaker", "UpdateEndpoint", "", str(number), 0.1))
    assert (own.is_own("1"), own.is_own("2"), own.is_own("10001")) == (False, True, True)


def test_what_could_not_be_handed_on_comes_again(sqs: Any) -> None:
    """A message is deleted only after it was delivered."""
    send(sqs, json.dumps(EVENT))

    def broken(_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        EventQueue(connect_account, QueueAddress("events"), broken, own=OwnRequests()).poll(wait=0)
    assert message_count(sqs) == 1


def test_a_queue_that_is_not_there_is_refused(sqs: Any) -> None:
    """The thread retries; the refusal names the operation."""
    del sqs
    with pytest.raises(CloudError, match="GetQueueUrl") as refusal:
        Received(name="other").queue.poll(wait=0)
    assert refusal.value.fault is not Fault.THROTTLED


def test_a_stopped_queue_hands_nothing_on(sqs: Any) -> None:
    """Messages that a stopped queue received are received again later."""
    send(sqs, json.dumps(EVENT))
    received = Received()
    received.queue.stop()
    assert received.queue.poll(wait=0) == 0
    assert (received.events, message_count(sqs)) == ([], 1)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sqs://events", QueueAddress("events")),
        ("sqs://123456789012/events.fifo", QueueAddress("events.fifo", "123456789012")),
    ],
)
def test_an_address_is_a_name_or_an_account_and_a_name(text: str, address: QueueAddress) -> None:
    """An address is a queue name, or an account ID and a name, which GetQueueUrl accepts."""
    assert queue_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "events",
        "sqs://",
        "sqs://a b",
        "sqs://1/a",
        "https://sqs.us-east-1.amazonaws.com/1/a",
        "sqs://a/b/c",
    ],
)
def test_another_address_is_refused(text: str) -> None:
    """The error lists the valid forms."""
    with pytest.raises(ValueError, match="sqs://NAME or sqs://ACCOUNT/NAME"):
        queue_address(text)
