"""Members that Describe never shows: seen by what we remember, and told in the plan."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.core.digest import keyed
from controller.core.path import Path, dotted, expand
from controller.engine.decision_input import Case
from controller.engine.ignored_members import is_ignored
from controller.engine.plan import Change
from controller.engine.secret_references import reference_digests
from controller.manifests.resolve import Resolved
from controller.runtime.redaction import MASK
from controller.schema.names import camel_path


def hidden_changes(case: Case) -> tuple[Change, ...]:
    """Changes of members that Describe never shows, against what we remember to have applied."""
    contract = case.resource.contract
    changes = [
        _secret_change(case, pattern) if pattern in contract.secrets else _value_change(case, pattern)
        for pattern in contract.unreadable
        if not is_ignored(pattern, case.ignored)
    ]
    return tuple(change for change in changes if change is not None)


def _secret_change(case: Case, pattern: str) -> Change | None:
    was, now = case.entry.secrets.get(pattern), case.secrets.get(pattern)
    if not was or not now or was == now:
        return None
    return _change(case, pattern, MASK, "(sensitive, changed)")


def _value_change(case: Case, pattern: str) -> Change | None:
    was, now = dict(expand(case.entry.applied or {}, pattern)), dict(expand(case.kept, pattern))
    if case.entry.applied is None or was == now:
        return None
    return _change(case, pattern, next(iter(was.values()), None), next(iter(now.values()), None))


def _change(case: Case, pattern: str, before: Any, after: Any) -> Change:
    path: Path = tuple(pattern.replace("[]", "").split("."))
    return Change(path, before, after, forces=not case.resource.contract.reaches(path))


def blind_spots(case: Case) -> tuple[str, ...]:
    """What of the spec cannot be read back, so that its drift cannot be seen."""
    contract = case.resource.contract
    unread = (
        () if contract.kind.lifecycle.runs else contract.unreadable
    )  # nobody can change what a run was started with
    hidden = [pattern for pattern in unread if expand(case.resolved.spec, pattern)]
    write_only = [name for name in contract.kind.write.write_only if name in case.resolved.spec]
    return tuple(
        [f"? {dotted(camel_path(tuple(p.split('.')), contract.spec))}not readable" for p in hidden]
        + [
            f"? {dotted(camel_path((p,), contract.spec))} goes along with the next update and is not compared"
            for p in write_only
        ]
    )


def secret_digests(
    resolved: Resolved, key: str, read: Callable[[Mapping[str, Any]], str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keyed digests of a document's secrets, and what is wrong with those that can't be read.

    Args:
        resolved: the wanted resource.
        key: the inventory's key.
        read: gives a secret for its reference, or raises KeyError or OSError naming the reference only.

    """
    digests: dict[str, str] = {}
    troubles: list[str] = []
    for pattern in resolved.resource.contract.secrets:
        for _, value in expand(resolved.spec, pattern):
            if not isinstance(value, Mapping):
                continue
            try:
                digests[pattern] = keyed(key, read(value.get("valueFrom", value)))
            except (KeyError, OSError) as error:
                troubles.append(str(error.args[0] if error.args else error))
    more, wrong = reference_digests(resolved.resource, key, read)
    return digests | more, (*troubles, *wrong)
