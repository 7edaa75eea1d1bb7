"""Temporary overrides by an active resource of another kind: such a difference is no drift.

A row's ``lifecycle.overrides`` declares them: a shadow test gives its endpoint another configuration until it ends, and
an update or a deletion of the endpoint meanwhile would end the test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.compare import live_member
from controller.engine.decision_input import DecisionInput
from controller.engine.holders import holders_unread
from controller.engine.observed import Live
from controller.engine.plan import Step
from controller.engine.shared_reads import SharedReads
from controller.kinds import KINDS, Link, Override
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import named_within

_TAGS = "Tags"  # the first part of the paths of tag changes, which have calls of their own
_UPDATES = frozenset({Action.UPDATE, Action.ADOPT})
_ENDING = frozenset({Action.DELETE, Action.STOP, Action.WAIT})


def reduce_update(step: Step, case: DecisionInput, cloud: Cloud, reads: SharedReads) -> Step:
    """The step of an update, reduced while another resource overrides it; blocked if the document changes too.

    A step that deletes and recreates the resource is blocked likewise.
    """
    if step.action is Action.REPLACE:
        return _block_deletion(step, cloud, reads, frozenset())
    if step.action not in _UPDATES or case.live is None:
        return step
    changed = {str(change.path[0]) for change in step.changes}
    for of, override, link in overriding_kinds(step.ref.kind):
        overridden_members = changed & set(override.members)
        if not overridden_members:
            continue
        try:
            active = _active_override(of, override, link, case.live.name, cloud=cloud, reads=reads)
        except CloudError as error:
            return holders_unread(step, error, of)
        if active is not None:
            return _tags_only(step, case, overridden_members, f"{of.name} '{active.name}' ({active.status})")
    return step


def deletions_after(steps: Iterable[Step], cloud: Cloud, reads: SharedReads) -> list[Step]:
    """The steps, with a deletion blocked while another resource overrides the one to delete.

    An override that these steps end as well is ordered first.
    """
    steps = list(steps)
    ending = frozenset((step.ref.kind, str(step.name)) for step in steps if step.action in _ENDING)
    return [
        _block_deletion(step, cloud, reads, ending) if step.action is Action.DELETE else step
        for step in steps
    ]


def _block_deletion(step: Step, cloud: Cloud, reads: SharedReads, ending: frozenset[tuple[str, str]]) -> Step:
    """The step of a deletion, blocked while a resource that is not ``ending`` overrides its resource."""
    for of, override, link in overriding_kinds(step.ref.kind):
        try:
            active = _active_override(of, override, link, str(step.name), cloud=cloud, reads=reads)
        except CloudError as error:
            return holders_unread(step, error, of)
        if active is not None and (of.name, active.name) not in ending:
            detail = f"{of.name} '{active.name}' ({active.status}) is running on it; it is deleted once that has ended"
            return replace(step, action=Action.BLOCKED, why=Reason.IN_TRANSITION, detail=detail, calls=())
    return step


def _active_override(
    of: Contract, override: Override, link: Link, name: str, *, cloud: Cloud, reads: SharedReads
) -> Live | None:
    """The resource of a kind that overrides the one of that name now.

    Raises:
        CloudError: a read was refused.

    """
    return next(
        (each for each in _in_transition(of, override, cloud, reads) if _is_of(each, of, link, name)), None
    )


def overriding_kinds(kind: str) -> Iterator[tuple[Contract, Override, Link]]:
    """The kinds whose resources may override members of one of this kind, each with the link by which they do."""
    for name, row in KINDS.items():
        for override in row.lifecycle.overrides:
            for link in row.identity.links:
                if link.to == kind and link.field == override.field:
                    yield contract(name), override, link


def _in_transition(of: Contract, override: Override, cloud: Cloud, reads: SharedReads) -> Iterator[Live]:
    """The resources of a kind that are in a status in which they override.

    Raises:
        CloudError: a read was refused.

    """
    if of.lists is None:
        return
    listed = reads.list_elements(cloud, of.lists, of.kind.identity.fixed)
    likely = tuple(each for each in listed if each.get(of.status_member) in override.statuses)
    for _, seen in reads.describe_each(cloud, of, likely):
        if seen is not None and seen.status in override.statuses:
            yield seen


def _is_of(seen: Live, of: Contract, link: Link, name: str) -> bool:
    """Whether a resource names another by its link."""
    text = str(live_member(link.field, seen.body, of.kind) or "")
    return (named_within(link, text) or "").casefold() == name.casefold()


def _tags_only(step: Step, case: DecisionInput, overridden_members: set[str], by: str) -> Step:
    """The step with its tag changes only; blocked if the document differs from the last applied spec."""
    applied, update = case.entry.applied or {}, case.resource.contract.updates
    tags = tuple(change for change in step.changes if change.path[0] == _TAGS)
    is_unchanged = step.action is Action.ADOPT or all(
        applied.get(name) == case.as_recorded.get(name) for name in overridden_members
    )
    if not is_unchanged or {str(change.path[0]) for change in step.changes} - overridden_members - {_TAGS}:
        detail = f"an update would end {by}; it is sent once that has ended"
        return replace(step, action=Action.BLOCKED, why=Reason.IN_TRANSITION, detail=detail, calls=())
    calls = tuple(call for call in step.calls if update is None or call.operation != update.name)
    notes = (*step.notes, f"{', '.join(sorted(overridden_members))} is set by {by} until it ends")
    if calls:
        return replace(step, calls=calls, changes=tags, notes=notes)
    return replace(step, action=Action.NOOP, why=Reason.READY, detail="", calls=(), changes=(), notes=notes)
