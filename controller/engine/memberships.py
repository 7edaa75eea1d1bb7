"""Memberships that end before a resource is deleted: the calls that remove it from each of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.lookup import member_names, needs_narrowing
from controller.engine.plan import Step
from controller.engine.preconditions import with_permission
from controller.engine.shared_reads import SharedReads
from controller.kinds import Membership
from controller.schema.contract import Contract, contract
from controller.schema.shape import required_operation


def all_with_membership_removals(steps: Iterable[Step], cloud: Cloud, reads: SharedReads) -> list[Step]:
    """The steps, each with those calls; deletions of several resources of a kind share Lists."""
    steps = list(steps)
    deleted = Counter(
        step.ref.kind for step in steps if step.action is Action.DELETE and step.changes_account
    )
    return [
        with_membership_removals(step, cloud, reads if deleted[step.ref.kind] > 1 else None) for step in steps
    ]


def with_membership_removals(step: Step, cloud: Cloud, reads: SharedReads | None = None) -> Step:
    """The step, with the calls that remove its resource from its memberships before it is deleted."""
    kind_contract = contract(step.ref.kind)
    memberships = kind_contract.kind.lifecycle.memberships
    if (
        not memberships
        or step.deletes_contents
        or not step.changes_account
        or step.action not in (Action.DELETE, Action.REPLACE)
    ):
        return step
    try:
        calls = tuple(
            required_operation(membership.remove).call(
                {kind_contract.name_member: step.name, membership.named: other}
            )
            for membership in memberships
            for other in _member_names(cloud, kind_contract, membership, str(step.name), reads)
        )
    except CloudError as error:
        detail = f"what it is a member of can't be read: {error}"
        return replace(step, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=detail, calls=())
    at_once = None if step.at_once is None else step.at_once + len(calls)
    return replace(step, calls=(*calls, *step.calls), at_once=at_once)


def is_membership_removal(step: Step, call: Call) -> bool:
    """Whether a call removes a resource from a membership before its deletion."""
    memberships = contract(step.ref.kind).kind.lifecycle.memberships
    deletes = step.action in (Action.DELETE, Action.REPLACE)
    return deletes and any(membership.remove == call.operation for membership in memberships)


def _member_names(
    cloud: Cloud, of: Contract, membership: Membership, name: str, reads: SharedReads | None
) -> list[str]:
    """The names at the other end of a membership; none if the whole List is empty."""
    lists = required_operation(membership.lists)
    if reads is not None and not needs_narrowing(lists) and reads.list_unless_large(cloud, lists, {}) == ():
        return []
    try:
        return member_names(cloud, of, membership, name)
    except CloudError as error:
        if error.fault is Fault.UNSUPPORTED:
            return []
        raise with_permission(error) from error
