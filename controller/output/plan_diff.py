"""Differences between a saved plan and the current one: both as JSON, both already redacted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.output.action_words import action_reason

_ABSENT = "(absent)"
_TOP = ("tool_version", "account_id", "region", "set")
_FACTS = (
    ("wanted", ("change", "after")),
    ("live", ("change", "before")),
    ("live", ("observed", "members")),
    ("live tag", ("observed", "tags")),
    ("status", ("observed", "status")),
    ("last changed", ("observed", "modified")),
)
_STILL = ["no-op"]
_IN_STEP = frozenset(
    action_reason(Action.NOOP, each) for each in (Reason.READY, Reason.ALREADY_RAN, Reason.CONTENDED)
)
_FOLLOWS = (
    "arn",
    "aws_name",
    "action_reason",
    "message",
    "calls",
    "effects",
    "notes",
    "withheld",
    "depends_on",
)


@dataclass(frozen=True)
class PlanDifference:
    """One difference between two plans: step, member, value before and now."""

    id: str
    member: str
    before: Any
    now: Any


@dataclass(frozen=True)
class AppliedChanges:
    """The number of a saved plan's changes that are applied already, and of all."""

    done: int
    of: int


def count_applied(saved: Mapping[str, Any], now: Mapping[str, Any]) -> AppliedChanges:
    """The number of changes of a saved plan that are applied: values are as planned, deleted resources are gone.

    They are derived from the current plan, so they do not depend on who made the changes.
    """
    here = _by_id(now)
    changes = [
        each
        for each in saved["resource_changes"]
        if isinstance(each, Mapping) and _changes_something(each) and not each.get("withheld")
    ]
    return AppliedChanges(sum(_is_applied(each, here.get(each["id"])) for each in changes), len(changes))


def _changes_something(change: Mapping[str, Any]) -> bool:
    return _value_at(change, ("change", "actions")) not in (None, _STILL)


def _is_applied(then: Mapping[str, Any], here: Mapping[str, Any] | None) -> bool:
    if _value_at(then, ("change", "after")) is None:
        return here is None or (not _changes_something(here) and here.get("observed") is None)
    still = here is not None and not _changes_something(here) and here.get("action_reason") in _IN_STEP
    return still and _equals_saved(_value_at(then, ("change", "after")), _value_at(here, ("change", "after")))


def _equals_saved(then: Any, here: Any) -> bool:
    """Whether a desired value equals the saved one, except values that were unknown then."""
    if isinstance(then, Mapping) and isinstance(here, Mapping):
        return all(
            name in here and _equals_saved(value, here[name])
            for name, value in then.items()
            if name != "tags"
        )
    if isinstance(then, list) and isinstance(here, list):
        return len(then) == len(here) and all(_equals_saved(*each) for each in zip(then, here, strict=True))
    return bool(then == here)


def _by_id(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {each["id"]: each for each in document["resource_changes"] if isinstance(each, Mapping)}


def differences(saved: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[PlanDifference, ...]:
    """All differences; empty only if the plans are equal except for the documents' source."""
    found = [*context(saved, now), *_resources(saved, now)]
    if found:
        return tuple(found)
    kept = {name for name in {*saved, *now} if name != "source"}
    return tuple(
        PlanDifference("", name, saved.get(name, _ABSENT), now.get(name, _ABSENT))
        for name in sorted(kept)
        if saved.get(name) != now.get(name)
    )


def context(saved: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[PlanDifference]:
    """The differences besides the documents, as far as ``now`` shows them."""
    for name in _TOP:
        if name in now and saved.get(name) != now[name]:
            yield PlanDifference("", name, saved.get(name), now[name])
    for group in ("options", "variables"):
        for path, before, after in _leaves(saved.get(group, {}), now.get(group, {}), ()):
            shown = ("(other value)", "(this value)") if group == "variables" else (before, after)
            lines = [
                _ABSENT if each == _ABSENT else word
                for each, word in zip((before, after), shown, strict=True)
            ]
            yield PlanDifference("", f"{group[:-1]} {'.'.join(map(str, path))}", *lines)


def _resources(saved: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[PlanDifference]:
    then, here = _by_id(saved), _by_id(now)
    for name in sorted({*then, *here}):
        if name not in here or name not in then:
            arguments = ("in the plan", "not there") if name in then else ("not there", "in the plan")
            yield PlanDifference(name, "the resource", *arguments)
        elif then[name] != here[name]:
            yield from _resource(name, then[name], here[name])


def _resource(name: str, then: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[PlanDifference]:
    found = [
        PlanDifference(name, " ".join([word, *_path_text(path)]), before, after)
        for word, position in _FACTS
        for path, before, after in _leaves(_value_at(then, position), _value_at(here, position), ())
    ]
    actions = _value_at(then, ("change", "actions")), _value_at(here, ("change", "actions"))
    if actions[0] != actions[1]:
        found.append(
            PlanDifference(name, "action", *(" then ".join(map(str, each or ())) for each in actions))
        )
    if not found:
        found = [
            PlanDifference(name, key, then.get(key), here.get(key))
            for key in _FOLLOWS
            if then.get(key) != here.get(key)
        ]
    yield from found or [PlanDifference(name, "policy, or a value that is not shown", "(other)", "(other)")]


def _value_at(value: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _leaves(before: Any, now: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """The paths at which two values differ, with both values."""
    if before == now:
        return
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now}, key=str):
            yield from _leaves(before.get(key, _ABSENT), now.get(key, _ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for position, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from _leaves(old, new, (*path, position))
    else:
        yield path, before, now


def _path_text(path: tuple[Any, ...]) -> list[str]:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return [text] if text else []
