"""What the caller of a run must be allowed to do, from the rows of the kinds in a tree: calls and ARNs.

Which calls take an ARN is the Service Authorization Reference's word (Actions, resources, and condition keys for
Amazon SageMaker): of those that we make all but Lists, and the Lists that ask of what. Operations and actions
have the same names. ``sts:GetCallerIdentity`` needs no permission (API reference).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from controller.engine.lookup import needs_narrowing
from controller.engine.preconditions import users_of_kind
from controller.insight.arns import ANY, Arns, ArnScope, every, roles
from controller.kinds import KINDS, Tie
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.document import Replace
from controller.schema.contract import Contract, contract, must
from controller.schema.shape import Operation


@dataclass(frozen=True, order=True)
class Permission:
    """One action on one ARN pattern; ``kind`` and ``writes`` say where it belongs."""

    kind: str
    writes: bool
    action: str
    arn: str


def permissions(bundle: Bundle, scope: ArnScope, *, read_only: bool) -> frozenset[Permission]:
    """All that a run of these documents needs: plan, and unless it only reads apply, change and destroy."""
    grants = _Grants(bundle, Arns(bundle, scope), read_only)
    return frozenset(each for ref in bundle.order for each in grants.of(bundle.resources[ref]))


@dataclass(frozen=True)
class _Grants:
    bundle: Bundle
    arns: Arns
    read_only: bool

    def of(self, resource: Resource) -> Iterator[Permission]:
        yield from self._reads(resource)
        if not self.read_only:
            yield from self._writes(resource)
            yield from self._proofs(resource)
            for role in roles(resource, self.arns.scope):
                yield Permission("", True, "iam:PassRole", role)

    def _reads(self, resource: Resource) -> Iterator[Permission]:
        kind_contract, own = resource.contract, self.arns.own(resource)
        lists = [tie.lists for tie in kind_contract.kind.lifecycle.memberships if tie.member]
        yield from self._on(kind_contract, [kind_contract.describes.name, *lists], own, writes=False)
        # what is not found any more counts as gone only when List agrees; it may ask of what, such as a pipeline
        yield from self._on(
            kind_contract, _named(kind_contract.lists), own | self.arns.linked(resource), writes=False
        )
        if kind_contract.taggable:
            yield from self._on(kind_contract, ["ListTags"], own, writes=False)
            yield Permission("", False, "tag:GetResources", ANY)
        for link in resource.links:
            target = contract(link.link.to)
            if link.target is None and target.kind.identity.key is None:
                arns = self.arns.of(target.name, None, link.text)
                yield from self._on(target, [target.describes.name], arns, writes=False)

    def _writes(self, resource: Resource) -> Iterator[Permission]:
        contract, own = resource.contract, self.arns.own(resource)
        reach = own | self.arns.linked(resource)
        side_updates = [
            each
            for aside in contract.kind.write.side_updates.values()
            for each in (aside.update, aside.lists)
        ]
        yield from self._on(
            contract, [contract.creates.name, *_named(contract.updates), *side_updates], reach, writes=True
        )
        for tie in contract.kind.lifecycle.memberships:
            verbs = [verb for verb in (tie.add, tie.remove) if verb]
            yield from self._on(contract, verbs, own | self._members(tie), writes=True)
        yield from self._on(contract, _ends(resource), own, writes=True)
        if contract.taggable:
            yield from self._on(contract, ["AddTags", "DeleteTags"], own, writes=True)
        lists = [gate.lists for gate in contract.kind.lifecycle.delete_blockers] + [
            tie.lists for tie in contract.kind.lifecycle.memberships
        ]
        yield from self._on(contract, lists, reach, writes=True)

    def _members(self, tie: Tie) -> frozenset[str]:
        """Whatever it may be tied to: jobs tie their own."""
        others = (contract(name) for name in KINDS if contract(name).name_member == tie.named)
        return frozenset(arn for other in others for arn in every(other, self.arns.scope))

    def _proofs(self, resource: Resource) -> Iterator[Permission]:
        """An old generation, or what is replaced under its name, goes once all that may name it was read."""
        kind_contract = resource.contract
        generations = (
            kind_contract.kind.lifecycle.succession is not None
            and kind_contract.kind.lifecycle.succession.hashed
        )
        if not generations and resource.policy.replace is Replace.FORBID:
            return
        for user in map(contract, users_of_kind(kind_contract.name)):
            reads = [user.describes.name, *_named(user.lists)]
            yield from self._on(user, reads, every(user, self.arns.scope), writes=True)

    def _on(
        self, contract: Contract, operations: Iterable[str], arns: Iterable[str], *, writes: bool
    ) -> Iterator[Permission]:
        for name in operations:
            for arn in arns if _takes_arns(name) else (ANY,):
                yield Permission(contract.name, writes, f"sagemaker:{name}", arn)


def _takes_arns(name: str) -> bool:
    return name == "ListTags" or not name.startswith("List") or needs_narrowing(must(name))


def _named(of: Operation | None) -> list[str]:
    return [of.name] if of else []


def _ends(resource: Resource) -> list[str]:
    """How it ends: a run is stopped, and its record is deleted only where that was asked for."""
    contract, policy = resource.contract, resource.policy
    runs = contract.kind.lifecycle.runs
    stops = [verb for verb in (runs.stop, runs.resume) if verb] if runs else []
    deletion = (policy.deletion and policy.deletion.deletes) or policy.replace is Replace.ALLOW
    return stops + (_named(contract.deletes) if not runs or deletion else [])
