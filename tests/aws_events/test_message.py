"""The resources of an EventBridge message, for every kind and for malformed messages."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.aws_events.message import kind_of_operation, resource_event
from controller.kinds import KINDS
from controller.schema.contract import contract
from tests.aws_events.events import ACCOUNT, REGION, api_call, state_change

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:thing/Fraud"


def lower_first(member: str) -> str:
    """A member's name as CloudTrail writes it."""
    return member[:1].lower() + member[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_by_hand_is_recognized(kind: str) -> None:
    """An event of each changing operation of a kind is for the resource that the call names, and for no other."""
    its = contract(kind)
    for operation in filter(None, (its.creates, its.updates, its.deletes)):
        event = resource_event(json.dumps(api_call(operation.name, {lower_first(its.name_member): "Fraud"})))
        assert event is not None
        assert event.kind == kind_of_operation(operation.name)
        assert event.kind in KINDS
        if event.kind == kind:  # two kinds may share an operation, as the policies of a resource do
            assert event.is_about(kind, "fraud", ARN)
        assert not event.is_about(kind, "churn", ARN.replace("Fraud", "churn"))
        assert not event.is_about(kind, "Fraud", ARN.replace(ACCOUNT, "9" * 12))
        assert not event.is_about(kind, "Fraud", ARN.replace(REGION, "eu-west-1"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_state_is_of_its_arn(kind: str) -> None:
    """A state change of any kind is for the resource of its ARN, in upper or lower case."""
    event = resource_event(json.dumps(state_change(kind, ARN)))
    assert event is not None
    assert event.is_about(kind, "anything", ARN.replace("Fraud", "fraud"))
    assert not event.is_about(kind, "Fraud", ARN.replace("thing", "other"))
    assert not event.is_about(kind, "", "")


def test_an_operation_beside_the_row_is_of_the_longest_kind_in_its_name() -> None:
    """Other operations, such as Stop, are for the kind in their name, or for the resource that they name by ARN."""
    assert kind_of_operation("UpdateEndpointWeightsAndCapacities") == "Endpoint"
    assert kind_of_operation("StopNotebookInstance") == "NotebookInstance"
    assert not kind_of_operation("AddTags")
    event = resource_event(json.dumps(api_call("AddTags", {"resourceArn": ARN})))
    assert event is not None
    assert event.is_about("Model", "Fraud", ARN)


@pytest.mark.parametrize(
    "document",
    [
        api_call("DescribeModel", {"modelName": "fraud"}, readOnly=True),
        api_call("DeleteModel", {"modelName": "fraud"}, errorCode="AccessDenied"),
        api_call("DeleteModel", None),
        {"detail-type": "Scheduled Event", "resources": [], "detail": {}},
        [],
        "text",
        None,
        {},
    ],
    ids=str,
)
def test_what_changed_nothing_is_no_event(document: Any) -> None:
    """Reads, refused calls, calls that name no resource and other messages yield no event."""
    assert resource_event(json.dumps(document)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(), of, max_size=3),
    max_leaves=12,
)
NAMES = ("detail-type", "resources", "detail", "account", "region", "id")
PARTS = ("eventName", "requestParameters", "responseElements", "requestID", "readOnly", "errorCode")


@given(
    st.text()
    | JSON.map(json.dumps)
    | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)).map(json.dumps)
    | (st.dictionaries(st.sampled_from(PARTS), JSON) | JSON).map(
        lambda detail: json.dumps(api_call("CreateModel", {}) | {"detail": detail})
    )
)
def test_no_message_breaks_the_parser(body: str) -> None:
    """Any text is parsed or rejected without an exception, and logged parts are printable."""
    event = resource_event(body)
    assert event is None or (event.names and f"{event.id}{event.request}{event.kind}".isprintable())


def test_a_deep_or_large_message_is_bounded() -> None:
    """A deeply nested message is rejected, and at most a hundred names are read."""
    assert resource_event("[" * 200_000) is None
    many = {f"n{number}": f"name-{number}" for number in range(5000)}
    event = resource_event(json.dumps(api_call("CreateModel", many)))
    assert event is not None
    assert len(event.names) == 100
