"""The IAM permissions of a run: actions and ARNs, from the rows of the kinds in a tree.

Which actions take an ARN is from the Service Authorization Reference (Actions, resources, and condition keys for Amazon
SageMaker): of the used ones all except Lists, and the Lists that require a parent. Operations and actions have the same
names. ``sts:GetCallerIdentity`` needs no permission (API reference).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from controller.core.path import expand, without_value
from controller.core.ref import Ref
from controller.engine.absence import has_listed_key
from controller.engine.holders import holder_kinds
from controller.engine.lookup import needs_narrowing
from controller.engine.overrides import overriding_kinds
from controller.engine.preconditions import needs_proof, users_of_kind
from controller.kinds import KINDS, SERVICES, Membership
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.document import Deletion, Replace
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import Contract, contract, listed_kind
from controller.schema.shape import Operation, required_operation

ANY = "*"
_LISTS_OF_TAGS = frozenset(each.tags for each in SERVICES.values())
_HASH = "?" * HASH_DIGITS


@dataclass(frozen=True)
class ArnScope:
    """Partition, region and account of the ARNs; a star for an unknown one."""

    partition: str = ANY
    region: str = ANY
    account: str = ANY

    def arn(self, resource: str) -> str:
        """The ARN of a resource; empty if the text is empty."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:{resource}" if resource else ANY


@dataclass(frozen=True)
class Arns:
    """The ARN patterns of documents, and of the resources that they refer to."""

    bundle: Bundle
    scope: ArnScope

    def own_arns(self, resource: Resource) -> frozenset[str]:
        """The ARN patterns of a document's resource, with all its generations."""
        contract = resource.contract
        return frozenset(
            arn
            for template in contract.arns
            for name in self._names(resource)
            for arn in self._fill_template(template, name, resource)
        )

    def linked_arns(self, resource: Resource) -> frozenset[str]:
        """The ARN patterns of the resources that a document's linked fields name, except those of other accounts."""
        return frozenset(
            arn for link in resource.links for arn in self.of(link.link.to, link.target, link.text)
        )

    def of(self, kind: str, target: Ref | None, text: str) -> frozenset[str]:
        """The ARN patterns of a link's target: a document's resource, a given ARN, or a name."""
        if target is not None:
            return self.own_arns(self.bundle.resources[target])
        if text.startswith("arn:"):
            return frozenset({text})
        return frozenset(
            self.scope.arn(template.replace("{}", name))
            for template in contract(kind).arns
            for name in _cases(text)
        )

    def _names(self, resource: Resource) -> list[str]:
        contract, spec = resource.contract, resource.spec
        found_by = contract.kind.identity.found_by
        if contract.kind.identity.key is not None:
            return [
                name for member in contract.kind.identity.key for name in self._linked_names(resource, member)
            ] or [ANY]
        if found_by is not None and found_by.when in spec:
            above = self._linked_names(resource, found_by.when)
            return [f"{name}/*" for name in above] or [ANY]
        explicit = spec.get(contract.name_member) if contract.name_member in contract.identity else None
        if explicit is not None:
            return _cases(str(explicit))
        return _cases(
            f"{resource.ref.name}-{_HASH}" if _generated_name_member(resource) else resource.ref.name
        )

    def _linked_names(self, resource: Resource, member: str) -> list[str]:
        """The AWS names in a linked member; empty if it is no link."""
        for link in resource.links:
            if link.path == (member,):
                if link.target is not None:
                    return self._names(self.bundle.resources[link.target])
                return _cases(link.text.rsplit("/", 1)[-1])
        text = resource.spec.get(member)
        return _cases(str(text)) if text is not None and _is_linked(resource.contract, member) else []

    def _fill_template(self, template: str, name: str, resource: Resource) -> Iterator[str]:
        """The ARNs of a template with members in braces; a member's value that is an ARN replaces the whole."""
        members = re.findall(r"\{(\w+)\}", template)
        if not members:
            yield self.scope.arn(template.replace("{}", name))
        elif template == f"{{{members[0]}}}":
            ends = [link for link in resource.links if link.path == (members[0],)]
            yield from (arn for end in ends for arn in self.of(end.link.to, end.target, end.text))
            if not ends:
                yield str(resource.spec.get(members[0], ANY))
        elif not any(
            m in resource.contract.spec.members
            and m not in resource.spec
            and m != _generated_name_member(resource)
            for m in members
        ):
            # of several templates those whose members the spec has: an app belongs to a user or to a space
            for values in product(*(self._values(resource, member) for member in members)):
                filled = template
                for member, value in zip(members, values, strict=True):
                    filled = filled.replace(f"{{{member}}}", value)
                yield self.scope.arn(filled)

    def _values(self, resource: Resource, member: str) -> list[str]:
        """The values of a template's member: the AWS names of its link, or its string; a star if neither is known."""
        named = self._linked_names(resource, member)
        if named or _is_linked(resource.contract, member):
            return named or [ANY]
        text = resource.spec.get(member)
        if text is None and member == _generated_name_member(resource):
            return _cases(f"{resource.ref.name}-{_HASH}")
        return _cases(text) if isinstance(text, str) else [ANY]


def _generated_name_member(resource: Resource) -> str:
    """The member of a name that gets a hash if the spec omits it; empty for other kinds."""
    of = resource.contract
    return of.name_member if of.kind.lifecycle.has_hashed_names else ""


def all_arns(contract: Contract, scope: ArnScope) -> frozenset[str]:
    """The ARN patterns of all resources of a kind."""
    return frozenset(scope.arn(_with_wildcard(template)) for template in contract.arns)


def _with_wildcard(template: str) -> str:
    head = template.partition("{")[0]
    return f"{head}*" if "{" in template else template


def _is_linked(contract: Contract, member: str) -> bool:
    return any(link.field == member for link in contract.kind.identity.links)


def _cases(name: str) -> list[str]:
    """A name as written and in lower case: some ARNs have it so, and IAM is case-sensitive."""
    if "${" in name:
        return [ANY]
    return list(dict.fromkeys((name, name.lower())))


def roles(resource: Resource, scope: ArnScope) -> frozenset[str]:
    """The roles that a spec passes to AWS; a pattern of any role of the account if one is not known yet."""
    own: Any = resource.spec
    for pattern in resource.contract.kind.compare.documents:
        for path, _ in expand(own, pattern):
            own = without_value(own, path)  # a pipeline's steps pass their roles themselves
    return frozenset(_roles(own, "", scope))


def _roles(value: Any, name: str, scope: ArnScope) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _roles(inner, str(key), scope)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _roles(inner, name, scope)
    elif isinstance(value, str) and name.endswith(("RoleArn", "Role")):
        if "${" in value:
            yield f"arn:{scope.partition}:iam::{scope.account}:role/*"
        elif ":role/" in value:
            yield value


@dataclass(frozen=True, order=True)
class Permission:
    """One action on one ARN pattern; ``kind`` and ``writes`` decide the statement that it is written to."""

    kind: str
    writes: bool
    action: str
    arn: str


def permissions(bundle: Bundle, scope: ArnScope, *, read_only: bool) -> frozenset[Permission]:
    """All permissions that a run of these documents needs: plan, and unless ``read_only`` apply, change and destroy."""
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
        kind_contract, own = resource.contract, self.arns.own_arns(resource)
        lists = [
            membership.lists for membership in kind_contract.kind.lifecycle.memberships if membership.member
        ] + [child.lists for child in kind_contract.kind.write.children.values()]
        yield from self._permissions_on(
            kind_contract, [kind_contract.describes.name, *lists], own, writes=False
        )
        # A resource that is not found counts as deleted only if List agrees; this also applies to linked ones, such as
        # a pipeline or an image. No List is read for kinds with a key that List does not return.
        seen = _operation_names(kind_contract.lists) if has_listed_key(kind_contract) else []
        further = [*seen, *kind_contract.kind.compare.further.values()]
        yield from self._permissions_on(
            kind_contract, further, own | self.arns.linked_arns(resource), writes=False
        )
        service = SERVICES[kind_contract.service]
        if kind_contract.taggable:
            yield from self._permissions_on(kind_contract, [service.tags], own, writes=False)
            yield Permission("", False, "tag:GetResources", ANY)
        for of, _, _ in holder_kinds(kind_contract.name):
            yield from self._permissions_on(
                of, [*_operation_names(of.lists), SERVICES[of.service].tags], (ANY,), writes=False
            )
        for of, _, _ in overriding_kinds(kind_contract.name):
            seen = [of.describes.name, *_operation_names(of.lists)]
            yield from self._permissions_on(of, seen, all_arns(of, self.arns.scope), writes=False)
        for link in resource.links:
            target = contract(link.link.to)
            if link.target is None and target.kind.identity.key is None:
                arns = self.arns.of(target.name, None, link.text)
                yield from self._permissions_on(target, [target.describes.name], arns, writes=False)

    def _writes(self, resource: Resource) -> Iterator[Permission]:
        contract, own = resource.contract, self.arns.own_arns(resource)
        reach = own | self.arns.linked_arns(resource)
        side_updates = [
            each
            for aside in contract.kind.write.side_updates.values()
            for each in (aside.update, aside.lists)
        ]
        children = [
            verb for child in contract.kind.write.children.values() for verb in (child.put, child.remove)
        ]
        verbs = [contract.creates.name, *_operation_names(contract.updates), *side_updates, *children]
        yield from self._permissions_on(contract, verbs, reach, writes=True)
        for membership in contract.kind.lifecycle.memberships:
            verbs = [verb for verb in (membership.add, membership.remove) if verb]
            yield from self._permissions_on(contract, verbs, own | self._members(membership), writes=True)
        yield from self._permissions_on(contract, _ending_actions(resource), own, writes=True)
        service = SERVICES[contract.service]
        if contract.taggable:
            yield from self._permissions_on(contract, [service.tag, service.untag], own, writes=True)
        if _cascades(resource):
            yield from self._contents(contract)
        for of, _, _ in holder_kinds(contract.name):
            yield from self._permissions_on(of, _operation_names(of.deletes), (ANY,), writes=True)
        if service.linked_role:
            role = (
                f"arn:{self.arns.scope.partition}:iam::{self.arns.scope.account}:role/{service.linked_role}"
            )
            yield Permission("", True, "iam:CreateServiceLinkedRole", role)
        lists = [blocker.lists for blocker in contract.kind.lifecycle.delete_blockers] + [
            membership.lists for membership in contract.kind.lifecycle.memberships
        ]
        yield from self._permissions_on(contract, lists, reach, writes=True)

    def _contents(self, of: Contract) -> Iterator[Permission]:
        """Resources that users create inside it are read, and deleted if no document manages them."""
        for blocker in of.kind.lifecycle.delete_blockers:
            inner = listed_kind(blocker.lists) if blocker.cascades else None
            if inner is not None:
                tags = SERVICES[inner.service].tags
                operations = [inner.describes.name, blocker.lists, tags, *_operation_names(inner.deletes)]
                yield from self._permissions_on(
                    inner, operations, all_arns(inner, self.arns.scope), writes=True
                )
                yield from self._contents(inner)

    def _members(self, membership: Membership) -> frozenset[str]:
        """The ARN patterns of possible members: jobs add their own."""
        others = (contract(name) for name in KINDS if contract(name).name_member == membership.named)
        return frozenset(arn for other in others for arn in all_arns(other, self.arns.scope))

    def _proofs(self, resource: Resource) -> Iterator[Permission]:
        """The reads of possible users before an old generation, or a replaced resource, is deleted."""
        kind_contract = resource.contract
        if not needs_proof(kind_contract) and resource.policy.replace is Replace.FORBID:
            return
        for user in map(contract, users_of_kind(kind_contract.name)):
            reads = [user.describes.name, *_operation_names(user.lists)]
            yield from self._permissions_on(user, reads, all_arns(user, self.arns.scope), writes=True)

    def _permissions_on(
        self, contract: Contract, operations: Iterable[str], arns: Iterable[str], *, writes: bool
    ) -> Iterator[Permission]:
        for name in operations:
            for arn in arns if _takes_arns(name) else (ANY,):
                yield Permission(contract.name, writes, f"{required_operation(name).service}:{name}", arn)


def _takes_arns(name: str) -> bool:
    if name in _LISTS_OF_TAGS or not name.startswith("List"):
        return True
    # Whether a policy can restrict a List that is filtered by a part of a key is not known; `*` is valid in both cases.
    listed = listed_kind(name)
    return needs_narrowing(required_operation(name)) and (listed is None or listed.kind.identity.key is None)


def _operation_names(of: Operation | None) -> list[str]:
    return [of.name] if of else []


def _cascades(resource: Resource) -> bool:
    """Whether its deletion also deletes resources that users created inside it."""
    return resource.policy.deletion is Deletion.CASCADE


def _ending_actions(resource: Resource) -> list[str]:
    """The actions that end or pause it: a run is stopped, and its record is deleted only on request."""
    contract, policy = resource.contract, resource.policy
    runs = contract.kind.lifecycle.runs
    stops = [verb for verb in (runs.stop, runs.resume, runs.start) if verb] if runs else []
    state = contract.kind.lifecycle.desired_state
    stops += (
        [state.stop, state.start]
        if state and (state.stops_to_change or state.member in resource.spec)
        else []
    )
    deletion = (policy.deletion and policy.deletion.deletes) or policy.replace is Replace.ALLOW
    return stops + (_operation_names(contract.deletes) if not runs or deletion else [])
