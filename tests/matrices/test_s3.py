"""Every call of a run to its inventory in S3 ends in every way; the next run has lost nothing."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.session import Session
from moto import mock_aws

from controller.aws import connect
from controller.core.cloud import Call, Cloud, CloudError
from controller.core.phase import Convergence
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import InventoryError, LockedInventoryStore
from controller.inventory.s3_store import S3InventoryStore, S3Location
from tests.journeys.documents import GROUP, pipeline
from tests.journeys.stage import Stage
from tests.soak import soak

_AT = S3Location("ours", "inventory.json")
_DOCUMENTS = (GROUP, pipeline())


def _error_body(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()


# Status and body of a response; a Put is executed before it, or is not.
_ANSWERS = {
    "500": (500, _error_body("InternalError")),
    "503": (503, _error_body("SlowDown")),
    "denied": (403, _error_body("AccessDenied")),
    "expired": (400, _error_body("ExpiredToken")),
    "a false not-found": (404, _error_body("NoSuchKey")),
    "the bucket is gone": (404, _error_body("NoSuchBucket")),
    "another was first": (412, _error_body("PreconditionFailed")),
    "another is at it": (409, _error_body("ConditionalRequestConflict")),
    "a page of a proxy": (502, b"<html>"),
    "nothing": (200, b""),
    "an inventory of nobody": (200, b"{}"),
    "garbage": (200, b"\xff\x00<"),
}
_FEW = ("500", "a false not-found", "another was first", "nothing")


class _Body(io.BytesIO):
    """A response body as urllib3 returns one."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """All of it at once."""
        yield self.read()


@dataclass
class ReplacedAnswers:
    """Replaces the response to request number ``at``, before it reaches the bucket, or after it was executed."""

    at: int = -1
    name: str = ""
    done: bool = False
    seen: int = 0

    def arm(self, at: int, name: str = "", *, done: bool = False) -> None:
        """Count from now on."""
        self.at, self.name, self.done, self.seen = at, name, done, 0

    def attach(self, session: Session) -> None:
        """Handle a session's requests to S3 first."""
        emitter = session.get_component("event_emitter")
        emitter.register_first("before-send.s3", self._before_send)
        emitter.register_first("before-parse.s3", self._before_parse)

    def _before_send(self, request: Any, **_: object) -> AWSResponse | None:
        self.seen += 1
        if self.seen - 1 != self.at or self.done:
            return None
        status, body = _ANSWERS[self.name]
        headers = {"content-length": str(len(body))}
        return AWSResponse(request.url, status, headers, _Body(body))  # type: ignore[arg-type]  # read like one of urllib3

    def _before_parse(self, response_dict: dict[str, Any], operation_model: Any, **_: object) -> None:
        if self.done and self.seen - 1 == self.at and operation_model.name == "PutObject":
            response_dict["status_code"], response_dict["body"] = _ANSWERS[self.name]
            response_dict["headers"] = {}


@dataclass
class S3Stage(Stage):
    """A stage whose inventory is in S3."""

    s3: Cloud | None = None

    @cached_property
    def _sandbox_cloud(self) -> Cloud:
        """Use all of botocore: while moto responds for S3, its handler uses the events of the short form."""
        return connect(region="us-east-1", attach=self.sandbox.attach)

    @property
    def inventory_store(self) -> Any:
        """The inventory, opened again as in each run."""
        assert self.s3 is not None
        store: LockedInventoryStore = S3InventoryStore(self.s3, _AT, self.set)
        assert not isinstance(store, FileInventoryStore)
        return store


@pytest.fixture
def answers() -> ReplacedAnswers:
    """The handler before the bucket."""
    return ReplacedAnswers()


@pytest.fixture
def s3(answers: ReplacedAnswers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An account with an empty bucket, to whose requests the test may respond."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with mock_aws():
        cloud = connect(region="us-east-1", attach=answers.attach)
        cloud.call(Call("CreateBucket", {"Bucket": "ours"}, service="s3"))
        yield cloud


@pytest.mark.parametrize("name", [*_FEW, *soak(*(name for name in _ANSWERS if name not in _FEW))])
def test_every_call_to_the_inventory_may_end_in_every_way(
    tmp_path: Path, s3: Cloud, answers: ReplacedAnswers, name: str, record_property: Any
) -> None:
    """Whatever S3 responds to one call, the next run finds the created resources: one of each, all in the inventory."""
    stage = S3Stage(tmp_path, s3=s3)
    stage.apply(*_DOCUMENTS)
    calls = answers.seen
    cells = 0
    for at in range(calls):
        for done in (False, True):
            answers.arm(-1)
            stage.sandbox.reset()
            s3.call(Call("DeleteObject", _AT.address, service="s3"))
            answers.arm(at, name, done=done)
            with suppress(InventoryError, CloudError):
                stage.apply(*_DOCUMENTS)
            answers.arm(-1)
            where = (name, at, done)
            assert stage.apply(*_DOCUMENTS).convergence is Convergence.SETTLED, where
            assert len(stage.sandbox.resources()) == len(_DOCUMENTS), where
            entries = stage.inventory().entries.values()
            assert sorted(bool(entry.arn) for entry in entries) == [True, True], where
            assert not [each for each in stage.mutations() if each.startswith("Delete")], where
            cells += 1
    assert cells > 4
    record_property("cells", cells)
