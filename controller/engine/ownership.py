"""Whose a resource is: tags written at create, read before every change."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.ref import Ref

PREFIX = "sagemaker.gitops.dev/"
OWNER = PREFIX + "owner"
DIGEST = PREFIX + "digest"
PROTECT = PREFIX + "protect"
REBUILD = PREFIX + "rebuild-inventory"  # an annotation: the set whose lost memory may be read back from AWS
RESERVED = ("aws:", "sagemaker:", PREFIX)  # tags of the system, of Studio and projects, and our own


@dataclass(frozen=True)
class Owner:
    """Who owns: a set of documents, and the document in it. Written as ``set/Kind/name``."""

    set: str
    ref: Ref

    def __str__(self) -> str:
        """The tag's value."""
        return f"{self.set}/{self.ref}"


def document_of(owner: str, of: str) -> Ref | None:
    """The document of a set that an owner tag names; None where it names another set's, or is not ours to read."""
    if not owner.startswith(f"{of}/"):
        return None
    try:
        return Ref.parse(owner.removeprefix(f"{of}/"))
    except ValueError:
        return None


def owner_of(tags: Mapping[str, str]) -> str:
    """The owner that the tags name, or an empty text."""
    return tags.get(OWNER, "")


def is_protected(tags: Mapping[str, str]) -> bool:
    """Whether the protection tag is set; it outlives the file that asked for it."""
    return tags.get(PROTECT) == "true"


def own_tags(owner: Owner, digest: str, *, protect: bool | None) -> dict[str, str]:
    """The tags that make a new resource ours."""
    tags = {OWNER: str(owner), DIGEST: digest[:16]}
    return {**tags, PROTECT: "true"} if protect else tags


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags in AWS's words, sorted so that the same tags give the same call."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def as_map(tags: list[dict[str, str]]) -> dict[str, str]:
    """Tags from AWS's words."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def foreign(key: str) -> bool:
    """Whether a tag is the system's, Studio's or our own bookkeeping, and so not the user's to compare."""
    return key.startswith(RESERVED)
