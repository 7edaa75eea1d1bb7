"""Removes sensitive values from what is shown: every plan, report, live resource and event goes through it.

By position: the kinds' secrets, all shapes that the model marks as sensitive, the patterns of a step's document
(``policy.sensitive``), and parameters of calls that are secrets. By text: the secrets that this run has read and the
values at a step's patterns, wherever they occur. The engine has removed the latter from messages of steps already
(``engine/sensitive.py``), because they reach inventories, statuses and logs too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import is_
from typing import Any

from controller.core.cloud import Call
from controller.core.path import MAPPINGS, Path
from controller.engine.plan import Change, LiveDetails, Newest, Plan, SecretUse, Step
from controller.engine.report import Event, Outcome, Report
from controller.engine.sensitive import sensitive_texts
from controller.kinds.display import Detail
from controller.output.values import MASKED
from controller.runtime.redaction import without_texts
from controller.schema.contract import Contract, contract
from controller.schema.secret_references import is_reference
from controller.schema.sensitive import pattern
from controller.schema.shape import Shape, answer_member, operation, required_operation, shape


@dataclass(frozen=True)
class Redactor:
    """Removes sensitive values. ``known`` are the secrets that this run has read."""

    known: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text without known secrets, raw or as JSON or HTML writes them."""
        return without_texts(text, self.known)

    def _for_step(self, step: Step) -> "Redactor":
        return Redactor(self.known | sensitive_texts(step))

    def plan(self, plan: Plan) -> Plan:
        """A plan that may be shown."""
        found = plan.preflight
        if found:
            net = Redactor(self.known.union(*(sensitive_texts(step) for step in plan.steps)))
            found = tuple(replace(each, message=net.text(each.message)) for each in found)
        return replace(plan, steps=tuple(self.step(step) for step in plan.steps), preflight=found)

    def report(self, report: Report) -> Report:
        """A report that may be shown, without observations."""
        outcomes = tuple(self.outcome(outcome) for outcome in report.outcomes)
        return replace(report, plan=self.plan(report.plan), outcomes=outcomes, observed=None)

    def outcome(self, outcome: Outcome) -> Outcome:
        """An outcome that may be shown."""
        return replace(
            outcome,
            step=self.step(outcome.step),
            message=self._for_step(outcome.step).text(outcome.message),
        )

    def event(self, event: Event) -> Event:
        """An event that may be shown; only the operation of its call is kept."""
        step = self.step(event.step) if event.step else None
        call = Call(event.call.operation, {}, event.call.service) if event.call else None
        net = self._for_step(event.step) if event.step else self
        return replace(event, step=step, call=call, message=net.text(event.message))

    def step(self, step: Step) -> Step:
        """A step that may be shown."""
        kind_contract = contract(step.ref.kind)
        secrets = tuple(dict.fromkeys((*kind_contract.secrets, *step.secrets)))
        return self._for_step(step).without_patterns(step, kind_contract, secrets)

    def without_patterns(self, step: Step, contract: Contract, secrets: tuple[str, ...]) -> Step:
        """A step without the values at some patterns."""
        return replace(
            step,
            detail=self.text(step.detail),
            reason=self.text(step.reason),
            notes=tuple(map(self.text, step.notes)),
            contended=tuple(map(self.text, step.contended)),
            calls=tuple(self._call(call, contract, secrets) for call in step.calls),
            changes=self.changes(step.changes, contract, secrets),
            before=self._body(step.before, contract, secrets),
            after=self._body(step.after, contract, secrets),
            tags_after=self._tags(step.tags_after) or {},
            effects=tuple(replace(effect, message=self.text(effect.message)) for effect in step.effects),
            seen=self._live_details(step.seen, contract, secrets),
        )

    def _live_details(
        self, seen: LiveDetails | None, contract: Contract, secrets: tuple[str, ...]
    ) -> LiveDetails | None:
        if seen is None:
            return None
        return replace(
            seen, tags=self._tags(seen.tags), others=self._body(seen.others, contract, secrets) or {}
        )

    def _tags(self, tags: Mapping[str, str] | None) -> Mapping[str, str] | None:
        return None if tags is None else {self.text(key): self.text(value) for key, value in tags.items()}

    def live(self, body: Mapping[str, Any], contract: Contract, sensitive: Iterable[str] = ()) -> Any:
        """A live resource that may be shown; ``sensitive`` are the patterns of its document."""
        return self._redact_value(body, contract.body, (), (*contract.secrets, *sensitive), contract.spec)

    def answer(self, value: Any, of: Shape) -> Any:
        """A part of a response that may be shown."""
        return self._redact_value(value, of, (), ())

    def detail(self, of: Detail, value: Any) -> Any:
        """A detail of a resource that may be shown; an error stays an error."""
        return self.answer(value, shape(answer_member(required_operation(of.operation), of.member)))

    def _body(
        self, value: Mapping[str, Any] | None, contract: Contract, secrets: tuple[str, ...]
    ) -> Mapping[str, Any] | None:
        if value is None:
            return None
        shown: Mapping[str, Any] = self._redact_value(value, contract.spec, (), secrets, contract.body)
        return shown

    def _call(self, call: Call, contract: Contract, secrets: tuple[str, ...]) -> Call:
        known = operation(call.operation)
        of = shape(known.input) if known and known.service == call.service else None
        secrets = _of_call(call, contract, secrets)
        renamed = [
            f"{new}{each[len(old) :]}" for each in secrets for old, new in _patterns_elsewhere(each, contract)
        ]
        return Call(
            call.operation, dict(self._redact_value(call.params, of, (), (*secrets, *renamed))), call.service
        )

    def changes(
        self, changes: Iterable[Change], counts: Contract, sensitive: Iterable[str] = ()
    ) -> tuple[Change, ...]:
        """Changes that may be shown; those inside a sensitive value become one change of the whole."""
        secrets = (*counts.secrets, *sensitive)
        shown: dict[tuple[Path, bool], Change] = {}  # a set may lose one element and gain one at one position
        for change in changes:
            inside = _sensitive_prefix(change.path, counts, secrets)
            if inside:
                one = replace(change, path=inside, before=_mask(change.before), after=_mask(change.after))
                earlier = shown.get((inside, False))
                shown[inside, False] = replace(one, before=MASKED, after=MASKED) if earlier else one
                continue
            of, at = _shape_at(change.path, counts.spec), (pattern(change.path, counts),)
            before = self._redact_value(change.before, of, at, secrets)
            shown[change.path, change.before is None] = replace(
                change, before=before, after=self._redact_value(change.after, of, at, secrets)
            )
        return tuple(shown.values())

    def _redact_value(
        self, value: Any, of: Shape | None, at: Path, secrets: tuple[str, ...], other: Shape | None = None
    ) -> Any:
        """Redact a value by its shape; ``other`` is a second shape that may have a member (Describe's).

        Values without sensitive parts are not copied, which are nearly all of a plan.
        """
        if isinstance(value, SecretUse):
            return MASKED
        if isinstance(value, Newest):
            return str(value)
        given = is_reference(value) and of is not None and of.type == "string"
        if given or (
            value is not None
            and (".".join(map(str, at)) in secrets or _is_sensitive(of) or _is_sensitive(other))
        ):
            return MASKED
        if isinstance(value, MAPPINGS):
            inner = {
                self.text(str(key)): self._redact_value(
                    each, _inner_shape(of, key), (*at, key), secrets, _inner_shape(other, key)
                )
                for key, each in value.items()
            }
            return value if all(key in inner and inner[key] is each for key, each in value.items()) else inner
        if isinstance(value, list | tuple):
            here = (*at[:-1], f"{at[-1]}[]") if at else at
            items = [
                self._redact_value(each, _inner_shape(of, 0), here, secrets, _inner_shape(other, 0))
                for each in value
            ]
            return value if isinstance(value, list) and all(map(is_, items, value)) else items
        return self.text(value) if isinstance(value, str) else value


def _of_call(call: Call, contract: Contract, secrets: tuple[str, ...]) -> tuple[str, ...]:
    """The sensitive patterns of a call's parameters: a list's element may have a call of its own."""
    children = contract.kind.write.children
    member = next((name for name, each in children.items() if call.operation in (each.put, each.remove)), "")
    if not member:
        return secrets
    if {member, f"{member}[]"} & set(secrets):
        return (*secrets, *(name for name in call.params if name not in contract.identity))
    return (
        *secrets,
        *(each.removeprefix(f"{member}[].") for each in secrets if each.startswith(f"{member}[].")),
    )


def _mask(value: Any) -> Any:
    return None if value is None else MASKED


def _is_sensitive(of: Shape | None) -> bool:
    return of is not None and of.sensitive


def _inner_shape(of: Shape | None, part: str | int) -> Shape | None:
    if of is None:
        return None
    if of.type == "structure":
        return shape(of.members[str(part)]) if part in of.members else None
    inner = of.element or of.value
    return shape(inner) if inner else None


def _shape_at(path: Path, of: Shape | None) -> Shape | None:
    for part in path:
        of = _inner_shape(of, part)
    return of


def _sensitive_prefix(path: Path, contract: Contract, secrets: tuple[str, ...]) -> Path:
    """The shortest prefix of a path that is sensitive; empty if none is."""
    for end in range(1, len(path) + 1):
        of = _shape_at(path[:end], contract.spec)
        if _is_sensitive(of) or pattern(path[:end], contract) in secrets:
            return path[:end]
    return ()


def _patterns_elsewhere(member: str, contract: Contract) -> list[tuple[str, str]]:
    """The patterns with the names of their first part in other calls than Create."""
    head = re.split(r"[.\[]", member, maxsplit=1)[0]
    delta = contract.kind.write.deltas.get(head)
    names = (contract.update_name(head), *((delta.add, delta.remove) if delta else ()))
    return [(head, name) for name in names if name]
