"""Holders of a resource: while they exist AWS refuses some updates, and they are deleted with it.

A row's ``lifecycle.holds`` declares them: a scalable target keeps its endpoint from an update that removes the target's
variant or changes its instance type, and it is deregistered with the endpoint. A holder that we own is deleted before
the update, and created again by the step of its own document afterwards.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.core.path import expand
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.compare import live_member
from controller.engine.decision_input import DecisionInput
from controller.engine.lookup import describe, tags_of
from controller.engine.observed import Live, Owner, document_of, is_protected, owner_of
from controller.engine.plan import Step
from controller.engine.requests import delete_call
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import Inventory
from controller.kinds import KINDS, Link, UpdateHold
from controller.manifests.bundle import Bundle
from controller.manifests.document import Mode, ReleasePolicy
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import named_within, part_within
from controller.schema.shape import required_operation

_UNREAD = frozenset({Fault.DENIED, Fault.UNSUPPORTED})
_CHANGES = frozenset({Action.UPDATE, Action.ADOPT})
_RELEASE = "policy.release: Allow deletes it first, and nothing creates it again"


@dataclass(frozen=True)
class Holder:
    """One resource that holds another: its kind and written key, the part of the other that it names, and its tags.

    ``document`` is the document of our set that its ownership tag names.
    """

    of: Contract
    name: str
    part: str
    tags: Mapping[str, str]
    document: Ref | None

    def __str__(self) -> str:
        """As a message names it."""
        return f"{self.of.name} '{self.name}'"


def holder_kinds(kind: str) -> tuple[tuple[Contract, UpdateHold, Link], ...]:
    """The kinds whose resources may hold one of this kind, each with the link by which they do."""
    return tuple(
        (contract(name), hold, link)
        for name, row in KINDS.items()
        for hold in row.lifecycle.holds
        for link in row.identity.links
        if link.to == kind and link.field == hold.field
    )


@dataclass(frozen=True)
class HeldResources:
    """The holders that one pass has read.

    Fields:
        cloud, reads: where to look.
        inventory: the inventory.
        bundle: the desired state.
        pruned: removed documents whose resources this run deletes.
        part: whether the set has further documents that this run does not read.

    """

    cloud: Cloud
    reads: SharedReads
    inventory: Inventory
    bundle: Bundle
    pruned: frozenset[Ref]
    part: bool

    def release_held(self, step: Step, case: DecisionInput) -> tuple[Step, frozenset[Ref]]:
        """The step with the deletions that its update needs, or blocked, and the documents of the deleted resources."""
        live = case.live
        changed = {change.path[0] for change in step.changes}
        if step.action not in _CHANGES or live is None or not step.changes_account:
            return step, frozenset()
        found_holders: list[Holder] = []
        for of, hold, link in holder_kinds(step.ref.kind):
            unchangeable = self._unchangeable_parts(hold, case, live) if hold.through in changed else {}
            if not unchangeable:
                continue
            try:
                found = list(self._holders_of(of, link, live.name, unchangeable))
            except CloudError as error:
                return holders_unread(step, error, of), frozenset()
            blocking = next(
                (text for each in found if (text := self._blocked_reason(each, case, unchangeable))), ""
            )
            if blocking:
                return _blocked_step(step, blocking), frozenset()
            found_holders += found
        desired = {each.document for each in found_holders if each.document in self.bundle.resources}
        return self._with_deletions(step, found_holders), frozenset(ref for ref in desired if ref)

    def block_held(self, steps: list[Step]) -> list[Step]:
        """The steps, with deletions blocked that would end a holder which is not ours to delete."""
        going = {(step.ref.kind, str(step.name)) for step in steps if step.action is Action.DELETE}
        return [
            self._block_if_holder(step, going) if step.action is Action.DELETE else step for step in steps
        ]

    def _block_if_holder(self, step: Step, going: Collection[tuple[str, str]]) -> Step:
        resource = self.bundle.resources.get(step.ref)
        entry = self.inventory.of(step.ref)
        if entry.release if resource is None else resource.policy.release is ReleasePolicy.ALLOW:
            return step
        for of, _, link in holder_kinds(step.ref.kind):
            try:
                left = self._remaining_holders(of, link, step, going)
            except CloudError as error:
                return holders_unread(step, error, of)
            if left:
                detail = f"its deletion would end {left[0]}, which this plan does not delete; {_RELEASE}"
                return _blocked_step(step, detail)
        return step

    def _remaining_holders(
        self, of: Contract, link: Link, step: Step, going: Collection[tuple[str, str]]
    ) -> list[Holder]:
        """The holders that would end with the resource and are not deleted first, read anew if a shared List shows any.

        Raises:
            CloudError: a read was refused.

        """
        for anew in (self, replace(self, reads=self.reads.empty())):
            found = anew._holders_of(of, link, str(step.name))  # noqa: SLF001 - its own class
            left = [each for each in found if (of.name, each.name) not in going]
            if not left:
                break
        return left

    def _holders_of(
        self, of: Contract, link: Link, name: str, parts: Collection[str] | None = None
    ) -> Iterator[Holder]:
        """The holders of the resource of that name, of these parts or of any.

        Raises:
            CloudError: a read was refused.

        """
        for each in self.reads.list_elements(
            self.cloud,
            required_operation(of.kind.identity.verbs.list or f"List{of.plural}"),
            of.kind.identity.fixed,
        ):
            text = str(each.get(link.field, ""))
            part = part_within(link, text)
            if (named_within(link, text) or "").casefold() != name.casefold():
                continue
            if parts is None or part in parts:
                arn = str(each.get(of.arn_member, ""))
                tags = tags_of(self.cloud, arn) if arn and parts is not None else {}
                yield Holder(
                    of, of.named_in(each), part, tags, document_of(owner_of(tags), self.inventory.set)
                )

    def _unchangeable_parts(self, hold: UpdateHold, case: DecisionInput, live: Live) -> dict[str, bool]:
        """The parts that the service does not change while they are held, and whether each is removed."""
        now, desired = self._current_body(hold, case, live), self._desired_linked_spec(hold, case)
        before, after = (
            {str(part[hold.named]): part for _, part in expand(body, f"{hold.parts}[]")}
            for body in (now, desired)
        )
        if not before or not after:
            return {}  # an unknown value is not taken for a change; the service refuses it if it is one
        return {
            name: name not in after
            for name, part in before.items()
            if name not in after or any(part.get(each) != after[name].get(each) for each in hold.frozen)
        }

    def _current_body(self, hold: UpdateHold, case: DecisionInput, live: Live) -> Mapping[str, Any]:
        link = next(each for each in case.resource.contract.kind.identity.links if each.field == hold.through)
        name = str(live_member(hold.through, live.body, case.resource.contract.kind))
        seen = case.observed.find(link.to, name)
        if seen is None:
            try:
                seen = describe(self.cloud, contract(link.to), name)
            except CloudError:
                return {}
        return seen.body if seen else {}

    @staticmethod
    def _desired_linked_spec(hold: UpdateHold, case: DecisionInput) -> Mapping[str, Any]:
        linked = next((each for each in case.resource.links if each.path == (hold.through,)), None)
        if linked is None:
            return {}
        if linked.target is not None:
            target = case.observed.resolved.get(linked.target)
            return target.spec if target else {}
        seen = case.observed.others.get((linked.link.to, linked.text))
        return seen.body if isinstance(seen, Live) else {}

    def _blocked_reason(self, holder: Holder, case: DecisionInput, unchangeable: Mapping[str, bool]) -> str:
        """Why it may not be deleted for the update; empty where it may."""
        change = "is removed" if unchangeable[holder.part] else "is changed"
        refusal = f"AWS refuses it while {holder} holds '{holder.part}', which {change}"
        tags, ref = holder.tags, holder.document
        resource = self.bundle.resources.get(ref) if ref else None
        if is_protected(tags):
            return f"{refusal}; it carries the protection tag"
        if resource is not None and resource.policy.mode is not Mode.APPLY:
            return f"{refusal}; {ref} has policy.mode: {resource.policy.mode.value}"
        if resource is not None and unchangeable[holder.part]:
            return f"{refusal}; remove the document {ref} as well, and prune"
        ours = resource is not None or ref in self.pruned or (ref is not None and self.part)
        if ours or case.resource.policy.release is ReleasePolicy.ALLOW:
            return ""
        whose = f"belongs to {owner_of(tags)}" if owner_of(tags) else "has no ownership tag"
        return f"{refusal}; it {whose} and no document of this run; {_RELEASE}"

    def _with_deletions(self, step: Step, holders: Iterable[Holder]) -> Step:
        calls: list[Call] = []
        notes: list[str] = []
        for each in holders:
            ref = each.document if each.document in self.bundle.resources or self.part else None
            calls.append(delete_call(each.of, each.name, Owner(self.inventory.set, ref or step.ref)))
            later = f"{ref} creates it again after the update" if ref else "nothing here creates it again"
            notes.append(f"{each} is deleted first, because AWS refuses the update while it exists; {later}")
        return replace(step, calls=(*calls, *step.calls), notes=(*step.notes, *notes)) if calls else step


def holders_unread(step: Step, error: CloudError, of: Contract) -> Step:
    """The step if holders can't be read: with a note where the read is denied, else blocked."""
    message = f"whether a {of.name} holds it can't be read: {error}"
    if error.fault in _UNREAD:
        return replace(step, notes=(*step.notes, f"{message}; allow {of.service}:{error.operation}"))
    return replace(step, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=message, calls=())


def wait_for_deletion(step: Step, holds: Ref) -> Step:
    """The step of a document whose resource another step of the same pass deletes: it is created again afterwards."""
    detail = f"it is created again after the update of {holds}, which AWS refuses while it exists"
    return replace(
        step, action=Action.WAIT, why=Reason.DEPENDENCY_NOT_READY, detail=detail, calls=(), leaves=True
    )


def _blocked_step(step: Step, detail: str) -> Step:
    return replace(step, action=Action.BLOCKED, why=Reason.FOREIGN_OWNER, detail=detail, calls=())
