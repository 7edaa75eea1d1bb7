"""Secrets of Kubernetes, read by name, and the poll that detects changes.

The poll requests only the metadata of a Secret; a pass reads its value.
"""

import base64
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from controller.core.ref import Ref, is_subdomain, quote_untrusted
from controller.core.secret import SecretError
from controller.operator.constants import CORE, objects, secret_path
from controller.operator.context import OperatorContext
from controller.operator.kube.api import METADATA, Api, ApiError
from controller.runtime.redaction import SHORTEST
from controller.runtime.workqueue import Queue

_KEY = "key"


class NamespaceSecrets:
    """Reads ``{secretKeyRef: {name, key}}`` from one namespace, for one pass; keeps the values it has read."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._namespace = api, namespace
        self._read: set[str] = set()
        self._held: dict[str, dict[str, str]] = {}

    def __call__(self, reference: Mapping[str, Any]) -> str:
        """The secret that a reference names.

        Raises:
            SecretError: it can't be read; the message names the reference, never a value.

        """
        secret_key_ref = reference.get("secretKeyRef")
        if not isinstance(secret_key_ref, Mapping):
            raise SecretError("in a cluster a secret is given by secretKeyRef")
        name, key = str(secret_key_ref["name"]), str(secret_key_ref["key"])
        held = self._data(name)
        if key not in held:
            raise SecretError(f"the Secret {name} has no key {key}")
        try:
            value = base64.b64decode(held[key]).decode()
        except ValueError:
            raise SecretError(f"{key} of the Secret {name} is not text") from None
        if len(value) >= SHORTEST:
            self._read.add(value)
        return value

    def keys(self, name: str) -> frozenset[str]:
        """The keys of a Secret.

        Raises:
            SecretError: it can't be read.

        """
        return frozenset(self._data(name))

    def _data(self, name: str) -> dict[str, str]:
        """A Secret, requested once."""
        if not is_subdomain(name):
            raise SecretError(f"{quote_untrusted(name)} is no name of a Secret")
        if name not in self._held:
            try:
                document = self._api.get(secret_path(self._namespace, name))
            except ApiError as error:
                raise SecretError(f"the Secret {name} can't be read: {error}") from None
            self._held[name] = document.get("data") or {}
        return self._held[name]

    @property
    def known(self) -> frozenset[str]:
        """The values read so far, for redaction."""
        return frozenset(self._read)


def kept_in(api: Api, namespace: str, name: str) -> dict[str, str]:
    """The values of one of the operator's own Secrets.

    Raises:
        ApiError: it can't be read.

    """
    held = api.get(secret_path(namespace, name)).get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in held.items()}


def own_key(api: Api, namespace: str, name: str, of: str) -> str:
    """The key of secret digests, from the operator's Secret; created the first time, after the cluster's set.

    Raises:
        ApiError: it can neither be read nor made.

    """
    path = secret_path(namespace, name)
    try:
        return _decode_key(api.get(path))
    except ApiError as error:
        if not error.is_not_found:
            raise
    fresh = base64.b64encode(secrets.token_hex(32).encode()).decode()
    data = {_KEY: fresh, "set": base64.b64encode(of.encode()).decode()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
    try:
        return _decode_key(api.create(objects(CORE, namespace, "secrets"), body))
    except ApiError as error:
        if not error.is_conflict:
            raise
    return _decode_key(api.get(path))  # another replica was faster


def _decode_key(secret: Mapping[str, Any]) -> str:
    return base64.b64decode(secret["data"][_KEY]).decode()


_log = logging.getLogger("sagectl.secret_watch")
_ABSENT = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
Named = tuple[str, str]


@dataclass
class Rotation:
    """Requests a pass of the objects whose Secret changed, was created or deleted since the last poll.

    A Secret that was not polled yet counts as changed: it may have been rotated while no operator ran.
    """

    context: OperatorContext
    queue: Queue[Ref]
    seen: dict[Named, str] = field(default_factory=dict)

    def run_once(self) -> None:
        """Poll each named Secret."""
        if not self.context.is_leader():
            return
        users: dict[Named, list[Ref]] = {}
        for each in self.context.store.all():
            if each.parsed.secrets and self.context.intake.serves(each):
                for name in each.parsed.secrets:
                    users.setdefault((each.ref.namespace, name), []).append(each.ref)
        now = {named: self._version(named) for named in users}
        for named, version in now.items():
            if version != self.seen.get(named):
                for ref in users[named]:
                    self.queue.add(ref, "secret")
        self.seen = {named: version for named, version in now.items() if version is not None}

    def _version(self, named: Named) -> str | None:
        """The version of a Secret; empty if it can't be read, the former one if that is unknown."""
        try:
            metadata = self.context.api.get(secret_path(*named), METADATA)["metadata"]
        except ApiError as error:
            if error.status in _ABSENT:
                return ""
            _log.warning(
                "secret not read", extra={"fields": {"secret": "/".join(named), "error": str(error)}}
            )
            return self.seen.get(named)
        return f"{metadata['uid']} {metadata['resourceVersion']}"
