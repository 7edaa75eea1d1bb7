"""Tags that a whole set leaves alone, by key or by the beginning of it, as Terraform's ``ignore_tags`` does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IgnoredTags:
    """Keys, and prefixes of keys, of tags that others manage."""

    keys: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    def matches(self, key: str) -> bool:
        """Whether a tag is one of them."""
        return key in self.keys or key.startswith(self.prefixes)

    def joined(self, other: "IgnoredTags") -> "IgnoredTags":
        """Those of both."""
        prefixes = tuple(dict.fromkeys((*self.prefixes, *other.prefixes)))
        return IgnoredTags(self.keys | other.keys, prefixes)


NO_TAGS = IgnoredTags()
