"""An object and its dependencies as a bundle, or the reason why there is none."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from controller.core.cloud import CloudError
from controller.core.finding import Code, Finding, Origin, errors
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.known_values import free_name
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.claims import shared_message
from controller.manifests.document import Document, Mode
from controller.operator.cached_object import Item
from controller.operator.context import OperatorContext
from controller.operator.object_cache import ObjectCache
from controller.operator.outcome import Verdict
from controller.runtime.throttling import CallerPriority
from controller.runtime.tracing import COMPILE, stage

_SHOWN = 5


@dataclass(frozen=True)
class Compiled:
    """The input of one pass: the object's document with those of its dependencies, and their objects."""

    bundle: Bundle
    related: tuple[Item, ...]


@stage(COMPILE)
def compile_object(
    item: Item, store: ObjectCache, *, across: bool, restrictions: Restrictions = UNRESTRICTED
) -> Compiled | Verdict:
    """Compile one object.

    Args:
        item: the object.
        store: the cached objects.
        across: whether links may name objects of another namespace.
        restrictions: those of its namespace; none if only its links and its name are needed, as for its deletion.

    """
    if not item.parsed.is_valid:
        return _invalid(errors(item.parsed.findings))
    around = store.related_to(item)
    good = tuple(each for each in around if each.parsed.is_valid and each.ref != item.ref)
    made = bundle([_document(each) for each in (item, *good)], across_namespaces=across)
    found = errors((*made.findings, *restrictions.findings(made)))
    wrong = [each for each in found if _is_about(each, item.ref)]
    if wrong:
        missing = all(each.code is Code.BAD_REFERENCE for each in wrong)
        return replace(_invalid(wrong), reason=Reason.DEPENDENCY_MISSING if missing else Reason.INVALID_SPEC)
    return Compiled(made, tuple(each for each in good if each.ref in made.resources))


def unmet_dependency(item: Item, found: Compiled, store: ObjectCache) -> Verdict | None:
    """Why an object must wait for others; None if all its dependencies are ready."""
    needs = found.bundle.resources[item.ref].needs
    there = {each.ref: each for each in found.related}
    slow = sorted(str(need) for need in needs if not there[need].is_settled)
    slow += sorted(str(each.ref) for each in store.dependencies_of(item) if not each.parsed.is_valid)
    if not slow:
        return None
    more = f" and {len(slow) - _SHOWN} more" if len(slow) > _SHOWN else ""
    return Verdict(Reason.DEPENDENCY_NOT_READY, f"waits for {', '.join(slow[:_SHOWN])}{more}")


def unique_conflict(
    item: Item, store: ObjectCache, holds: Callable[[Item], bool | None], *, across: bool
) -> Verdict | None:
    """Why another object has the resource that is unique in an account; None if no other one has it.

    An object that created its resource keeps it; else the oldest object has it, and among equally old ones the one with
    the lower UID.

    Args:
        item: the object.
        store: the cached objects of all namespaces.
        holds: whether an object is known to have created the resource; None for another account or region.
        across: whether an object of another namespace may be named.

    """
    found = [
        (not held, each.age, each) for each in store.same_resource(item) if (held := holds(each)) is not None
    ]
    if not found:
        return None
    first = min(found, key=lambda each: each[:2])
    if (not holds(item), item.age) < first[:2]:
        return None
    is_shown = across or first[2].ref.namespace == item.ref.namespace
    other = str(first[2].ref) if is_shown else f"a {item.ref.kind} of another namespace"
    hint = "delete one of the two objects; the other one then has the resource"
    return _invalid(
        [Finding(Code.SAME_AWS_NAME, shared_message(item.ref, other), Origin(str(item.ref)), hint=hint)]
    )


def needs_it(user: Item, ref: Ref, store: ObjectCache, *, across: bool) -> bool:
    """Whether an object depends on another; True for one that can't be compiled."""
    found = compile_object(user, store, across=across)
    return isinstance(found, Verdict) or ref in found.bundle.resources[user.ref].needs


def _document(item: Item) -> Document:
    """The document with mode Apply: consent decides whether it may be applied."""
    if item.parsed.document is None:
        raise ValueError(f"{item.ref} has no document")
    return replace(item.parsed.document, policy=replace(item.parsed.document.policy, mode=Mode.APPLY))


def _is_about(finding: Finding, ref: Ref) -> bool:
    """Whether a finding concerns the object: its own, or a dependency cycle."""
    return finding.code is Code.CYCLE or (finding.origin is not None and finding.origin.file == str(ref))


def _invalid(findings: Iterable[Finding]) -> Verdict:
    lines = [str(replace(each, origin=None)) for each in findings]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Verdict(Reason.INVALID_SPEC, "; ".join([*lines[:_SHOWN], *more]))


def prefetch(item: Item, found: Compiled, context: OperatorContext, reconcile_id: str) -> None:
    """Check once whether a new object's name is free while it waits for its dependencies, to save time later.

    It is made only if a call slot is free; an error is left to the pass that creates the resource.
    """
    single = any(each.target is None for each in found.bundle.resources[item.ref].links)
    if item.status.get("memory") or context.observed.looked_for(item) or (single and not item.parsed.fixed):
        return
    with suppress(CloudError):
        cloud = context.cloud(item.ref.namespace, reconcile_id, CallerPriority(str(item.ref), 0.0, 0.0))
        if cloud is not None and cloud.slots.has_spare:
            context.observed.forget_name(item, free_name(found.bundle, item.ref, cloud))
