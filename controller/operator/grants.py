"""The permissions of a namespace: for its objects, its GitSyncs, and their documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from controller.engine.restrictions import UNRESTRICTED, Restrictions

_NO_RULES: Mapping[str, str] = MappingProxyType({})
ANY = "*"


@dataclass(frozen=True)
class Grant:
    """The permissions of one namespace.

    Attributes:
        restrictions: those that the engine enforces in every plan of the namespace.
        sets: sets, besides the namespace's own, that its GitSyncs may own resources in; an entry that ends in ``*`` is
            a prefix.
        source_repos: repositories that its GitSyncs may follow, in the same form; None for all.
        report_hosts: hosts of Git providers that its GitSyncs may report to, besides those that the operator allows to
            all.
        message_hosts: hosts that messages of its GitSyncs may go to, likewise.
        rules: by attribute, the position of its rule.

    """

    restrictions: Restrictions = UNRESTRICTED
    sets: tuple[str, ...] = ()
    source_repos: tuple[str, ...] | None = None
    report_hosts: frozenset[str] = frozenset()
    message_hosts: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=lambda: _NO_RULES, compare=False)

    def may_own(self, namespace: str, owner: str, cluster: str) -> bool:
        """Whether GitSyncs of the namespace may own a set.

        It may own ``NAMESPACE.`` and more, with or without the cluster's own set before it, and what was granted. A
        namespace's name has no dot (RFC 1123 label), so no prefix of this form is part of another namespace's. One
        that is named like the cluster's set gets none of the sets that begin so.

        Args:
            namespace: the namespace.
            owner: the set.
            cluster: the prefix of the default sets of syncs; empty if there is none.

        """
        began = f"{cluster}." if cluster else ""
        prefix, rest = f"{namespace}.", owner.removeprefix(began)
        return (rest.startswith(prefix) and rest != prefix) or _is_listed(owner, self.sets)

    def follows(self, url: str) -> bool:
        """Whether GitSyncs of the namespace may follow a repository."""
        return self.source_repos is None or _is_listed(url, self.source_repos)

    def rule(self, name: str) -> str:
        """The position of a rule, for a message."""
        return self.rules.get(name, "no tenants file allows it")


def _is_listed(word: str, entries: tuple[str, ...]) -> bool:
    return any(word == each or (each.endswith(ANY) and word.startswith(each[:-1])) for each in entries)
