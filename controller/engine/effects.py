"""Consequences of steps: edges between documents, blocked dependents, and effects besides the change."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.core.path import expand
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.observed import ObservedAccount
from controller.engine.plan import DependencyForm, Edge, Effect, Step
from controller.kinds import KINDS, Consequence, Fleet, Impact, TargetForm
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.resolve import Unknown
from controller.schema.sensitive import mask_sensitive

_FORMS = {
    TargetForm.NAME: DependencyForm.NAME,
    TargetForm.ARN: DependencyForm.ARN,
    TargetForm.ID: DependencyForm.ID,
}


def edges(bundle: Bundle) -> tuple[Edge, ...]:
    """All edges, sorted; two documents that are linked in two ways have two."""
    return tuple(
        sorted({edge for each in bundle.resources.values() for edge in _edges_of(each)}, key=_edge_key)
    )


def _edges_of(resource: Resource) -> Iterator[Edge]:
    dependent = str(resource.ref)
    reported = {linked.target for linked in resource.links} | {use.ref for use in resource.outputs}
    for linked in resource.links:
        if linked.target is not None:
            yield Edge(dependent, str(linked.target), _FORMS[linked.link.by])
    for use in resource.outputs:
        yield Edge(dependent, str(use.ref), DependencyForm.OUTPUT)
    for need in resource.needs - reported:
        yield Edge(dependent, str(need), DependencyForm.IMPLIED)


def _edge_key(edge: Edge) -> tuple[str, str, str]:
    return edge.user, edge.need, edge.by.value


def block_dependents(steps: list[Step]) -> list[Step]:
    """The steps in their order, with those that depend on a blocked one marked as blocked, too."""
    blocked: set[str] = set()
    found = []
    for step in steps:
        bad = sorted(step.needs & blocked)
        judged = _blocked_step(step, f"it would not be started because of {', '.join(bad)}") if bad else step
        if judged.action is Action.BLOCKED:
            blocked.add(judged.id)
        found.append(judged)
    return found


def block_unless_present(steps: list[Step], there: Iterable[str]) -> list[Step]:
    """The steps of a run that does not create their dependencies: those with a missing dependency are blocked."""
    known = frozenset(there)
    lacking = [(step, sorted(step.needs - known)) for step in steps]
    return [
        _blocked_step(step, f"its dependencies are not in the account: {', '.join(bad)}") if bad else step
        for step, bad in lacking
    ]


def _blocked_step(step: Step, detail: str) -> Step:
    if not step.changes_account:
        return step
    return replace(step, action=Action.BLOCKED, why=Reason.DEPENDENCY_BLOCKED, detail=detail, calls=())


_CHANGES = frozenset({Action.UPDATE, Action.ADOPT})
_ENDS = frozenset({Action.DELETE, Action.STOP, Action.REPLACE})

Body = Mapping[str, Any]
Bodies = Callable[[str, Any], Body | None]


def with_effects(steps: Sequence[Step], observed: ObservedAccount) -> list[Step]:
    """The steps, each with its effects."""
    secrets = {step.ref: step.secrets for step in steps}
    several = [
        (ref, live) for of in (observed.old, observed.orphans) for ref, each in of.items() for live in each
    ]
    known = {
        (ref.kind, live.name): _masked_body(live.body, secrets.get(ref, ()))
        for ref, live in (*several, *observed.live.items())
    }
    known |= {
        (step.ref.kind, str(step.name)): _masked_body(step.after, step.secrets)
        for step in steps
        if step.after
    }

    def body(kind: str, name: Any) -> Body | None:
        """The desired or live body of an AWS name."""
        return known.get((kind, name)) if isinstance(name, str) else None

    def seen(step: Step) -> Body:
        live = observed.live.get(step.ref)
        return live.body if live and live.name == step.name else step.before or {}

    return [
        replace(
            step,
            effects=_effects(_mask_step(step), _KnownBodies(_masked_body(seen(step), step.secrets), body)),
        )
        if step.action.acts
        else step
        for step in steps
    ]


def _mask_step(step: Step) -> Step:
    """The step with masked sensitive values: the texts of effects may quote it and other documents."""
    before, after = (_masked_body(each, step.secrets) if each else each for each in (step.before, step.after))
    return replace(step, before=before, after=after)


def _masked_body(body: Body, secrets: Collection[str]) -> Body:
    return dict(mask_sensitive(body, None, patterns=secrets)) if secrets else body


@dataclass(frozen=True)
class _KnownBodies:
    """The live body of the resource, and the bodies of all others by kind and AWS name."""

    now: Body
    body: Bodies


def _effects(step: Step, bodies: _KnownBodies) -> tuple[Effect, ...]:
    row = KINDS[step.ref.kind]
    effects = [effect for each in row.lifecycle.consequences for effect in _consequences(each, step)]
    kept = step.action in _CHANGES and not any(effect.impact is Impact.RESETS for effect in effects)
    return (
        *effects,
        *(effect for fleet in row.lifecycle.fleets for effect in _machines(fleet, step, bodies, kept=kept)),
    )


def _consequences(each: Consequence, step: Step) -> Iterator[Effect]:
    changed = {str(change.path[0]) for change in step.changes}
    if step.action not in each.on or (each.members and not changed & set(each.members)):
        return
    if not each.sent:
        yield Effect(each.impact, each.text)
        yield from (
            Effect(each.impact, line) for line in (each.stages(step.after or {}) if each.stages else ())
        )
        return
    sent = [call.params[each.sent] for call in step.calls if call.params.get(each.sent)]
    if sent:
        yield Effect(each.impact, each.text.format(sent=", ".join(_strings_in(sent))))


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _strings_in(each)
    else:
        yield str(value)


def _machines(fleet: Fleet, step: Step, bodies: _KnownBodies, *, kept: bool) -> Iterator[Effect]:
    """The instances that start and stop; ``kept`` is whether the current number is kept, not that of the spec."""
    changes = step.action in _CHANGES
    moves = changes and bool(fleet.through) and any(c.path[0] == fleet.through for c in step.changes)
    scaled = _current_counts(fleet, bodies.now)
    if step.action.creates or moves:
        text = _instances_text(fleet, step.after, step.ref.kind, bodies.body, scaled if kept else {})
        if text:
            yield Effect(Impact.STARTS, f"starts {text}{' beside the old ones' if changes else ''}")
    runs = KINDS[step.ref.kind].lifecycle.runs is not None
    in_transition = step.phase is Phase.CHANGING if runs else step.phase is not Phase.ABSENT
    if moves or (step.action in _ENDS and in_transition):
        text = _instances_text(fleet, step.before, step.ref.kind, bodies.body, scaled)
        if text:
            yield Effect(Impact.STOPS, f"stops {text}{' after that' if changes else ''}")


def _current_counts(fleet: Fleet, now: Body) -> Mapping[str, Any]:
    """The current desired number of instances by name, which autoscaling may have changed."""
    if not fleet.desired:
        return {}
    return {
        str(group.get(fleet.named)): group[fleet.desired]
        for _, group in expand(now, fleet.at)
        if isinstance(group, Mapping) and group.get(fleet.desired)
    }


def _instances_text(
    fleet: Fleet, holder: Body | None, kind: str, body: Bodies, scaled: Mapping[str, Any]
) -> str:
    """The instances as text: ``2 x ml.m5.large (main)``."""
    of = holder
    if fleet.through and holder:
        link = next(link for link in KINDS[kind].identity.links if link.field == fleet.through)
        of = body(link.to, holder.get(fleet.through))
    groups = expand(of, fleet.at) if of else []
    return ", ".join(text for _, group in groups if (text := _fleet(fleet, group, scaled)))


def _fleet(fleet: Fleet, group: Any, scaled: Mapping[str, Any]) -> str:
    if not isinstance(group, Mapping):
        return ""
    named = str(group.get(fleet.named, ""))
    count, machine = scaled.get(named, group.get(fleet.count)), group.get(fleet.type)
    if not count or not machine or isinstance(count, Unknown) or isinstance(machine, Unknown):
        return ""
    return f"{count} x {machine}{f' ({named})' if named else ''}"
