"""The calls that change a resource, from contract, spec and live body. No call is made here."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.core.cloud import Call
from controller.core.digest import token
from controller.core.path import Path, expand, get, replaced
from controller.desired.resolve import Resolved
from controller.engine.compare import by_key
from controller.engine.inventory import Entry
from controller.engine.ownership import OWNER, Owner, as_list
from controller.engine.plan import Change, SecretUse
from controller.engine.world import Live
from controller.kinds import Delta
from controller.service.contract import Contract


def with_secrets(spec: Mapping[str, Any], told: Contract) -> dict[str, Any]:
    """The spec with a ``SecretUse`` where a secret goes."""
    filled: Any = dict(spec)
    for pattern in told.secrets:
        for path, value in expand(filled, pattern):
            if isinstance(value, Mapping):
                filled = replaced(filled, path, SecretUse(tuple(sorted(_reference(value).items()))))
    return dict(filled)


def _reference(value: Mapping[str, Any]) -> dict[str, Any]:
    inner = value.get("valueFrom", value)
    key = inner.get("secretKeyRef")
    return {"secretKeyRef": tuple(sorted(key.items()))} if isinstance(key, Mapping) else dict(inner)


def create_call(resolved: Resolved, owner: Owner, entry: Entry, tags: Mapping[str, str]) -> Call:
    """The Create call; tags inline, a client token where the service takes one."""
    told = resolved.resource.contract
    params = with_secrets(resolved.spec, told)
    if told.taggable and not resolved.numbered:
        params["Tags"] = as_list(tags)
    if resolved.numbered and told.kind.found_by:
        marker = told.kind.found_by.marker
        params[marker] = {**params.get(marker, {}), OWNER: str(owner)}
    for member in sorted(told.spec.tokens):
        params[member] = token(str(owner), resolved.digest or "", str(entry.made))
    return Call(told.creates.name, params)


def update_call(
    resolved: Resolved,
    live: Live,
    changes: Iterable[Change],
    links: tuple[Mapping[str, Any], Mapping[str, Any]],
    ignored: tuple[Path, ...],
) -> Call | None:
    """The one Update call: each changed member whole, because that is how SageMaker takes them.

    Args:
        resolved: the wanted resource.
        live: the live resource; ignored members keep its values.
        changes: what differs; frozen members must not be among them.
        links: by linked member, the bodies of the targets now and the specs of those wanted.
        ignored: paths in AWS's words that are left alone.

    """
    told = resolved.resource.contract
    if told.updates is None:
        return None
    spec = with_secrets(resolved.spec, told)
    params: dict[str, Any] = {}
    for name in dict.fromkeys(str(change.path[0]) for change in changes):
        mine = [change for change in changes if change.path[0] == name]
        if name in told.kind.deltas:
            params |= _delta(name, told.kind.deltas[name], mine, spec, told)
        elif name in spec:
            params[name] = _keeping(name, spec[name], live.body, ignored)
        elif name in told.kind.cleared:
            params[name] = told.kind.cleared[name]
    if not params:
        return None
    identifier = live.arn if told.update_key == told.arn_member else live.name
    needed = {told.update_key: identifier, **_required(told, spec, params)}
    carried = {name: spec[name] for name in told.kind.carried if name in spec and name in told.update_members}
    whole: Mapping[str, Any] = {**needed, **params, **carried}
    if told.kind.amend:
        whole = told.kind.amend(whole, *links)
    return Call(told.updates.name, whole)


def _required(told: Contract, spec: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    from controller.service.shape import shape

    required = shape(told.updates.input).required if told.updates else frozenset()
    return {name: spec[name] for name in sorted(required) if name in spec and name not in params}


def _keeping(name: str, value: Any, body: Mapping[str, Any], ignored: tuple[Path, ...]) -> Any:
    for path in ignored:
        if path[0] == name and len(path) > 1 and (live := get(body, path)) is not None:
            value = replaced({name: value}, path, live)[name]
    return value


def _delta(
    name: str, delta: Delta, changes: list[Change], spec: Mapping[str, Any], told: Contract
) -> dict[str, Any]:
    keys = list(dict.fromkeys(str(change.path[1]) for change in changes if len(change.path) > 1))
    gone = [str(c.path[1]) for c in changes if len(c.path) == 2 and c.after is None]  # noqa: PLR2004 - member, key
    if not keys and name not in spec:
        gone = [str(key) for change in changes for key in change.before or ()]
    params: dict[str, Any] = {delta.remove: sorted(gone)} if delta.remove and gone else {}
    if delta.add:
        items = by_key(spec.get(name, []), told.kind.keyed[name])
        params[delta.add] = [items[key] for key in keys if key in items] or list(items.values())
    elif spec.get(name) and (not keys or set(keys) - set(gone)):
        params[name] = spec[name]
    return params


def tag_calls(arn: str, add: Mapping[str, str], remove: Iterable[str]) -> tuple[Call, ...]:
    """The calls that bring tags in line."""
    gone = sorted(remove)
    calls = [Call("AddTags", {"ResourceArn": arn, "Tags": as_list(add)})] if add else []
    calls += [Call("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})] if gone else []
    return tuple(calls)


def delete_call(told: Contract, identifier: str, owner: Owner) -> Call:
    """The Delete call.

    Raises:
        KeyError: the service has no Delete for the kind.

    """
    if told.deletes is None:
        raise KeyError(f"{told.name} cannot be deleted")
    from controller.service.shape import shape

    params: dict[str, Any] = {told.delete_key: identifier}
    for member in sorted(shape(told.deletes.input).tokens):
        params[member] = token("delete", str(owner), identifier)
    return Call(told.deletes.name, params)
