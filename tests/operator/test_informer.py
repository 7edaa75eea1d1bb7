"""The events of a watch that reach kopf: not the versions in the cache."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
import pytest

from controller.core.ref import Ref
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.informer import _KnownVersions, _Lines
from controller.operator.object_cache import ObjectCache
from controller.runtime.bounded_text import DEEPEST
from controller.runtime.workqueue import Queue
from tests.kubernetes.documents import group
from tests.operator.objects import as_served, ref_of

Json = dict[str, Any]


@pytest.fixture
def intake() -> ObjectEventHandler:
    """An event handler with one object in version 5."""
    queue: Queue[Ref] = Queue()
    intake = ObjectEventHandler(ObjectCache(), queue)
    value = as_served(group(), version=5)
    intake.on_object(ref_of(value), value)
    return intake


def watch_line(of: str, value: Json) -> bytes:
    """A line of a watch, as the API server writes it."""
    return json.dumps({"type": of, "object": value}, separators=(",", ":")).encode()


def read_line(intake: ObjectEventHandler, *lines: bytes, size: int = 70) -> list[Json]:
    """What kopf reads from a watch that arrives in pieces."""
    data = b"".join(each + b"\n" for each in lines)

    class Stream:
        async def iter_chunked(self, _: int) -> AsyncIterator[bytes]:
            for at in range(0, len(data), size):
                yield data[at : at + size]

    async def all_of() -> list[bytes]:
        known = _KnownVersions({"ModelPackageGroup": intake})
        stream = _Lines(cast("aiohttp.StreamReader", Stream()), known)
        return [part async for part in stream.iter_chunked(1)]

    return [json.loads(each) for each in b"".join(asyncio.run(all_of())).splitlines()]


def test_a_held_version_is_a_bookmark(intake: ObjectEventHandler) -> None:
    """The watch continues from its version; nothing else of the object is passed on."""
    (found,) = read_line(intake, watch_line("MODIFIED", as_served(group(), version=5)))
    assert (found["type"], found["object"]["metadata"]) == ("BOOKMARK", {"resourceVersion": "5"})


@pytest.mark.parametrize(
    ("of", "value"),
    [
        ("MODIFIED", as_served(group(), version=6)),
        ("MODIFIED", as_served(group(), version=4)),
        ("MODIFIED", as_served(group(name="other"), version=5)),
        ("MODIFIED", {**as_served(group(), version=5), "apiVersion": "other.example/v1"}),
        ("MODIFIED", {**as_served(group(), version=5), "kind": "Pipeline"}),
        ("MODIFIED", {"kind": "ModelPackageGroup", "metadata": "no mapping"}),
        ("MODIFIED", {}),
        ("DELETED", as_served(group(), version=5)),
        ("ADDED", as_served(group(), version=5)),
        ("ERROR", {"code": 410}),
    ],
)
def test_other_events_are_passed_on(intake: ObjectEventHandler, of: str, value: Json) -> None:
    """Another version, object, resource or event, and a line that is no object."""
    assert read_line(intake, watch_line(of, value)) == [{"type": of, "object": value}]


def test_an_annotation_like_a_version_is_no_bookmark(intake: ObjectEventHandler) -> None:
    """A tenant's annotation may contain the text of the held version."""
    value = as_served(group(), version=6, annotations={"resourceVersion": "5"})
    assert read_line(intake, watch_line("MODIFIED", value))[0]["type"] == "MODIFIED"


def test_deeply_nested_events_are_parsed(intake: ObjectEventHandler) -> None:
    """As before, values that are nested too deeply are left out."""
    deep = b"[" * (DEEPEST + 5) + b"]" * (DEEPEST + 5)
    text = watch_line("MODIFIED", {**as_served(group(), version=5), "spec": "HERE"}).replace(b'"HERE"', deep)
    assert read_line(intake, text, size=4096)[0]["type"] == "MODIFIED"
