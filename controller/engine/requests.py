"""The calls that change a resource, from contract, spec and live body. No call is made here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Call
from controller.core.digest import digest, token
from controller.core.path import Path
from controller.engine.compare import by_key
from controller.engine.ignored_members import with_live_values
from controller.engine.lookup import service_of
from controller.engine.observed import OWNER, Live, Owner, as_list
from controller.engine.plan import Change, Newest
from controller.engine.secret_references import with_secrets
from controller.engine.update_call import update_call
from controller.inventory.model import Entry, PendingChange
from controller.kinds import ChildList, Membership, StringListUpdate
from controller.manifests.resolve import Resolved, without_sensitive_values
from controller.schema.contract import Contract
from controller.schema.shape import Operation, Shape, required_operation, shape


def side_calls(
    resolved: Resolved, live: Live, changes: tuple[Change, ...]
) -> tuple[tuple[Call, ...], tuple[Change, ...]]:
    """The calls that come before the update, and the changes that remain for it."""
    calls: list[Call] = []
    left = changes
    for member, side_update in resolved.resource.contract.kind.write.side_updates.items():
        now, desired = list(live.body.get(member) or ()), list(resolved.spec.get(member) or ())
        renewed = any(change.path[0] in side_update.renewing for change in changes)
        touched = [change for change in left if change.path[0] == member]
        left = tuple(change for change in left if change.path[0] != member)
        if renewed and member in resolved.spec:
            calls += _call(side_update, resolved, live, add=[], remove=now)
            left = (*left, Change((member,), now, desired)) if desired else left
        elif touched:
            now = now if member in resolved.spec else list(touched[0].before)  # dropped: others' stay
            add, remove = (
                [each for each in one if each not in other] for one, other in ((desired, now), (now, desired))
            )
            calls += _call(side_update, resolved, live, add=add, remove=remove)
    return tuple(calls), left


def _call(
    side_update: StringListUpdate, resolved: Resolved, live: Live, *, add: list[str], remove: list[str]
) -> list[Call]:
    """One call, or none if nothing changes."""
    request = {name: texts for name, texts in (("Add", add), ("Remove", remove)) if texts}
    if not request:
        return []
    contract = resolved.resource.contract
    newest = required_operation(side_update.lists).call(
        {contract.name_member: live.name, "SortOrder": "Descending", "MaxResults": 1}
    )
    number = Newest(newest, side_update.elements, side_update.number)
    return [
        required_operation(side_update.update).call(
            {contract.arn_member: live.arn, side_update.number: number, side_update.within: request}
        )
    ]


def create_calls(resolved: Resolved, owner: Owner, entry: Entry, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """The Create call with its tags and client token, the calls for memberships, and a Stop if desired."""
    contract = resolved.resource.contract
    params = {
        name: value
        for name, value in with_secrets(resolved.spec, contract).items()
        if name not in contract.unsent_members
    }
    if resolved.has_owner_tags:
        params["Tags"] = sent_tags(tags, shape(contract.spec.members["Tags"]))
    if resolved.has_marker and contract.kind.identity.found_by:
        marker = contract.kind.identity.found_by.marker
        params[marker] = {**params.get(marker, {}), OWNER: str(owner)}
    # of the spec as sent: the service refuses a repeated token with other parameters
    run = (
        digest(contract.fixed_part(without_sensitive_values(resolved.spec, resolved.resource)))
        if contract.kind.lifecycle.runs
        else resolved.written
    )
    for member in sorted(contract.spec.tokens):
        params[member] = token(str(owner), run, str(entry.made))
    calls = [
        required_operation(membership.add).call(
            {contract.name_member: resolved.name, membership.named: other}
        )
        for membership in contract.kind.lifecycle.memberships
        if membership.member
        for other in resolved.spec.get(membership.member) or ()
    ]
    calls += [
        _put_child(contract, child, str(resolved.name), element)
        for member, child in contract.kind.write.children.items()
        for element in resolved.spec.get(member) or ()
    ]
    desired = Change((contract.state_member,), None, resolved.spec.get(contract.state_member))
    state = contract.kind.lifecycle.desired_state
    stopped = (desired,) if state is not None and desired.after == state.stopped else ()
    states = _state_calls(resolved, str(resolved.name), stopped, state.started if state else "")
    return (contract.creates.call(params), *calls, *states)


def _put_child(contract: Contract, child: ChildList, name: str, element: Mapping[str, Any]) -> Call:
    """The call that creates or overwrites a child."""
    put = required_operation(child.put)
    return put.call({**contract.address(put, name), **element})


def _child_calls(
    contract: Contract, resolved: Resolved, live: Live, changes: Iterable[Change]
) -> Iterator[Call]:
    """The calls that create, overwrite and remove the children that differ; removals first."""
    touched = {change.path[0]: change for change in changes}
    for member, child in contract.kind.write.children.items():
        if member not in touched:
            continue
        now, desired = (
            by_key(each or [], child.named) for each in (live.body.get(member), resolved.spec.get(member))
        )
        keys = {
            str(change.path[1]) for change in changes if change.path[0] == member and len(change.path) > 1
        }
        differ = keys or {*now, *desired}
        remove = required_operation(child.remove)
        for key in sorted(differ - desired.keys()):
            yield remove.call({**contract.address(remove, live.name), child.named: key})
        for key in sorted(differ & desired.keys()):
            yield _put_child(contract, child, live.name, desired[key])


def update_calls(
    resolved: Resolved,
    live: Live,
    changes: Iterable[Change],
    links: tuple[Mapping[str, Any], Mapping[str, Any]],
    ignored: tuple[Path, ...],
) -> tuple[Call, ...]:
    """The Update call, with each changed member whole, and the calls before and after it.

    Side updates come first, memberships and the desired state last.

    Args:
        resolved: the desired resource.
        live: the live resource; ignored members keep its values.
        changes: the differences, without frozen members.
        links: by linked member, the bodies of the targets now and the specs of the desired ones.
        ignored: the ignored paths, with AWS member names.

    """
    contract = resolved.resource.contract
    resolved = replace(resolved, spec=with_live_values(resolved.spec, live.body, contract, ignored))
    first, changed = side_calls(resolved, live, tuple(changes))
    calls = tuple(
        call
        for membership in contract.kind.lifecycle.memberships
        if any(change.path[0] == membership.member for change in changed)
        for call in _membership_calls(contract, membership, resolved, live, changed)
    )
    # Update may have a member that Create lacks
    own = contract.unsent_members - contract.update_members
    sent = tuple(change for change in changed if change.path[0] not in own)
    if contract.kind.write.one_change_per_update and sent:
        sent = tuple(change for change in sent if change.path[0] == sent[0].path[0])
    update = update_call(resolved, live, sent, links)
    children = _child_calls(contract, resolved, live, changed)
    states = _state_calls(resolved, live.name, changed, live.status)
    return (*first, *((update,) if update else ()), *calls, *children, *states)


def _state_calls(resolved: Resolved, name: str, changes: Iterable[Change], status: str) -> tuple[Call, ...]:
    """The call that starts or stops it, if the desired state differs and its status permits the call."""
    contract = resolved.resource.contract
    state = contract.kind.lifecycle.desired_state
    if state is None or not any(change.path == (state.member,) for change in changes):
        return ()
    stops = resolved.spec.get(state.member) == state.stopped
    if stops and not state.takes_stop(status):
        return ()
    verb = state.stop if stops else state.start
    return (required_operation(verb).call(contract.address(required_operation(verb), name)),)


def _membership_calls(
    contract: Contract, membership: Membership, resolved: Resolved, live: Live, changes: Iterable[Change]
) -> list[Call]:
    now, desired = live.body.get(membership.member, ()), resolved.spec.get(membership.member) or ()
    if membership.member not in resolved.spec:  # dropped: the members of others stay
        now = next(change.before for change in changes if change.path == (membership.member,))
    added = [(membership.add, other) for other in desired if other not in now]
    gone = [(membership.remove, other) for other in now if other not in desired]
    return [
        required_operation(verb).call({contract.name_member: live.name, membership.named: other})
        for verb, other in added + gone
    ]


def tag_calls(arn: str, add: Mapping[str, str], remove: Iterable[str]) -> tuple[Call, ...]:
    """The calls that make the tags as desired."""
    gone, service = sorted(remove), service_of(arn)
    tags, untags = required_operation(service.tag), required_operation(service.untag)
    (address,) = shape(untags.input).required - {"TagKeys"}
    written = sent_tags(add, shape(shape(tags.input).members["Tags"]))
    calls = [tags.call({address: arn, "Tags": written})] if add else []
    calls += [untags.call({address: arn, "TagKeys": gone})] if gone else []
    return tuple(calls)


def sent_tags(tags: Mapping[str, str], of: Shape) -> Any:
    """Tags as a service takes them: a list, or a map."""
    return dict(sorted(tags.items())) if of.type == "map" else as_list(tags)


def delete_call(contract: Contract, identifier: str, owner: Owner | str) -> Call:
    """The Delete call; the owner, or the deleting set if there is none, is a part of its client token.

    Raises:
        KeyError: the service has no Delete for the kind.

    """
    if contract.deletes is None:
        raise KeyError(f"{contract.name} cannot be deleted")
    return _call_for(contract, contract.deletes, identifier, token("delete", str(owner), identifier))


def deletion_calls(contract: Contract, live: Live, owner: Owner) -> tuple[Call, ...]:
    """The Delete call, after a Stop if the service requires it.

    Raises:
        KeyError: the service has no Delete for the kind.

    """
    return (*_stop_first(contract, live), delete_call(contract, live.name, owner))


def _stop_first(contract: Contract, live: Live) -> tuple[Call, ...]:
    state = contract.kind.lifecycle.desired_state
    if state is None or not state.stops_to_change or not state.takes_stop(live.status):
        return ()
    return (Call(state.stop, contract.address(required_operation(state.stop), live.name)),)


def between_stop_and_start(
    calls: tuple[Call, ...], resolved: Resolved, live: Live, attempt: PendingChange | None
) -> tuple[Call, ...]:
    """The calls of an update, in order, where the service updates only stopped resources.

    Args:
        calls: the update, and the call for another desired state.
        resolved: the desired resource.
        live: the live resource.
        attempt: a change that was begun and may have stopped it.

    """
    contract = resolved.resource.contract
    state = contract.kind.lifecycle.desired_state
    if state is None or not state.stops_to_change or contract.updates is None:
        return calls
    begun = attempt is not None and state.start in attempt.then
    others = tuple(call for call in calls if call.operation not in (state.start, state.stop))
    updates = any(call.operation == contract.updates.name for call in others)
    desired = resolved.spec.get(state.member)
    if not updates and (desired is not None or not begun):
        return calls
    was_to_run = begun or live.status != state.stopped  # also if it failed to start
    starts = desired == state.started or (desired is None and was_to_run)
    start = (
        (Call(state.start, contract.address(required_operation(state.start), live.name)),) if starts else ()
    )
    if not updates and live.status != state.stopped:
        return calls
    return (*(_stop_first(contract, live) if updates else ()), *others, *start)


def run_call(contract: Contract, verb: str, identifier: str, owner: Owner) -> Call:
    """The call that starts a job before its scheduled time, or resumes it."""
    return _call_for(contract, required_operation(verb), identifier, token(verb, str(owner), identifier))


def stop_call(contract: Contract, live: Live, owner: Owner, spec: Mapping[str, Any]) -> Call:
    """The call that ends a job, with the spec's members for it; the spec is empty without a document.

    Raises:
        TypeError: the kind is not a job.

    """
    runs = contract.kind.lifecycle.runs
    if runs is None:
        raise TypeError(f"{contract.name} is not a run")
    call = run_call(contract, runs.stop, live.name, owner)
    usual = runs.stop_defaults(live.body) if runs.stop_defaults else {}
    written = {member: spec[member] for member in sorted(contract.stop_members & spec.keys())}
    return replace(call, params={**call.params, **usual, **written})


def _call_for(contract: Contract, of: Operation, identifier: str, mark: str) -> Call:
    tokens = sorted(shape(of.input).tokens)
    return of.call({**contract.address(of, identifier), **dict.fromkeys(tokens, mark)})
