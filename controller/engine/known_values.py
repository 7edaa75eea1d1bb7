"""The known values of documents that others refer to, including the last applied spec."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import Cloud, CloudError, Identity
from controller.core.phase import Action, Phase
from controller.core.ref import Ref
from controller.engine.lookup import describe
from controller.engine.observed import Live, MissingResource, digest_tag
from controller.engine.plan import Step
from controller.engine.sensitive import recorded_spec
from controller.inventory.model import Entry, Inventory, PendingChange
from controller.kinds import SERVICES, TargetForm
from controller.manifests.bundle import Bundle
from controller.manifests.interpolation import ARN, NAME
from controller.manifests.resolve import Resolved, hashed_name, normal_content, resolve
from controller.schema.contract import contract


def recorded_generation(resolved: Resolved, inventory: Inventory) -> str | None:
    """The name of the recorded resource that was created from this spec; None if there is none.

    The applied spec is compared, not the hash in the name: the hash may be of another spelling or of an earlier
    release, and the name may be a fixed or an adopted one (``policy.arn``). For an unfinished creation only the name is
    known.
    """
    entry, contract = inventory.of(resolved.resource.ref), resolved.resource.contract
    known = contract.link_name(entry.name) if entry.name else ""
    if entry.attempt is not None and known == hashed_name(resolved, resolved.spec):
        return known
    name = str((entry.applied or {}).get(contract.name_member, ""))
    same = same_immutable(
        resolved, entry.applied, recorded_spec(resolved.spec, resolved.resource, inventory.key)
    )
    recorded_name = {
        contract.link_name(each): each for each in (*(old.name for old in entry.old), entry.name) if each
    }
    return name if same and entry.holds(recorded_name.get(name, name)) else None


def same_immutable(resolved: Resolved, applied: Mapping[str, Any] | None, desired: Mapping[str, Any]) -> bool:
    """Whether two recorded specs are equal in all that no Update can change."""
    if applied is None:
        return False
    if applied == desired:  # equal specs have equal normal forms, which take long to derive
        return True
    contract = resolved.resource.contract
    before, now = (
        normal_content(dict(each), resolved.resource, resolved.identity) for each in (applied, desired)
    )
    return contract.fixed_part(before) == contract.fixed_part(now)


def with_present_digests(entry: Entry, resolved: Resolved) -> Entry:
    """The entry with the current digest in attempts of this spec that an earlier release recorded."""
    if entry.attempt is None and entry.failed is None:
        return entry
    attempt = _with_retry(entry.attempt, resolved)
    if attempt is not None and attempt != entry.attempt and not (attempt.sent or entry.was_made):
        attempt = replace(attempt, sent=(digest_tag(resolved.written),))  # of earlier requests
    return replace(entry, attempt=attempt, failed=_with_retry(entry.failed, resolved))


def _with_retry(attempt: PendingChange | None, resolved: Resolved) -> PendingChange | None:
    if attempt is None or not resolved.written or not attempt.digest.startswith(resolved.written):
        return attempt
    retry = attempt.digest.removeprefix(resolved.written)
    return replace(attempt, digest=f"{resolved.digest}{retry}")


TAGGING = frozenset(verb for each in SERVICES.values() for verb in (each.tag, each.untag))
_RECREATES = frozenset({Action.REPLACE, Action.CREATE_BEFORE_DELETE})


@dataclass
class KnownValues:
    """What a pass has read so far, and what it will change.

    Attributes:
        live: the live resources, by document.
        resolved: the desired resources, as far as their references are known.
        errors: what could not be read.
        missing: resources that the inventory holds and Describe did not find, by document.
        others: linked resources that no document declares, by kind and text.
        identity: the account and region that we work in.
        inventory: the inventory.
        changing: documents whose resource this pass updates: their outputs are known afterwards.
        recreated: documents whose resource this pass recreates: nothing of it is known before.

    """

    live: dict[Ref, Live] = field(default_factory=dict)
    resolved: dict[Ref, Resolved] = field(default_factory=dict)
    errors: dict[Ref, CloudError] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Live | CloudError | None] = field(default_factory=dict)
    missing: dict[Ref, tuple[MissingResource, ...]] = field(default_factory=dict)
    identity: Identity | None = None
    inventory: Inventory | None = None
    changing: set[Ref] = field(default_factory=set)
    recreated: set[Ref] = field(default_factory=set)

    def generation(self, resolved: Resolved) -> str | None:
        """The name of the generation that the inventory holds and that was made of this spec."""
        return recorded_generation(resolved, self.inventory) if self.inventory else None

    def identifier(self, ref: Ref) -> str | None:
        """The AWS name, which is known before the creation; for a numbered resource the ARN, known afterwards."""
        resolved, live = self.resolved.get(ref), self.live.get(ref)
        if resolved is not None and resolved.has_assigned_identity:
            there = live is not None and live.phase is not Phase.DELETING and ref not in self.recreated
            return live.name if live and there else None
        return resolved.name if resolved is not None and isinstance(resolved.name, str) else None

    def body(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body once it is ready."""
        live = self.live.get(ref)
        if live is None or live.phase is not Phase.READY or ref in self.recreated:
            return None
        return {**live.body, contract(ref.kind).arn_member: live.arn}

    def outputs(self, ref: Ref) -> Mapping[str, Any] | None:
        """The live body if the resource is ready and does not change in this pass."""
        return None if ref in self.changing else self.body(ref)

    def undeclared_body(self, kind: str, text: str) -> Mapping[str, Any] | None:
        """The live body of a linked resource that no document declares."""
        live = self.others.get((kind, text))
        return {**live.body, contract(kind).arn_member: live.arn} if isinstance(live, Live) else None

    def note_changes(self, step: Step) -> None:
        """Note the change of a step, for documents that refer to its resource."""
        calls = {call.operation for call in step.calls} - TAGGING
        if step.changes_account and (calls or not step.calls):
            self.changing.add(step.ref)
            self.recreated |= {step.ref} if step.action in _RECREATES else set()


def needs_only_names(ref: Ref, bundle: Bundle, *, with_arn: bool = True) -> bool:
    """Whether all references to a document take only the name, or the ARN, of its resource."""
    resources = bundle.resources.values()
    links = {each.link.by for resource in resources for each in resource.links if each.target == ref}
    outputs = {use.output for resource in resources for use in resource.outputs if use.ref == ref}
    by, paths = {TargetForm.NAME}, {(NAME,)}
    if with_arn:
        by, paths = by | {TargetForm.ARN}, paths | {(ARN,)}
    return links <= by and outputs <= paths


def free_name(bundle: Bundle, ref: Ref, cloud: Cloud) -> str:
    """The desired AWS name of a document if it is known and free; else empty.

    Empty too for kinds with a written key, such as policies: their creation overwrites an existing one.

    Raises:
        CloudError: AWS refused the read.

    """
    known = KnownValues()
    for each in bundle.order:
        known.resolved[each] = resolve(bundle.resources[each], known)
    desired, contract = known.resolved[ref], bundle.resources[ref].contract
    if contract.kind.identity.key is not None or not isinstance(desired.name, str):
        return ""
    return "" if describe(cloud, contract, desired.name) else desired.name
