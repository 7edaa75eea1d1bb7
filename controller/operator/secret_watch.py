"""Secrets that objects name are looked at by name: the operator may neither list nor watch Secrets.

Of a Secret only its version is asked for; a turn reads its value.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from controller.core.dns import is_subdomain
from controller.core.path import expand
from controller.core.ref import Ref
from controller.operator.cached_object import Item
from controller.operator.constants import secret_path
from controller.operator.context import OperatorContext
from controller.operator.isolation import isolated
from controller.operator.kube.api import METADATA, ApiError
from controller.runtime.workqueue import Queue
from controller.schema.contract import contract
from controller.schema.names import to_aws
from controller.schema.secret_references import references

_log = logging.getLogger("sagectl.secret_watch")
_ABSENT = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
Named = tuple[str, str]


@dataclass
class Rotation:
    """Asks for a turn of the objects whose Secret changed, appeared or went since the last look.

    What nobody has looked at yet counts as changed: it may have been rotated while no operator ran.
    """

    context: OperatorContext
    queue: Queue[Ref]
    seen: dict[Named, str] = field(default_factory=dict)

    def once(self) -> None:
        """Look at each Secret that is named."""
        if not self.context.leads():
            return
        users: dict[Named, list[Ref]] = {}
        served = [each for each in self.context.store.all() if self.context.intake.serves(each)]
        for each, names in isolated(served, secrets_of, "secrets", lambda one: one.ref):
            for name in names:
                users.setdefault((each.ref.namespace, name), []).append(each.ref)
        now = {named: self._version(named) for named in users}
        for named, version in now.items():
            if version != self.seen.get(named):
                for ref in users[named]:
                    self.queue.add(ref, "secret")
        self.seen = {named: version for named, version in now.items() if version is not None}

    def _version(self, named: Named) -> str | None:
        """The version of a Secret; empty where there is none for us, as before where that can't be told."""
        try:
            metadata = self.context.api.get(secret_path(*named), METADATA)["metadata"]
        except ApiError as error:
            if error.status in _ABSENT:
                return ""
            _log.warning("no look", extra={"fields": {"secret": "/".join(named), "error": str(error)}})
            return self.seen.get(named)
        return f"{metadata['uid']} {metadata['resourceVersion']}"


def secrets_of(item: Item) -> frozenset[str]:
    """The names of the Secrets that an object names."""
    kind_contract, document = contract(item.ref.kind), item.parsed.document
    if not (kind_contract.secrets or kind_contract.referable) or document is None:
        return frozenset()
    found, spec = set(), to_aws(document.spec, kind_contract.spec)
    given = [value for pattern in kind_contract.secrets for _, value in expand(spec, pattern)]
    for value in (*given, *(each for _, each in references(spec, kind_contract.referable))):
        inner = value.get("valueFrom", value) if isinstance(value, Mapping) else {}
        key = inner.get("secretKeyRef") if isinstance(inner, Mapping) else None
        if isinstance(key, Mapping) and is_subdomain(key.get("name")):
            found.add(str(key["name"]))
    return frozenset(found)
