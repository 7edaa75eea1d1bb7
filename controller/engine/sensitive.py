"""What a document marks as sensitive, carried through a pass: in the inventory, in steps and in AWS's messages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.digest import canonical, keyed
from controller.core.ref import Ref
from controller.engine.plan import Step
from controller.engine.report import Outcome
from controller.inventory.model import Entry, Inventory
from controller.manifests.bundle import Bundle, Resource
from controller.runtime.redaction import without_texts
from controller.schema.contract import Contract, contract
from controller.schema.sensitive import is_within, scalars, seal, sealed, texts_at, unsealed, values_at
from controller.schema.shape import shape

_DIGITS = 16  # of a mark


def with_sensitive(bundle: Bundle, inventory: Inventory) -> tuple[Bundle, Inventory]:
    """The bundle with digests and marks of what is sensitive, and the inventory with digests in the place of it.

    A path stays sensitive after the document drops it, for the resource may hold the value still. What was applied is
    sealed too, so that the policy alone is no change.
    """
    resources, entries = dict(bundle.resources), dict(inventory.entries)
    for ref, resource in bundle.resources.items():
        entry = inventory.of(ref)
        patterns = resource.sensitive.union(entry.sensitive)
        if not patterns:
            continue
        resources[ref] = _with_marks(resource, entry, patterns, inventory.key)
        if ref in entries and entry.applied is not None:
            applied = sealed(entry.applied, resource.contract.spec, inventory.key, patterns)
            entries[ref] = replace(entry, applied=applied)
    return replace(bundle, resources=resources), replace(inventory, entries=entries)


def _with_marks(resource: Resource, entry: Entry, patterns: frozenset[str], key: str) -> Resource:
    """The resource with keyed digests of what is sensitive as written, and a mark of each that changed since."""
    seals, marks = {}, {}
    for each in sorted(patterns):
        now = _digest(resource.spec, each, key)
        before = entry.sensitive.get(each) or (_digest(entry.applied, each, key) if entry.applied else now)
        seals[each] = now
        if mark := now[:_DIGITS] if before != now else entry.rotated.get(each, ""):
            marks[each] = mark
    return replace(resource, seals=seals, marks=marks)


def _digest(spec: Mapping[str, Any], each: str, key: str) -> str:
    return keyed(key, canonical(values_at(spec, (each,))))


def recorded_spec(spec: Mapping[str, Any], resource: Resource, key: str) -> dict[str, Any]:
    """A spec of a document as the inventory remembers it."""
    return sealed(spec, resource.contract.spec, key, resource.sensitive)


def applied_with_known_values(
    entry: Entry, resource: Resource, key: str, *seen: Any
) -> Mapping[str, Any] | None:
    """What was applied, with the values of its digests as far as desired spec or live resource hold them."""
    if entry.applied is None or not resource.sensitive:
        return entry.applied
    known = {seal(each, key): each for each in scalars((resource.spec, *seen))}
    return dict(unsealed(entry.applied, known))


def with_patterns(steps: Iterable[Step], bundle: Bundle, inventory: Inventory) -> list[Step]:
    """The steps with the patterns of what must not be shown of each, and without such values in their texts."""
    return [_patterned(step, _patterns(step.ref, bundle, inventory)) for step in steps]


def _patterns(ref: Ref, bundle: Bundle, inventory: Inventory) -> frozenset[str]:
    return (
        bundle.resources[ref].sensitive if ref in bundle.resources else frozenset(inventory.of(ref).sensitive)
    )


def _patterned(step: Step, patterns: frozenset[str]) -> Step:
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
    """The patterns, with the members under which Describe shows what is sensitive where it has another name."""
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
    """The texts of a step that must not be shown, wherever they turn up, such as in AWS's words about a value."""
    marked = frozenset(step.secrets) - frozenset(contract(step.ref.kind).secrets)  # those are references
    others = step.seen.others if step.seen else {}
    return frozenset().union(*(texts_at(each or {}, marked) for each in (step.before, step.after, others)))


def redacted(outcome: Outcome) -> Outcome:
    """The outcome whose message, such as AWS's refusal, has none of the step's sensitive values."""
    step = outcome.step
    if not outcome.message or not step.secrets:
        return outcome
    return replace(outcome, message=without_texts(outcome.message, sensitive_texts(step)))


def hides(resource: Resource, of: str) -> bool:
    """Whether the value at a pattern of a document is not shown."""
    return is_within(of, resource.sensitive)
