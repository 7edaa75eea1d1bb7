"""``policy.deletion: Cascade``: unmanaged resources that people started inside a resource are deleted before it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from controller.core.cloud import Call, Cloud, CloudError
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.lookup import carries_tags, describe, tags_of
from controller.engine.memberships import all_with_membership_removals
from controller.engine.observed import Live, owner_of
from controller.engine.plan import Step
from controller.engine.preconditions import blocking_elements
from controller.engine.requests import delete_call
from controller.engine.shared_reads import SharedReads
from controller.schema.contract import Contract, contract, listed_kind


def with_contents(steps: Iterable[Step], cloud: Cloud, of: str, reads: SharedReads) -> list[Step]:
    """The deletions with the calls that come first: of contents, where they cascade, and of memberships.

    Args:
        steps: deletions among other steps.
        cloud: where to look.
        of: our set.
        reads: reads of this pass.

    """
    contents = _Contents(cloud, of, reads)
    emptied = (
        contents.with_content_deletions(step)
        if step.cascade and step.changes_account and step.action is Action.DELETE
        else step
        for step in steps
    )
    return all_with_membership_removals(emptied, cloud, reads)


@dataclass(frozen=True)
class _Contents:
    """The contents of resources, started by people, as read in one pass."""

    cloud: Cloud
    set: str
    reads: SharedReads

    def with_content_deletions(self, step: Step) -> Step:
        """The step, with the deletions of its resource's contents if there are any."""
        try:
            calls = tuple(self._calls(contract(step.ref.kind), str(step.name), step.arn))
        except CloudError as error:
            detail = f"what is in it can't be read: {error}"
            return replace(step, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=detail, calls=())
        if not calls:
            return step
        detail = f"policy.deletion is Cascade: {len(calls)} in it are deleted first, and it follows when they are gone"
        return replace(step, calls=calls, deletes_contents=True, detail=detail)

    def _calls(self, of: Contract, name: str, arn: str) -> Iterator[Call]:
        """The deletions of a resource's contents that can be made now, innermost first.

        Raises:
            CloudError: a List, a Describe or tags can't be read.

        """
        for blocker in of.kind.lifecycle.delete_blockers:
            inner = listed_kind(blocker.lists) if blocker.cascades else None
            if inner is None:
                continue
            for element in blocking_elements(self.cloud, blocker, of, name, arn, reads=self.reads):
                live = describe(self.cloud, inner, inner.named_in(element))
                if (
                    live is None
                    or live.phase in (Phase.DELETING, Phase.CHANGING)
                    or self._is_managed(inner, live)
                ):
                    continue
                deeper = tuple(self._calls(inner, live.name, live.arn))
                yield from deeper
                if not deeper and not self._has_contents(inner, live):
                    yield delete_call(inner, live.name, self.set)

    def _is_managed(self, of: Contract, live: Live) -> bool:
        """Whether a set of documents owns it: then it is deleted only with its document."""
        return carries_tags(of, live.body) and bool(owner_of(tags_of(self.cloud, live.arn)))

    def _has_contents(self, of: Contract, live: Live) -> bool:
        """Whether it has contents, even if they are being deleted."""
        return any(
            True
            for blocker in of.kind.lifecycle.delete_blockers
            for _ in blocking_elements(self.cloud, blocker, of, live.name, live.arn, reads=self.reads)
        )
