import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest

from controller.core.ref import Ref
from controller.gitops.status_writer import SyncLog
from controller.runtime.log import line, log_to_stderr, object_fields

KEYS = ["ts", "level", "logger", "msg"]


@pytest.fixture
def stderr() -> Iterator[io.StringIO]:
    """What a process logs; the loggers are as before afterwards."""
    handlers, level = logging.root.handlers[:], logging.root.level
    named = ("kopf", "kopf.objects", "kopf.activities", "urllib3", "aiohttp", "asyncio", "botocore")
    levels = {each: logging.getLogger(each).level for each in named}
    with redirect_stderr(io.StringIO()) as text:
        log_to_stderr(verbose=False)
        yield text
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_all_loggers_write_the_same_keys(stderr: io.StringIO) -> None:
    """Our loggers and those of kopf, urllib3, aiohttp and boto3 write JSON lines that begin with the same keys."""
    loggers = (
        "sagectl.reconciler",
        "kopf._core.reactor",
        "urllib3.connectionpool",
        "aiohttp.server",
        "botocore.x",
    )
    for name in loggers:
        logging.getLogger(name).warning("said %s", "so")
    lines = [json.loads(each) for each in stderr.getvalue().splitlines()]
    assert [list(each) for each in lines] == [KEYS] * len(loggers)
    assert [(each["logger"], each["msg"], each["level"]) for each in lines] == [
        (name, "said so", "warning") for name in loggers
    ]
    logging.getLogger("urllib3.connectionpool").info("quiet")
    assert len(stderr.getvalue().splitlines()) == len(loggers)


def test_an_exception_stays_on_one_line(stderr: io.StringIO) -> None:
    """A stack trace is a field, and the object is named by kind, namespace and name."""
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logging.getLogger("sagectl.x").exception(
            "panic", extra={"fields": object_fields(Ref("Model", "a", "ml"))}
        )
    (only,) = (json.loads(each) for each in stderr.getvalue().splitlines())
    assert (only["kind"], only["namespace"], only["name"]) == ("Model", "ml", "a")
    assert "ZeroDivisionError" in only["stacktrace"]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_field_cannot_forge_a_line(*, as_json: bool) -> None:
    """Line breaks, quotes and names of the first keys in a field make neither another line nor another level."""
    fields: dict[str, Any] = {"level": "forged", "sync": 'a"\nts=1 level=error', "msg": "forged"}
    written = line(0.0, "info", "sagectl.sync", "applied", fields, as_json=as_json)
    assert "\n" not in written
    begins = (
        '{"ts": "1970-01-01T00:00:00.000Z", "level": "info"'
        if as_json
        else "ts=1970-01-01T00:00:00.000Z level=info"
    )
    assert written.startswith(begins)
    if as_json:
        assert json.loads(written)["msg"] == "applied"


@pytest.mark.parametrize("as_json", [True, False])
def test_syncs_write_the_same_lines(*, as_json: bool) -> None:
    """The log of sagectl sync is made of the same lines, as JSON or as text."""
    lines: list[str] = []
    SyncLog(lines.append, lambda: 0.0, json=as_json).log("prod", "applied", revision="abc")
    fields = {"sync": "prod", "revision": "abc"}
    assert lines == [line(0.0, "info", "sagectl.sync", "applied", fields, as_json=as_json) + "\n"]
