"""Restrictions by an administrator on documents, and their enforcement in a plan.

Command line, GitSync and operator pass them in ``Order.restrictions``; they are applied in ``reconcile`` only, so that
no kind and no caller can omit them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from controller.core.finding import Code, Finding
from controller.core.phase import Action
from controller.core.reason import NOT_OURS, Reason
from controller.core.ref import Ref
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.document import NO_TAGS, Adopt, Deletion, IgnoredTags, Policy, Replace
from controller.schema.contract import contract
from controller.schema.leaf import MOST_TAGS, ROOM_FOR_OURS

if TYPE_CHECKING:  # validate checks documents, and makes no plan
    from controller.engine.plan import Step
    from controller.inventory.model import Inventory

_NO_REFS: frozenset[Ref] = frozenset()
_NO_RULES: Mapping[str, str] = MappingProxyType({})
_FURTHER = (Adopt.NEVER, Adopt.IF_UNOWNED, Adopt.ALWAYS)
# Its document was removed, or has another resource now.
_ENDED = frozenset({Reason.NO_DOCUMENT, Reason.DESTROYED, Reason.SUPERSEDED})


@dataclass(frozen=True)
class Restrictions:
    """What documents may request; by default everything that a policy can express.

    Attributes:
        adopt: the most that ``policy.adopt`` can permit.
        replace: whether ``policy.replace: Allow`` counts.
        deletion: whether resources may be deleted, or stopped because their document was removed.
        kinds: the kinds that may be changed; None for all.
        default_deletion: the ``policy.deletion`` of documents without one.
        default_tags: tags of every taggable resource; those of its document take precedence.
        ignored_tags: tags that others manage on any resource.
        rules: by attribute, the origin of its rule: a position and a path in the administrator's file.

    """

    adopt: Adopt = Adopt.ALWAYS
    replace: bool = True
    deletion: bool = True
    kinds: frozenset[str] | None = None
    default_deletion: Deletion | None = None
    default_tags: Mapping[str, str] = field(default_factory=lambda: _NO_RULES)
    ignored_tags: IgnoredTags = NO_TAGS
    rules: Mapping[str, str] = field(default_factory=lambda: _NO_RULES, compare=False)

    def allows_kind(self, kind: str) -> bool:
        """Whether resources of a kind may be changed."""
        return self.kinds is None or kind in self.kinds

    def narrow(
        self, bundle: Bundle, *, transferred: frozenset[Ref] = _NO_REFS, destroy: bool = False
    ) -> Bundle:
        """The bundle with policies narrowed to what is allowed.

        Args:
            bundle: the desired state.
            transferred: resources that another sync of the same namespace transfers, which is no adoption.
            destroy: whether the documents' resources are deleted, so that the default of deletion applies.

        """
        if not self._has_effect(destroy=destroy):
            return bundle
        resources = {
            ref: replace(
                self._with_default_tags(each),
                policy=self._policy(each.policy, transferred=ref in transferred, destroy=destroy),
            )
            for ref, each in bundle.resources.items()
        }
        return bundle if resources == bundle.resources else replace(bundle, resources=resources)

    def _has_effect(self, *, destroy: bool) -> bool:
        """Whether they can change a bundle; mostly not, and nothing is copied."""
        policies = self.adopt is not Adopt.ALWAYS or not self.replace
        deletion = destroy and self.default_deletion is not None
        return policies or deletion or bool(self.default_tags) or self.ignored_tags != NO_TAGS

    def with_tags(self, default: Mapping[str, str], ignored: IgnoredTags) -> "Restrictions":
        """The restrictions, with the tags of a narrower scope, which take precedence."""
        tags = {**self.default_tags, **default}
        return replace(self, default_tags=tags, ignored_tags=self.ignored_tags.union(ignored))

    def findings(self, bundle: Bundle) -> tuple[Finding, ...]:
        """The findings under these rules: with the default tags a document may exceed the limit of tags."""
        if not self.default_tags:
            return ()
        return tuple(
            finding
            for each in self.narrow(bundle).resources.values()
            if (finding := self._too_many(each, bundle.resources[each.ref])) is not None
        )

    def _too_many(self, tagged: Resource, written: Resource) -> Finding | None:
        if len(tagged.tags) <= MOST_TAGS or len(written.tags) > MOST_TAGS:
            return None
        path = ("spec", "tags")
        message = (
            f"{len(written.tags)} tags, and with defaultTags {len(tagged.tags)}; a resource has room for "
            f"{MOST_TAGS + ROOM_FOR_OURS}, of which {ROOM_FOR_OURS} are ours"
        )
        hint = "leave out tags here, or in defaultTags"
        return Finding(Code.RANGE, message, written.document.origin_of(path), path, hint)

    def _with_default_tags(self, resource: Resource) -> Resource:
        """The resource with the default tags, if its kind is taggable."""
        tags = {**self.default_tags, **resource.tags} if resource.contract.taggable else resource.tags
        return replace(resource, tags=tags, ignored_tags=self.ignored_tags)

    def _policy(self, policy: Policy, *, transferred: bool, destroy: bool) -> Policy:
        adopt = policy.adopt if transferred else min(policy.adopt, self.adopt, key=_FURTHER.index)
        return replace(
            policy,
            adopt=adopt,
            replace=policy.replace if self.replace else Replace.FORBID,
            deletion=policy.deletion or (self.default_deletion if destroy else None),
        )

    def with_default_deletion(self, inventory: "Inventory") -> "Inventory":
        """The inventory with the default of deletion in entries without one. It must not be saved."""
        if self.default_deletion is None:
            return inventory
        entries = {
            ref: replace(entry, deletion=entry.deletion or self.default_deletion)
            for ref, entry in inventory.entries.items()
        }
        return replace(inventory, entries=entries)

    def block_forbidden(self, steps: "list[Step]", desired: Bundle) -> "list[Step]":
        """The steps, with forbidden ones blocked; ``desired`` is the bundle before it was narrowed."""
        return [self._check_step(step, desired.resources.get(step.ref)) for step in steps]

    def _check_step(self, step: "Step", resource: Resource | None) -> "Step":
        if not self.allows_kind(step.ref.kind):
            return self._of_kind(step, resource)
        if not self.deletion and _deletes(step):
            return self._keep_resource(step)
        if resource is not None and step.action is Action.BLOCKED:
            return self._explain_block(step, resource.policy)
        return step

    def _of_kind(self, step: "Step", resource: Resource | None) -> "Step":
        """The step, blocked if changes of its kind are not allowed; a step that only forgets a resource is allowed."""
        if step.action is Action.FORGET or not (step.action.acts or resource):
            return step
        return self._block_step(step, "kinds", f"the kind {step.ref.kind} is not allowed here")

    def _keep_resource(self, step: "Step") -> "Step":
        if step.why is Reason.SUPERSEDED:
            detail = f"superseded, and kept: nothing may be deleted here ({self._rule('deletion')})"
            return replace(step, action=Action.NOOP, why=Reason.PRUNE_OFF, detail=detail, calls=())
        if step.action is Action.REPLACE:
            return self._block_step(
                step, "deletion", f"{step.detail}; deleting it to create it is not allowed here"
            )
        detail = "deletion is not allowed here, so it stays; policy.deletion: Retain releases it without deleting it"
        return self._block_step(step, "deletion", detail)

    def _explain_block(self, step: "Step", written: Policy) -> "Step":
        """The step, with the rule named if it is blocked only because a policy was narrowed."""
        if step.why in NOT_OURS and _FURTHER.index(written.adopt) > _FURTHER.index(self.adopt):
            detail = f"policy.adopt: {written.adopt.value} is not allowed here, at most {self.adopt.value}"
            return self._block_step(step, "adopt", detail)
        if step.why is Reason.IMMUTABLE and written.replace is Replace.ALLOW and not self.replace:
            return self._block_step(step, "replace", "policy.replace: Allow is not allowed here")
        return step

    def _block_step(self, step: "Step", rule: str, detail: str) -> "Step":
        message = f"{detail} ({self._rule(rule)})"
        return replace(
            step, action=Action.BLOCKED, why=Reason.NOT_ALLOWED, detail=message, calls=(), withheld=""
        )

    def _rule(self, name: str) -> str:
        return self.rules.get(name, f"the administrator's rule {name}")


UNRESTRICTED = Restrictions()


def _deletes(step: "Step") -> bool:
    """Whether a step deletes, or ends a job whose document was removed, by its calls as well as by its action."""
    deletes = contract(step.ref.kind).deletes
    called = deletes is not None and any(call.operation == deletes.name for call in step.calls)
    return (
        called
        or step.action in (Action.DELETE, Action.REPLACE)
        or (step.action is Action.STOP and step.why in _ENDED)
    )
