"""Protection of values that a document marks as sensitive: in the inventory, in steps and in AWS's messages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.digest import canonical, keyed_digest
from controller.core.ref import Ref
from controller.engine.plan import Step
from controller.engine.report import Outcome
from controller.inventory.model import Entry, Inventory
from controller.manifests.bundle import Bundle, Resource
from controller.runtime.redaction import without_texts
from controller.schema.contract import Contract, contract
from controller.schema.sensitive import (
    digest_text,
    is_within,
    scalars,
    texts_at,
    values_at,
    with_digests,
    with_known_values,
)
from controller.schema.shape import shape

_DIGITS = 16  # of a mark


def with_sensitive(bundle: Bundle, inventory: Inventory) -> tuple[Bundle, Inventory]:
    """The bundle with digests and marks of sensitive values, and the inventory with digests instead of them.

    A path stays sensitive after the document drops it, because the resource may still hold the value. Values of the
    last applied spec are replaced by digests too, so that marking a path is no change.
    """
    resources, entries = dict(bundle.resources), dict(inventory.entries)
    for ref, resource in bundle.resources.items():
        entry = inventory.of(ref)
        patterns = resource.sensitive.union(entry.sensitive)
        if not patterns:
            continue
        resources[ref] = _with_marks(resource, entry, patterns, inventory.key)
        if ref in entries and entry.applied is not None:
            applied = with_digests(entry.applied, resource.contract.spec, inventory.key, patterns)
            entries[ref] = replace(entry, applied=applied)
    return replace(bundle, resources=resources), replace(inventory, entries=entries)


def _with_marks(resource: Resource, entry: Entry, patterns: frozenset[str], key: str) -> Resource:
    """The resource with keyed digests of its sensitive values, and a mark of each that changed since the last apply."""
    sensitive_digests, marks = {}, {}
    for each in sorted(patterns):
        now = _digest(resource.spec, each, key)
        before = entry.sensitive.get(each) or (_digest(entry.applied, each, key) if entry.applied else now)
        sensitive_digests[each] = now
        if mark := now[:_DIGITS] if before != now else entry.rotated.get(each, ""):
            marks[each] = mark
    return replace(resource, sensitive_digests=sensitive_digests, marks=marks)


def _digest(spec: Mapping[str, Any], each: str, key: str) -> str:
    return keyed_digest(key, canonical(values_at(spec, (each,))))


def recorded_spec(spec: Mapping[str, Any], resource: Resource, key: str) -> dict[str, Any]:
    """The spec of a document as the inventory records it."""
    return with_digests(spec, resource.contract.spec, key, resource.sensitive)


def applied_with_known_values(
    entry: Entry, resource: Resource, key: str, *seen: Any
) -> Mapping[str, Any] | None:
    """The last applied spec, with digests replaced by values that the desired spec or the live resource hold."""
    if entry.applied is None or not resource.sensitive:
        return entry.applied
    known = {digest_text(each, key): each for each in scalars((resource.spec, *seen))}
    return dict(with_known_values(entry.applied, known))


def with_patterns(steps: Iterable[Step], bundle: Bundle, inventory: Inventory) -> list[Step]:
    """The steps with the patterns of their sensitive members, and without such values in their texts."""
    return [_redact_step(step, _patterns(step.ref, bundle, inventory)) for step in steps]


def _patterns(ref: Ref, bundle: Bundle, inventory: Inventory) -> frozenset[str]:
    return (
        bundle.resources[ref].sensitive if ref in bundle.resources else frozenset(inventory.of(ref).sensitive)
    )


def _redact_step(step: Step, patterns: frozenset[str]) -> Step:
    if not patterns:
        return step
    patterns = body_patterns(step.before or {}, contract(step.ref.kind), patterns)
    step = replace(step, secrets=(*step.secrets, *sorted(patterns - set(step.secrets))))
    texts = sensitive_texts(step)
    return replace(
        step,
        detail=without_texts(step.detail, texts),
        reason=without_texts(step.reason, texts),
        notes=tuple(without_texts(each, texts) for each in step.notes),
        contended=tuple(without_texts(each, texts) for each in step.contended),
    )


def body_patterns(body: Mapping[str, Any], contract: Contract, patterns: frozenset[str]) -> frozenset[str]:
    """The patterns, with the names under which Describe shows these members."""
    heads = {re.split(r"[.\[]", each, maxsplit=1)[0] for each in patterns}
    read = [
        contract.kind.compare.reads[name](body)
        for name in sorted(heads & contract.kind.compare.reads.keys())
        if name not in body
    ]
    renamed = {name for name, value in body.items() if value and any(value == each for each in read)}
    shapes = {contract.spec.members[head] for head in heads & contract.spec.members.keys()}
    inside = {
        name: contract.body.members[name]
        for name in body
        if name in contract.body.members.keys() - contract.spec.members.keys()
    }
    renamed |= {name for name, of in inside.items() if of in shapes and shape(of).type == "structure"}
    return patterns | (renamed - contract.distinguishing)


def sensitive_texts(step: Step) -> frozenset[str]:
    """The sensitive strings of a step, which may appear in AWS's messages."""
    marked = frozenset(step.secrets) - frozenset(contract(step.ref.kind).secrets)  # secret references
    others = step.seen.others if step.seen else {}
    return frozenset().union(*(texts_at(each or {}, marked) for each in (step.before, step.after, others)))


def redact_outcome(outcome: Outcome) -> Outcome:
    """The outcome without the step's sensitive values in its message."""
    step = outcome.step
    if not outcome.message or not step.secrets:
        return outcome
    return replace(outcome, message=without_texts(outcome.message, sensitive_texts(step)))


def is_hidden(resource: Resource, of: str) -> bool:
    """Whether the value at a pattern of a document is not shown."""
    return is_within(of, resource.sensitive)
