"""The only module that uses kopf: it finds our definitions, lists and watches their objects, and ends on a signal.

One handler for every kind passes objects to the ``ResourceEventHandler`` and returns at once. kopf writes and keeps
nothing: none of its handlers of changes is used.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol, Self, cast

import aiohttp
import kopf

from controller.core.ref import Ref
from controller.manifests.envelope import API_VERSION, GROUP
from controller.operator.cached_object import Item
from controller.operator.constants import VERSION
from controller.operator.kube.access import Access
from controller.runtime.bounded_text import DEEPEST, limit_depth, load_json
from controller.runtime.log import object_fields

_TOKEN_AGE = timedelta(minutes=10)  # a bound token is renewed by the kubelet well before its hour is over
_MODIFIED = b'{"type":"MODIFIED"'  # the beginning of an event, as the API server writes it
_log = logging.getLogger("sagectl.informer")


class ResourceEventHandler(Protocol):
    """Handles the objects of a kind's lists and watches, like client-go's interface of this name."""

    def on_object(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> Item:
        """Handle an object."""

    def on_listed(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> None:
        """Handle an object of a list."""

    def on_deleted(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Handle the deletion of an object."""

    def on_version(self, ref: Ref, version: str) -> bool:
        """Record that the server showed a version of an object; returns whether it is cached already."""


def inform(
    handlers: Mapping[str, ResourceEventHandler],
    access: Access,
    namespaces: Sequence[str],
    begin: Callable[[], None],
    end: Callable[[], None],
) -> None:
    """Watch until a signal comes. ``begin`` is called before the first object, ``end`` after the last.

    Args:
        handlers: the kinds to watch, and what handles the objects of each.
        access: the API server.
        namespaces: those to watch; all where none is named.
        begin: starts the workers.
        end: stops them.

    """
    registry = kopf.OperatorRegistry()
    _handlers(registry, handlers, access)
    _register_cleanup(registry, begin, end)
    asyncio.run(
        kopf.operator(
            registry=registry,
            settings=_settings(scans=not namespaces),
            standalone=True,
            clusterwide=not namespaces,
            namespaces=list(namespaces),
        )
    )


def _handlers(
    registry: kopf.OperatorRegistry, handlers: Mapping[str, ResourceEventHandler], access: Access
) -> None:
    known = _KnownVersions(handlers)

    def watched(resource: kopf.Resource) -> bool:
        return resource.kind in handlers

    async def handled(*, event: Any, resource: Any, **_: Any) -> None:
        _handle_event(handlers[resource.kind], event, resource.kind)

    async def login(**_: Any) -> kopf.AiohttpSession:
        token = access.bearer()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=access.trust),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            response_class=type(_Response.__name__, (_Response,), {"known": known}),
        )
        expiration = datetime.now(UTC) + _TOKEN_AGE
        return kopf.AiohttpSession(server=access.server, aiohttp_session=session, expiration=expiration)

    kopf.on.event(watched, group=GROUP, version=VERSION, id="intake", registry=registry)(handled)
    kopf.on.login(id="access", registry=registry)(login)


class _KnownVersions:
    """Filters a watch: drops events with a version of an object that is cached already.

    Most events are our own writes, whose responses were handled before. kopf uses a task, a queue and a handler for
    each event, so these events do not reach it: a bookmark replaces them, with the version from which the watch
    continues when it is restarted (kubernetes.io, API concepts, "Watch bookmarks").
    """

    def __init__(self, handlers: Mapping[str, ResourceEventHandler]) -> None:
        self._event_handlers = handlers

    def __call__(self, line: bytes) -> bytes:
        """A line of a watch, or the bookmark in its place."""
        if not line.startswith(_MODIFIED):
            return line
        try:
            value = load_json(line)["object"]
            kind, metadata = value["kind"], value["metadata"]
            ref, version = Ref(kind, metadata["name"], metadata["namespace"]), metadata["resourceVersion"]
            held = value["apiVersion"] == API_VERSION and self._event_handlers[kind].on_version(ref, version)
        except (ValueError, KeyError, TypeError):
            return line  # of another resource, or an error that kopf reports
        if not held:
            return line
        mark = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"resourceVersion": version}}
        return json.dumps({"type": "BOOKMARK", "object": mark}).encode()


class _Response(aiohttp.ClientResponse):
    """A response without objects that are nested too deeply to be parsed: one would end the watch of all others."""

    known: ClassVar[_KnownVersions]

    async def start(self, connection: Any) -> Self:
        """Read the head; a watch's lines come through ``_Lines``."""
        await super().start(connection)
        self.content = cast("aiohttp.StreamReader", _Lines(self.content, self.known))
        return self

    async def json(self, **_: Any) -> Any:
        """Read a list, or an object."""
        return load_json(await self.read())


class _Lines:
    """A stream of JSON lines, without those that are nested too deeply or known already."""

    def __init__(self, stream: aiohttp.StreamReader, known: _KnownVersions) -> None:
        self._stream, self._known = stream, known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Complete lines, as they arrive."""
        rest = b""
        async for chunk in self._stream.iter_chunked(size):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield (limit_depth(line) if _may_be_deep(line) else self._known(line)) + b"\n"
        if rest:
            yield limit_depth(rest)


def _may_be_deep(line: bytes) -> bool:
    return line.count(b"[") + line.count(b"{") > DEEPEST


def _handle_event(handler: ResourceEventHandler, event: Any, kind: str) -> None:
    """Handle an event; exceptions are logged here, because kopf would drop them silently."""
    cause, value = uuid.uuid4().hex[:12], event["object"]
    metadata = value["metadata"]
    ref = Ref(kind, metadata["name"], metadata.get("namespace", ""))
    _log.debug("event", extra={"fields": {"reconcileID": cause, **object_fields(ref), "type": event["type"]}})
    try:
        if event["type"] == "DELETED":
            handler.on_deleted(ref, metadata["uid"], cause)
            return
        take = handler.on_object if event["type"] else handler.on_listed
        take(ref, {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, **value}, cause)
    except Exception:  # noqa: BLE001 - kopf would drop it silently
        _log.exception("the object can't be processed", extra={"fields": {**object_fields(ref)}})


def _register_cleanup(
    registry: kopf.OperatorRegistry, begin: Callable[[], None], end: Callable[[], None]
) -> None:
    async def startup(**_: Any) -> None:
        begin()

    async def cleanup(**_: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(None, end)

    kopf.on.startup(id="begin", registry=registry)(startup)
    kopf.on.cleanup(id="end", registry=registry)(cleanup)


def _settings(*, scans: bool) -> kopf.OperatorSettings:
    """Kopf's settings: no scan of namespaces, and one of definitions, because more needs rights everywhere."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = not scans
    settings.watching.connect_timeout = 5
    settings.watching.server_timeout = 600
    settings.watching.client_timeout = 660
    settings.watching.chunk_size = 500
    settings.networking.connect_timeout = 5
    settings.networking.request_timeout = 60
    settings.networking.error_backoffs = (1, 1, *[2] * 26)  # kopf's own minute, without its pauses of 21 s
    settings.queueing.idle_timeout = 1
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = kopf.StatusProgressStorage()
    return settings


class _NoDiffBase(kopf.DiffBaseStorage):
    """No last-handled state: kopf would copy every object for handlers of changes, of which there are none."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:  # noqa: ARG002 - its signature
        return cast("kopf.BodyEssence", {})

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:  # noqa: ARG002 - its signature
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Store nothing."""
