"""Memberships that end before a resource is deleted: the calls that take it out of all that it is a member of."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.lookup import needs_narrowing, tied
from controller.engine.plan import Step
from controller.engine.preconditions import with_permission
from controller.engine.shared_reads import SharedReads
from controller.kinds import Membership
from controller.schema.contract import Contract, contract, must


def all_with_membership_removals(steps: Iterable[Step], cloud: Cloud, reads: SharedReads) -> list[Step]:
    """The steps, each with those calls; where several delete resources of a kind, what they share is read once."""
    steps = list(steps)
    deleted = Counter(step.ref.kind for step in steps if step.action is Action.DELETE and step.acts)
    return [
        with_membership_removals(step, cloud, reads if deleted[step.ref.kind] > 1 else None) for step in steps
    ]


def with_membership_removals(step: Step, cloud: Cloud, reads: SharedReads | None = None) -> Step:
    """The step, with the calls that take its resource out of all that it is a member of before that is deleted."""
    kind_contract = contract(step.ref.kind)
    memberships = kind_contract.kind.lifecycle.memberships
    if (
        not memberships
        or step.emptying
        or not step.acts
        or step.action not in (Action.DELETE, Action.REPLACE)
    ):
        return step
    try:
        calls = tuple(
            must(tie.remove).call({kind_contract.name_member: step.name, tie.named: other})
            for tie in memberships
            for other in _tied(cloud, kind_contract, tie, str(step.name), reads)
        )
    except CloudError as error:
        detail = f"what it is a member of can't be read: {error}"
        return replace(step, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=detail, calls=())
    at_once = None if step.at_once is None else step.at_once + len(calls)
    return replace(step, calls=(*calls, *step.calls), at_once=at_once)


def is_membership_removal(step: Step, call: Call) -> bool:
    """Whether a call takes a resource out of what it is a member of before it is deleted."""
    memberships = contract(step.ref.kind).kind.lifecycle.memberships
    deletes = step.action in (Action.DELETE, Action.REPLACE)
    return deletes and any(tie.remove == call.operation for tie in memberships)


def _tied(cloud: Cloud, of: Contract, tie: Membership, name: str, reads: SharedReads | None) -> list[str]:
    """The members, or what it is a member of; none where the List shows nothing at all."""
    lists = must(tie.lists)
    if reads is not None and not needs_narrowing(lists) and reads.whole(cloud, lists, {}) == ():
        return []
    try:
        return tied(cloud, of, tie, name)
    except CloudError as error:
        if error.fault is Fault.UNSUPPORTED:
            return []
        raise with_permission(error) from error
