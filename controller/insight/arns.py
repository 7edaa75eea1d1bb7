"""ARNs in IAM's sense: patterns of what the documents' resources are, or will be, called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import expand, without
from controller.core.ref import Ref
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import Contract, contract

ANY = "*"
_HASH = "?" * HASH_DIGITS


@dataclass(frozen=True)
class ArnScope:
    """Where the resources are; a star where that is not known."""

    partition: str = ANY
    region: str = ANY
    account: str = ANY

    def arn(self, resource: str) -> str:
        """The ARN of a resource; IAM knows none where the text is empty."""
        return f"arn:{self.partition}:sagemaker:{self.region}:{self.account}:{resource}" if resource else ANY


@dataclass(frozen=True)
class Arns:
    """The ARN patterns of documents, and of what they name."""

    bundle: Bundle
    scope: ArnScope

    def own(self, resource: Resource) -> frozenset[str]:
        """What a document's resource is called, all its generations too."""
        contract = resource.contract
        return frozenset(
            arn
            for template in contract.arns
            for name in self._names(resource)
            for arn in self._filled(template, name, resource)
        )

    def linked(self, resource: Resource) -> frozenset[str]:
        """What the linked fields of a document name, but for what is of another account."""
        return frozenset(
            arn for link in resource.links for arn in self.of(link.link.to, link.target, link.text)
        )

    def of(self, kind: str, target: Ref | None, text: str) -> frozenset[str]:
        """What a link leads to: a document's resource, an ARN as it is, or a name."""
        if target is not None:
            return self.own(self.bundle.resources[target])
        if text.startswith("arn:"):
            return frozenset({text})
        return frozenset(
            self.scope.arn(template.replace("{}", name))
            for template in contract(kind).arns
            for name in _cases(text)
        )

    def _names(self, resource: Resource) -> list[str]:
        contract, spec = resource.contract, resource.spec
        found_by, succession = contract.kind.identity.found_by, contract.kind.lifecycle.succession
        if contract.kind.identity.key is not None:
            return [
                name for member in contract.kind.identity.key for name in self._named(resource, member)
            ] or [ANY]
        if found_by is not None and found_by.when in spec:
            above = self._named(resource, found_by.when)
            return [f"{name}/*" for name in above] or [ANY]
        explicit = spec.get(contract.name_member) if contract.name_member in contract.identity else None
        if explicit is not None:
            return _cases(str(explicit))
        hashed = succession is not None and succession.hashed
        return _cases(f"{resource.ref.name}-{_HASH}" if hashed else resource.ref.name)

    def _named(self, resource: Resource, member: str) -> list[str]:
        """The AWS names that a linked member stands for; none where it is no link."""
        for link in resource.links:
            if link.path == (member,):
                if link.target is not None:
                    return self._names(self.bundle.resources[link.target])
                return _cases(link.text.rsplit("/", 1)[-1])
        return _cases(str(resource.spec[member])) if _is_linked(resource.contract, member) else []

    def _filled(self, template: str, name: str, resource: Resource) -> Iterator[str]:
        """The ARNs of a template: of members in braces, ARNs stand for themselves."""
        member = template.partition("{")[2].partition("}")[0]
        if not member:
            yield self.scope.arn(template.replace("{}", name))
        elif template == f"{{{member}}}":
            ends = [link for link in resource.links if link.path == (member,)]
            yield from (arn for end in ends for arn in self.of(end.link.to, end.target, end.text))
            if not ends:
                yield str(resource.spec.get(member, ANY))
        else:
            for each in self._named(resource, member) or [ANY]:
                yield self.scope.arn(template.replace(f"{{{member}}}", each))


def every(contract: Contract, scope: ArnScope) -> frozenset[str]:
    """All resources of a kind."""
    return frozenset(scope.arn(_starred(template)) for template in contract.arns)


def _starred(template: str) -> str:
    head = template.partition("{")[0]
    return f"{head}*" if "{" in template else template


def _is_linked(contract: Contract, member: str) -> bool:
    return any(link.field == member for link in contract.kind.identity.links)


def _cases(name: str) -> list[str]:
    """A name as written and in lower case, for some ARNs have it so and IAM tells the cases apart."""
    if "${" in name:
        return [ANY]
    return list(dict.fromkeys((name, name.lower())))


def roles(resource: Resource, scope: ArnScope) -> frozenset[str]:
    """The roles that a spec passes on; any of the account where one is known only later."""
    own: Any = resource.spec
    for pattern in resource.contract.kind.compare.documents:
        for path, _ in expand(own, pattern):
            own = without(own, path)  # a pipeline passes the roles of its steps itself
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
