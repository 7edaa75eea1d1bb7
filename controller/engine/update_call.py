"""The Update call of a resource, with each changed member as the service takes it. No call is made here."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.core.cloud import Call
from controller.core.path import get, with_value
from controller.engine.compare import by_key, live_member
from controller.engine.observed import Live
from controller.engine.plan import Change
from controller.engine.secret_references import with_secrets
from controller.kinds import Delta
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract
from controller.schema.shape import Shape, shape


def update_call(
    resolved: Resolved,
    live: Live,
    changes: tuple[Change, ...],
    links: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> Call | None:
    """The Update call of the changes, with each changed member whole; None if there is nothing to send.

    Args:
        resolved: the desired resource.
        live: the live resource.
        changes: the differences.
        links: the live targets of the linked fields, and the desired ones, for ``write.amend``.

    """
    contract = resolved.resource.contract
    if contract.updates is None:
        return None
    spec = _with_removals(with_secrets(resolved.spec, contract), changes, contract)
    params: dict[str, Any] = {}
    for name in dict.fromkeys(str(change.path[0]) for change in changes):
        own = [change for change in changes if change.path[0] == name]
        called = contract.update_name(name)
        if name in contract.kind.write.deltas:
            params = _merge_params(params, _delta(name, own, spec, live, contract))
        elif name in spec and called:
            value = _update_names(spec[name], name, contract)
            params[called] = trim_to_shape(value, shape(shape(contract.updates.input).members[called]))
        elif name in contract.kind.write.cleared:
            params[called] = contract.kind.write.cleared[name] if own[0].after is None else own[0].after
    if not params:
        return None
    by_arn = contract.kind.identity.key is None and contract.update_key == contract.arn_member
    identifier = live.arn if by_arn else live.name
    locks = {member: live.body[shown] for member, shown in contract.kind.write.locks.items()}
    needed = {
        **contract.address(contract.updates, identifier),
        **_required_members(contract, spec, params),
        **locks,
    }
    others = _all_members(contract, {**live.body, **spec}) if contract.kind.write.replaces_all else {}
    sent: Mapping[str, Any] = {**needed, **others, **_with_required(spec, params, contract)}
    if contract.kind.write.amend:
        sent = contract.kind.write.amend(sent, *links)
    return contract.updates.call(sent)


def _with_required(spec: Mapping[str, Any], params: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The changed members, with those that must accompany them or every update."""
    write = contract.kind.write
    along = {name for changed in params for name in write.sent_with.get(changed, ()) if name in spec}
    write_only = {name for name in write.write_only if name in spec and name in contract.update_members}
    return {
        **{name: spec[name] for name in sorted(along)},
        **params,
        **{name: spec[name] for name in sorted(write_only)},
    }


def _update_names(value: Any, at: str, contract: Contract) -> Any:
    """A value with the names that Update has for members inside of it."""
    if not isinstance(value, Mapping):
        return value
    renamed = contract.kind.write.renamed
    return {
        renamed.get(f"{at}.{name}", name): _update_names(inner, f"{at}.{name}", contract)
        for name, inner in value.items()
    }


def _all_members(contract: Contract, values: Mapping[str, Any]) -> dict[str, Any]:
    """All members of Update, desired or else live, for an Update that removes omitted ones."""
    taken = contract.updatable & contract.update_members
    return {name: values[name] for name in sorted(taken) if values.get(name) is not None}


def _with_removals(spec: dict[str, Any], changes: Iterable[Change], contract: Contract) -> dict[str, Any]:
    """The spec with the value that removes a dropped nested member, where omission does not remove it."""
    for change in changes:
        at = ".".join(map(str, change.path))
        if len(change.path) > 1 and at in contract.kind.write.cleared and get(spec, change.path) is None:
            lifting = contract.kind.write.cleared[at] if change.after is None else change.after
            spec = dict(with_value(spec, change.path, lifting))
    return spec


def trim_to_shape(value: Any, of: Shape) -> Any:
    """The part of a value that a shape has members for: Update may take less than Create."""
    if of.type == "structure" and isinstance(value, Mapping):
        known = {name: inner for name, inner in value.items() if name in of.members}
        return {name: trim_to_shape(inner, shape(of.members[name])) for name, inner in known.items()}
    if of.type == "list" and isinstance(value, list | tuple):
        return [trim_to_shape(inner, shape(of.element)) for inner in value]
    return value


def _required_members(
    contract: Contract, spec: Mapping[str, Any], params: Mapping[str, Any]
) -> dict[str, Any]:
    required = shape(contract.updates.input).required if contract.updates else frozenset()
    return {name: spec[name] for name in sorted(required) if name in spec and name not in params}


def _merge_params(params: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Parameters with others, which may remove by the same member."""
    both = {name: [*params[name], *more[name]] for name in params.keys() & more.keys()}
    return {**params, **more, **both}


def _delta(
    name: str, changes: list[Change], spec: Mapping[str, Any], live: Live, contract: Contract
) -> dict[str, Any]:
    delta = contract.kind.write.deltas[name]
    if delta.add and delta.remove and name not in contract.kind.compare.keyed:
        return _texts(name, delta, changes, spec, live)
    keys = list(dict.fromkeys(str(change.path[1]) for change in changes if len(change.path) > 1))
    gone = [str(c.path[1]) for c in changes if len(c.path) == 2 and c.after is None]  # noqa: PLR2004 - member, key
    params: dict[str, Any] = {delta.remove: sorted(gone)} if delta.remove and gone else {}
    if delta.fixed:
        there = by_key(live_member(name, live.body, contract.kind) or [], contract.kind.compare.keyed[name])
        items = by_key(spec.get(name, []), contract.kind.compare.keyed[name])
        sent = [
            _with_immutable(items[key], there.get(key, {}), delta) for key in keys or items if key in items
        ]
        params |= {delta.add: sent} if sent else {}
    elif delta.add:
        items = by_key(spec.get(name, []), contract.kind.compare.keyed[name])
        params[delta.add] = [items[key] for key in keys if key in items] or list(items.values())
    elif spec.get(name) and (not keys or set(keys) - set(gone)):
        params[name] = spec[name]
    return params


def _with_immutable(element: Mapping[str, Any], there: Mapping[str, Any], delta: Delta) -> dict[str, Any]:
    """An element with its immutable live members, which can't be omitted."""
    return {**{member: there[member] for member in delta.fixed if there.get(member) is not None}, **element}


def _texts(
    name: str, delta: Delta, changes: list[Change], spec: Mapping[str, Any], live: Live
) -> dict[str, Any]:
    """The strings to add to a list and to remove from it; from a dropped list, those that the document had."""
    desired = list(spec.get(name) or ())
    now = list(live.body.get(name) or ()) if name in spec else list(changes[0].before)
    parts = {
        delta.add: [each for each in desired if each not in now],
        delta.remove: [each for each in now if each not in desired],
    }
    return {member: texts for member, texts in parts.items() if texts}
