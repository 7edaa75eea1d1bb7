"""kopf's only door: it finds our definitions, lists and watches their objects, and ends on a signal.

One handler for every kind puts what it is shown into the intake and returns at once. kopf writes nothing, keeps
nothing and decides nothing: none of its handlers that look for changes is used.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

import kopf

from controller.core.ref import Ref
from controller.desired.envelope import GROUP
from controller.operator.item import Item
from controller.operator.kube.access import Access
from controller.operator.words import VERSION

_TOKEN_AGE = timedelta(minutes=10)  # a bound token is renewed by the kubelet well before its hour is over
_log = logging.getLogger("sagectl.informer")


class Taker(Protocol):
    """Who takes in the objects of a kind."""

    def seen(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> Item:
        """Take in an object."""

    def listed(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> None:
        """Take in an object of a list."""

    def gone(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Take in that an object is gone."""


def inform(
    takers: Mapping[str, tuple[str, Taker]],
    access: Access,
    namespaces: Sequence[str],
    begin: Callable[[], None],
    end: Callable[[], None],
) -> None:
    """Watch until a signal comes. ``begin`` is called before the first object, ``end`` after the last.

    Args:
        takers: the kinds by their plural, and where their objects go.
        access: the API server.
        namespaces: those to watch; all where none is named.
        begin: starts what works on the objects.
        end: stops it.

    """
    registry = kopf.OperatorRegistry()
    _handlers(registry, takers, access)
    _ends(registry, begin, end)
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
    registry: kopf.OperatorRegistry, takers: Mapping[str, tuple[str, Taker]], access: Access
) -> None:
    def seen(*, event: Any, resource: Any, **_: Any) -> None:
        cause = uuid.uuid4().hex[:12]
        value = event["object"]
        if resource.plural not in takers:
            return
        kind, taker = takers[resource.plural]
        metadata = value["metadata"]
        ref = Ref(kind, metadata["name"], metadata.get("namespace", ""))
        _log.debug("event", extra={"told": {"turn": cause, "object": str(ref), "type": event["type"]}})
        try:
            if event["type"] == "DELETED":
                taker.gone(ref, metadata["uid"], cause)
                return
            take = taker.seen if event["type"] else taker.listed
            take(ref, {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, **value}, cause)
        except Exception:  # noqa: BLE001 - kopf would drop it silently
            _log.exception("the object can't be taken in", extra={"told": {"object": str(ref)}})

    async def handled(**told: Any) -> None:
        seen(**told)

    def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=access.server,
            ca_path=access.authority,
            insecure=access.insecure or None,
            scheme="Bearer",
            token=access.bearer() or None,
            certificate_path=access.certificate,
            private_key_path=access.key,
            expiration=datetime.now(UTC) + _TOKEN_AGE,
        )

    kopf.on.event(GROUP, VERSION, kopf.EVERYTHING, id="intake", registry=registry)(handled)
    kopf.on.login(id="access", registry=registry)(login)


def _ends(registry: kopf.OperatorRegistry, begin: Callable[[], None], end: Callable[[], None]) -> None:
    async def startup(**_: Any) -> None:
        begin()

    async def cleanup(**_: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(None, end)

    kopf.on.startup(id="begin", registry=registry)(startup)
    kopf.on.cleanup(id="end", registry=registry)(cleanup)


def _settings(*, scans: bool) -> kopf.OperatorSettings:
    """Named namespaces are taken as they are, and definitions looked for once: more takes rights everywhere."""
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
    """Nothing to compare with: kopf copies each object for handlers of changes; we have none. A tenth of its CPU."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:  # noqa: ARG002 - its signature
        return cast("kopf.BodyEssence", {})

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:  # noqa: ARG002 - its signature
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Keep nothing."""
