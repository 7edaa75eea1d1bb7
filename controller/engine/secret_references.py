"""Secrets in environments and hyperparameters: read before AWS is called, and compared by digest.

Only a keyed digest of a reference's value is used. Where Describe shows the value, the live body gets the reference
instead, so that it equals the spec; any other value becomes ``OTHER``. A secret that was rotated since it was last
applied marks the spec, so that an immutable resource gets a new generation. A job keeps the value that it was started
with: a rotated secret does not start it again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.digest import keyed_digest
from controller.core.path import Path, dotted_path, expand, get, pointer, with_value
from controller.core.ref import Ref
from controller.core.secret import SecretError
from controller.engine.decision_input import DecisionInput
from controller.engine.ignored_members import is_ignored
from controller.engine.observed import Live, PriorReads
from controller.engine.plan import Change, SecretUse
from controller.inventory.model import Entry, Inventory
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.resolve import Resolved
from controller.runtime.redaction import MASK
from controller.schema.contract import Contract, contract
from controller.schema.names import camel_path
from controller.schema.secret_references import ROTATED, is_reference, references, text_at, with_values

OTHER = "(sensitive, another value)"
_DIGITS = 16
Read = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class References:
    """The secret references of a pass: the bundle with marks, and the paths whose values are hidden.

    Fields:
        bundle: the desired state; a reference whose secret was rotated is marked.
        hide: by document, the paths whose live values are not shown, with the digest and the desired reference.
    """

    bundle: Bundle
    key: str
    hide: Mapping[Ref, Mapping[Path, "_DesiredValue"]] = field(default_factory=dict)

    def redact(self, ref: Ref, live: Live) -> Live:
        """A live resource with the values of its document's references replaced."""
        given = {
            path: desired.replacement(value, self.key)
            for path, desired in self.hide.get(ref, {}).items()
            if (value := get(live.body, path)) is not None
        }
        return replace(live, body=with_values(live.body, given)) if given else live

    def known(self, known: PriorReads | None) -> PriorReads | None:
        """The observations that need not be repeated, without resources whose secret was rotated since."""
        if known is None:
            return None
        now = self.bundle.resources
        kept = {
            ref for ref, each in known.resolved.items() if ref in now and each.resource.spec == now[ref].spec
        }
        return replace(
            known,
            live={ref: self.redact(ref, live) for ref, live in known.live.items() if ref in kept},
            resolved={ref: each for ref, each in known.resolved.items() if ref in kept},
        )


@dataclass(frozen=True)
class _DesiredValue:
    """The desired value at a path: a reference and its digest, a literal, or none any more.

    ``digest`` is None if the secret was not read, or a job keeps the value that it was started with.
    """

    value: Any = None
    digest: str | None = None

    def replacement(self, live: Any, key: str) -> Any:
        """The replacement of a live value."""
        if not is_reference(self.value):
            return live if live == self.value else OTHER
        if self.digest is None or live == self.value:
            return self.value
        return self.value if isinstance(live, str) and keyed_digest(key, live) == self.digest else OTHER


def with_references(bundle: Bundle, inventory: Inventory, read: Read | None, of: Iterable[Ref]) -> References:
    """Read the secrets of some documents, mark rotated ones, and find the paths to hide.

    Args:
        bundle: the desired state.
        inventory: the inventory, with the digests and marks of the last applied values.
        read: returns a secret for its reference; None where nothing is compared, as for a destruction.
        of: the documents that get a step; the secrets of others are not read.

    """
    decided = frozenset(of) if read else frozenset()
    resources = dict(bundle.resources)
    hide: dict[Ref, dict[Path, _DesiredValue]] = {}
    for ref, resource in bundle.resources.items():
        contract = resource.contract
        found = references(resource.spec, contract.referable) if contract.referable else []
        digests = _digests(found, read, inventory.key) if read and ref in decided else {}
        if found:
            resources[ref] = _mark_rotated(resource, found, inventory.of(ref), digests)
        if contract.referable:
            hide[ref] = _reference_values(resources[ref], inventory.of(ref), digests)
    for ref, entry in inventory.entries.items():
        if ref not in resources and ref.kind in KINDS:
            hide[ref] = {path: _DesiredValue() for path in _former_paths(entry)}
    return References(replace(bundle, resources=resources), inventory.key, hide)


def reference_digests(resource: Resource, key: str, read: Read) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keyed digests of a document's references by JSON pointer, and the errors of unreadable ones."""
    digests: dict[str, str] = {}
    problems: list[str] = []
    for path, each in references(resource.spec, resource.contract.referable):
        try:
            digests[pointer(path)] = keyed_digest(key, read(each["valueFrom"]))
        except SecretError as error:
            problems.append(str(error))
    return digests, tuple(problems)


def _digests(found: list[tuple[Path, Mapping[str, Any]]], read: Read, key: str) -> dict[Path, str]:
    """The digests of readable secrets; the step of a document reports the others."""
    digests = {}
    for path, each in found:
        try:
            digests[path] = keyed_digest(key, read(each["valueFrom"]))
        except SecretError:
            continue
    return digests


def _mark_rotated(
    resource: Resource,
    found: list[tuple[Path, Mapping[str, Any]]],
    entry: Entry,
    digests: Mapping[Path, str],
) -> Resource:
    """The resource with the marks of its rotated references; a job has none."""
    if resource.contract.kind.lifecycle.runs:
        return resource
    given = {}
    for path, each in found:
        before, now = entry.secrets.get(pointer(path)), digests.get(path)
        applied = get(entry.applied or {}, path)
        mark = str(applied.get(ROTATED, ""))[:_DIGITS] if is_reference(applied) else ""
        if before and now and before != now:
            mark = now[:_DIGITS]
        if mark:
            given[path] = {**each, ROTATED: mark}
    return replace(resource, spec=with_values(resource.spec, given)) if given else resource


def _reference_values(
    resource: Resource, entry: Entry, digests: Mapping[Path, str]
) -> dict[Path, _DesiredValue]:
    """The paths of references: the current ones and those of the last applied spec."""
    hidden = {path: _DesiredValue(text_at(resource.spec, path)) for path in _former_paths(entry)}
    runs = resource.contract.kind.lifecycle.runs is not None
    for path, each in references(resource.spec, resource.contract.referable):
        hidden[path] = _DesiredValue(each, None if runs else digests.get(path))
    return hidden


def _former_paths(entry: Entry) -> list[Path]:
    """The paths of references in the last applied spec."""
    return [path for path, _ in references(entry.applied or {}, contract(entry.ref.kind).referable)]


def hidden_changes(case: DecisionInput) -> tuple[Change, ...]:
    """Changes of members that Describe never shows, compared with the last applied spec."""
    contract = case.resource.contract
    changes = [
        _secret_change(case, pattern) if pattern in contract.secrets else _value_change(case, pattern)
        for pattern in contract.unreadable
        if not is_ignored(pattern, case.ignored_paths)
    ]
    return tuple(change for change in changes if change is not None)


def _secret_change(case: DecisionInput, pattern: str) -> Change | None:
    was, now = case.entry.secrets.get(pattern), case.secrets.get(pattern)
    if not was or not now or was == now:
        return None
    return _change(case, pattern, MASK, "(sensitive, changed)")


def _value_change(case: DecisionInput, pattern: str) -> Change | None:
    was, now = dict(expand(case.entry.applied or {}, pattern)), dict(expand(case.as_recorded, pattern))
    if case.entry.applied is None or was == now:
        return None
    return _change(case, pattern, next(iter(was.values()), None), next(iter(now.values()), None))


def _change(case: DecisionInput, pattern: str, before: Any, after: Any) -> Change:
    path: Path = tuple(pattern.replace("[]", "").split("."))
    return Change(path, before, after, forces=not case.resource.contract.is_updatable(path))


def unreadable_members(case: DecisionInput) -> tuple[str, ...]:
    """The members of the spec that Describe never shows, so that their drift can't be detected."""
    contract = case.resource.contract
    # Nobody can change the secrets of a started job.
    unread = () if contract.kind.lifecycle.runs else contract.unreadable
    hidden = [pattern for pattern in unread if expand(case.resolved.spec, pattern)]
    write_only = [name for name in contract.kind.write.write_only if name in case.resolved.spec]
    return tuple(
        [f"? {dotted_path(camel_path(tuple(p.split('.')), contract.spec))} not readable" for p in hidden]
        + [
            f"? {dotted_path(camel_path((p,), contract.spec))} goes along with the next update and is not compared"
            for p in write_only
        ]
    )


def secret_digests(
    resolved: Resolved, key: str, read: Callable[[Mapping[str, Any]], str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keyed digests of a document's secrets, and the errors of unreadable ones.

    Args:
        resolved: the desired resource.
        key: the inventory's key.
        read: returns a secret for its reference, or raises SecretError.

    """
    digests: dict[str, str] = {}
    problems: list[str] = []
    for pattern in resolved.resource.contract.secrets:
        for _, value in expand(resolved.spec, pattern):
            if not isinstance(value, Mapping):
                continue
            try:
                digests[pattern] = keyed_digest(key, read(value.get("valueFrom", value)))
            except SecretError as error:
                problems.append(str(error))
    more, wrong = reference_digests(resolved.resource, key, read)
    return digests | more, (*problems, *wrong)


def with_secrets(spec: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The spec with a ``SecretUse`` in place of each secret."""
    filled: Any = dict(spec)
    for pattern in contract.secrets:
        for path, value in expand(filled, pattern):
            if isinstance(value, Mapping):
                filled = with_value(filled, path, _secret_use(value))
    return with_values(
        filled, {path: _secret_use(each) for path, each in references(filled, contract.referable)}
    )


def _secret_use(value: Mapping[str, Any]) -> SecretUse:
    return SecretUse(tuple(sorted(_reference(value).items())))


def _reference(value: Mapping[str, Any]) -> dict[str, Any]:
    inner = value.get("valueFrom", value)
    key = inner.get("secretKeyRef")
    return {"secretKeyRef": tuple(sorted(key.items()))} if isinstance(key, Mapping) else dict(inner)
