"""The short way of calls in journeys has the same effects as botocore's own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from botocore.config import Config
from botocore.parsers import JSONParser
from botocore.session import Session

from controller.aws.client import share_models
from controller.sandbox import Answer, InjectedFault, Sandbox
from tests import botocore_shortcut
from tests.journeys.documents import all_documents
from tests.journeys.stage import Stage
from tests.journeys.test_everything import DOCUMENTS
from tests.soak import soak


def _run_life_cycle(folder: Path, documents: tuple[str, ...]) -> tuple[list[Any], list[str]]:
    """Calls, changes, steps and messages of a life cycle in which one response is lost and one call is refused."""
    folder.mkdir()
    stage, messages = Stage(folder, poll=300), list[str]()
    stage.sandbox.inject(InjectedFault.SILENT, operation="CreateModelPackageGroup")
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreatePipeline")
    for act in (stage.apply, stage.apply, stage.destroy):
        report = act(*documents, concurrency=1)
        messages += [each.message for each in report.outcomes]
        messages += [f"{each.id} {each.action.name} {each.why.name}" for each in report.plan.steps]
    made = [
        (each.service, each.operation, sorted(each.params), each.status, each.error)
        for each in stage.sandbox.calls
    ]
    return sorted(made, key=repr), stage.mutations() + messages  # The lists of one pass have no order.


@pytest.mark.parametrize("documents", [tuple(all_documents()), *soak(DOCUMENTS)], ids=len)
def test_a_life_cycle_has_the_same_calls_with_all_of_botocore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documents: tuple[str, ...]
) -> None:
    """Operations, members, statuses, errors, steps and messages are the same; the short form has a few kinds."""
    short = _run_life_cycle(tmp_path / "short", documents)
    monkeypatch.setattr(botocore_shortcut, "SERVICES", frozenset())
    assert _run_life_cycle(tmp_path / "long", documents) == short
    assert {status for _, _, _, status, _ in short[0]} >= {0, 200, 400}


def _sent_bodies(operations: list[tuple[str, str]], spare: str) -> dict[str, Any]:
    """The bodies of requests without parameters, by operation; ``spare`` is the token for each operation, if any."""
    session, bodies = Session(), dict[str, Any]()

    def note(_method: str, _path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        bodies[headers["X-Amz-Target"].rpartition(".")[2]] = json.loads(body)
        return Answer(200, {"Content-Type": "application/x-amz-json-1.1"}, b"{}")

    botocore_shortcut.attach_short(session, note)
    client: Any = session.create_client(
        "sagemaker",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(parameter_validation=False),
    )
    for operation, token in operations:
        client._make_api_call(operation, {token: spare} if spare else {})
    return bodies


def test_an_idempotency_token_is_made_for_each_operation_that_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both implementations create a token for each call of an operation with such a member, and keep a given one."""
    model = Session().get_service_model("sagemaker")
    operations = [
        (name, token)
        for name in model.operation_names
        for token in model.operation_model(name).idempotent_members
    ]
    assert len(operations) > 15
    for services in (botocore_shortcut.SERVICES, frozenset[str]()):
        monkeypatch.setattr(botocore_shortcut, "SERVICES", services)
        made = _sent_bodies(operations, "")
        tokens = [made[operation].pop(token) for operation, token in operations]
        assert len(set(tokens)) == len(operations)
        assert {str(UUID(each)) for each in tokens} == set(tokens)
        assert not any(made.values())
        assert _sent_bodies(operations, "ours") == {
            operation: {token: "ours"} for operation, token in operations
        }


def test_a_copied_client_has_its_own_account_and_handlers() -> None:
    """Each of two copies of one client calls its own account and runs only its own handlers."""
    emitted: list[int] = []
    for number in range(2):
        session, sandbox = Session(), Sandbox()
        share_models(session)
        session.set_credentials("none", "none")
        botocore_shortcut.attach_short(session, sandbox.answer)
        client: Any = session.create_client("sagemaker", region_name="us-east-1")
        client.meta.events.register("before-send", lambda number=number, **_: emitted.append(number))
        assert client.list_models()["Models"] == []
        assert [each.operation for each in sandbox.calls] == ["ListModels"]
        sandbox.close()
    assert emitted == [0, 1]


_SCALARS = {
    "timestamp": 1.5e9,
    "blob": "AAEC",
    "boolean": True,
    "integer": 1,
    "long": 2,
    "float": 0.5,
    "double": 0.25,
}
_WRONG: tuple[Any, ...] = (None, "text", [], {}, 1, [None], {"a": None})


def _of_shape(shape: Any, depth: int = 4) -> Any:
    """A value with all members of a shape, and one null in each list, down to a depth."""
    if shape.type_name == "structure":
        members = shape.members.items() if depth else ()
        return {name: _of_shape(each, depth - 1) for name, each in members}
    if shape.type_name == "list":
        return [_of_shape(shape.member, depth - 1), None] if depth else []
    if shape.type_name == "map":
        return {"a": _of_shape(shape.value, depth - 1)} if depth else {}
    return _SCALARS.get(shape.type_name, "text")


def _parsed(parser: Any, body: Any, shape: Any) -> str:
    """What a parser returns or raises."""
    headers = {"x-amzn-requestid": "a"}
    response = {"status_code": 200, "headers": headers, "body": json.dumps(body).encode()}
    try:
        return repr(parser.parse(response, shape))
    except Exception as error:  # noqa: BLE001 - whatever botocore raises
        return type(error).__name__


@pytest.mark.parametrize("service", ["sagemaker", "resourcegroupstaggingapi", "application-autoscaling"])
def test_responses_are_parsed_as_by_botocore(service: str) -> None:
    """All operations: whole responses, and those with a wrong value for a member, have the same result or error."""
    session = Session()
    share_models(session)
    model, plain = session.get_service_model(service), JSONParser()
    short, found = botocore_shortcut.Parser(plain), set[bool]()
    for shape in filter(None, (model.operation_model(name).output_shape for name in model.operation_names)):
        whole = _of_shape(shape)
        wrong = [{**whole, name: _WRONG[number % len(_WRONG)]} for number, name in enumerate(whole)]
        for body in (whole, {}, *wrong):
            expected = _parsed(plain, body, shape)
            assert _parsed(short, body, shape) == expected
            found.add(expected.endswith("Error"))
    assert found == {True, False}
