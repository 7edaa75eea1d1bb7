"""Whether a resource still uses an earlier resource of a name that was recreated since."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from datetime import datetime
from typing import Any, TypeAlias

from controller.core.cloud import CloudError
from controller.core.path import expand
from controller.core.phase import Phase
from controller.engine.compare import live_member
from controller.engine.known_values import KnownValues
from controller.engine.observed import Live, ObservedAccount
from controller.engine.parallel_map import parallel_map
from controller.engine.plan import Change
from controller.inventory.model import Entry
from controller.kinds import KINDS, CopiedMember
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import applicable_links

Key: TypeAlias = tuple[str, str]  # a kind, and the resource's name for its operations
Find: TypeAlias = Callable[[Key], Live | None]
Describe: TypeAlias = Callable[[Contract, str], Live | None]


def outdated_links(
    resolved: Resolved, live: Live, observed: ObservedAccount, entry: Entry
) -> tuple[Change, ...]:
    """The links whose targets were recreated since the resource copied them, so that it must be updated.

    A link that names another target than the live one is a difference of the spec, which ``diff`` finds.
    """

    def find(key: Key) -> Live | None:
        other = observed.others.get(key)
        return observed.find(*key) or (other if isinstance(other, Live) else None)

    found: dict[str, Change] = {}
    for snapshot in _snapshots(resolved, live):
        since = next(_recreated_text(snapshot, resolved.resource.ref.kind, live, find), "")
        since = since or _reverted_text(resolved, live, entry)
        if since:
            field = snapshot.along[0]
            found.setdefault(field, Change((field,), f"{live.body[field]}, {since}", live.body[field]))
    return tuple(found.values())


def unseen_targets(
    known_values: KnownValues, describe: Describe, pool: Executor
) -> dict[Key, Live | CloudError | None]:
    """Targets that live resources copied and no document declares, read from the account, by kind and name."""
    read: dict[Key, Live | CloudError | None] = {}
    known = {(ref.kind, live.name): live for ref, live in known_values.live.items()}

    def find(key: Key) -> Live | None:
        other = read.get(key) or known_values.others.get(key)
        return known.get(key) or (other if isinstance(other, Live) else None)

    def describe_one(key: Key) -> Live | None:
        return describe(contract(key[0]), key[1])

    for ref, live in known_values.live.items():
        for snapshot in _snapshots(known_values.resolved[ref], live):
            for depth in range(1, len(snapshot.along) + 1):
                ends = _targets(snapshot.along[:depth], ref.kind, live, find)
                todo = {key for key in ends if find(key) is None} - {*read, *known_values.others}
                read |= parallel_map(pool, sorted(todo), describe_one)
    return read


def _snapshots(resolved: Resolved, live: Live) -> Iterator[CopiedMember]:
    """The row's snapshots whose link names the document's target, for a resource that is not in transition."""
    row = resolved.resource.contract.kind
    for snapshot in row.lifecycle.snapshots:
        field = snapshot.along[0]
        name = live_member(field, live.body, row)
        if live.phase is Phase.READY and name and resolved.spec.get(field) == name:
            yield snapshot


def _recreated_text(snapshot: CopiedMember, kind: str, live: Live, find: Find) -> Iterator[str]:
    """A text about when the target was recreated; nothing if it was not, or if that is unknown."""
    updated = live.body.get(snapshot.updated)
    running = _values_at(live.body, snapshot.running)
    for target_kind, name in _targets(snapshot.along, kind, live, find):
        target = find((target_kind, name))
        created = target.body.get(snapshot.created) if target else None
        if isinstance(created, datetime) and isinstance(updated, datetime) and created > updated:
            yield f"as it was before {target_kind} '{name}' was made again at {created.isoformat()}"
        desired = {
            str(value) for at in snapshot.source for _, value in expand(target.body if target else {}, at)
        }
        if running is not None and desired - running:
            yield f"which runs {', '.join(sorted(running))} and not {', '.join(sorted(desired - running))}"


def _reverted_text(resolved: Resolved, live: Live, entry: Entry) -> str:
    """The text for a failed update, which changed only the time of the last update."""
    failed, digest = entry.failed, resolved.digest or ""
    if failed is None or not digest or not failed.digest.startswith(digest):
        return ""
    return "as it was before the update that failed" if live.reason and live.reason == failed.reason else ""


def _targets(along: Iterable[str], kind: str, live: Live, find: Find) -> list[Key]:
    """The resources at the end of a chain of links, as far as it can be followed."""
    first, *further = along
    ends = _linked_keys(kind, first, live.body)
    for field in further:
        ends = [
            key for end in ends if (target := find(end)) for key in _linked_keys(end[0], field, target.body)
        ]
    return list(dict.fromkeys(ends))


def _linked_keys(kind: str, field: str, body: Mapping[str, Any]) -> list[Key]:
    names = [str(value) for _, value in expand(body, field)]
    links = applicable_links(KINDS[kind].identity.links, body)
    return [(link.to, name) for link in links if link.field == field for name in names]


def _values_at(body: Mapping[str, Any], pattern: str) -> set[str] | None:
    """All values at a dotted pattern; None if an element on the way lacks it, so that the values are incomplete."""
    here: list[Any] = [body]
    for part in pattern.replace("[]", ".[]").split(".") if pattern else [""]:
        if part == "[]" and all(isinstance(each, list) and each for each in here):
            here = [inner for each in here for inner in each]
        elif part != "[]" and all(isinstance(each, Mapping) and part in each for each in here):
            here = [each[part] for each in here]
        else:
            return None
    return {str(each) for each in here}
