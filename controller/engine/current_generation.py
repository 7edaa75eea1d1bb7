"""Which live resource an immutable document stands for, where its spec's hash does not name it.

A document without a fixed AWS name makes generations called ``<name>-<hash>``. Two documents stand for a resource of
another name until their spec changes: one that ``policy.arn`` lets take a resource over, and one whose fixed AWS name
was removed. The inventory remembers under which name which spec was last applied; no second copy is made of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Identity
from controller.core.path import Path, expand
from controller.engine.diff import diff
from controller.engine.ignored_members import ignored_paths
from controller.engine.observed import Live
from controller.engine.removed_members import removals
from controller.engine.sensitive import kept_spec
from controller.inventory.model import Entry
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract


def claimed_name(resolved: Resolved, entry: Entry, identity: Identity) -> str:
    """The AWS name of what ``policy.arn`` names, while it may be what the document stands for; else empty.

    An ARN of another account or region names nothing here, so that documents may go to several accounts.
    """
    parts = resolved.resource.policy.arn.split(":", 5)
    if not resolved.hashed or resolved.unknown or parts[3:5] != [identity.region, identity.account]:
        return ""
    name = parts[-1].partition("/")[2]
    held = entry.name if entry.applied is None else _applied_name(resolved, entry)
    return name if name != resolved.name and (not entry.was_made or held == name) else ""


def claimed(resolved: Resolved, entry: Entry, live: Live, key: str) -> Resolved:
    """The wanted resource under the name of what ``policy.arn`` names.

    What is ours already is left for a new generation once it differs. What is to be taken over is not: the
    difference is for a person to see.
    """
    if entry.was_made and _differs(resolved, entry, live, key):
        return resolved
    return _under(resolved, live.name)


def _applied_name(resolved: Resolved, entry: Entry) -> str:
    return str((entry.applied or {}).get(resolved.resource.contract.name_member, ""))


def _differs(resolved: Resolved, entry: Entry, live: Live, key: str) -> bool:
    contract = resolved.resource.contract
    ignored = ignored_paths(resolved.resource)
    wanted = kept_spec(resolved.spec, resolved.resource, key)
    if entry.applied is not None and _hidden(entry.applied, contract) != _hidden(wanted, contract):
        return True
    changes = (*diff(resolved, live.body, ignored), *removals(entry, resolved, live, ignored, key))
    return any(change.forces for change in changes)


def _hidden(spec: Mapping[str, Any], contract: Contract) -> list[tuple[Path, Any]]:
    """The members that Describe never shows, but for secrets, which are compared by their digests."""
    return [
        each
        for pattern in contract.unreadable
        if pattern not in contract.secrets
        for each in expand(spec, pattern)
    ]


def _under(resolved: Resolved, name: str) -> Resolved:
    return replace(resolved, name=name, spec={**resolved.spec, resolved.resource.contract.name_member: name})
