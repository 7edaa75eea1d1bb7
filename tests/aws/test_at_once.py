"""Calls that are made at the same time."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from controller.aws import connect
from controller.core.cloud import Call, Cloud
from controller.sandbox import Knobs, Sandbox, serve

MANY = 48


@pytest.mark.parametrize(("at_once", "thrown_away"), [(MANY, False), (1, True)])
def test_a_connection_is_kept_for_each_call_at_once(
    at_once: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, *, thrown_away: bool
) -> None:
    """More concurrent calls than declared drop connections, and a log line reports it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    sandbox = Sandbox(knobs=Knobs(latency=0.5))
    server = serve(sandbox).start()
    try:
        _call_concurrently(connect(region="us-east-1", endpoint_url=server.url, at_once=at_once))
    finally:
        server.stop()
        sandbox.close()
    records = [record for record in caplog.records if "pool is full" in record.getMessage()]
    assert bool(records) is thrown_away
    assert all(record.levelno == logging.WARNING for record in records)


def _call_concurrently(cloud: Cloud) -> None:
    barrier = threading.Barrier(MANY)

    def call() -> None:
        barrier.wait(30)
        cloud.call(Call("ListModels"))

    with ThreadPoolExecutor(MANY) as pool:
        for each in [pool.submit(call) for _ in range(MANY)]:
            each.result(60)
