"""Whose a resource is: tags written at create, read before every change."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.digest import digest
from controller.core.ref import Ref

PREFIX = "sagemaker.gitops.dev/"
OWNER = PREFIX + "owner"
DIGEST = PREFIX + "digest"
PROTECT = PREFIX + "protect"
REBUILD = PREFIX + "rebuild-inventory"  # an annotation: the set whose lost memory may be read back from AWS
RESERVED = ("aws:", "sagemaker:", PREFIX)  # tags of the system, of Studio and projects, and our own

_LONGEST = 256  # characters of a tag's value. Source: botocore's TagValue
_DIGITS = 32
_CUT = "="  # no document's name has it, and a tag's value may


@dataclass(frozen=True)
class Owner:
    """Who owns: a set of documents, and the document in it. Written as ``set/Kind/name``."""

    set: str
    ref: Ref

    def __str__(self) -> str:
        """The tag's value; one that the service would not take ends in a digest of the whole."""
        whole = f"{self.set}/{self.ref}"
        if len(whole) <= _LONGEST:
            return whole
        return f"{whole[: _LONGEST - _DIGITS - len(_CUT)]}{_CUT}{digest(whole)[:_DIGITS]}"


def document_of(owner: str, of: str) -> Ref | None:
    """The document of a set that an ownership tag names; None where it names another set's, or is not ours to read.

    Of a tag that was too long the name is cut (``is_cut``): which document it is, only the documents tell.
    """
    if not owner.startswith(f"{of}/"):
        return None
    try:
        return Ref.parse(owner.removeprefix(f"{of}/"))
    except ValueError:
        return None


def is_cut(ref: Ref) -> bool:
    """Whether a document's name was read from an ownership tag that does not hold the whole of it."""
    return _CUT in ref.name


def owner_of(tags: Mapping[str, str]) -> str:
    """The owner that the tags name, or an empty text."""
    return tags.get(OWNER, "")


def is_protected(tags: Mapping[str, str]) -> bool:
    """Whether the protection tag is set; it outlives the file that asked for it."""
    return tags.get(PROTECT) == "true"


def own_tags(owner: Owner, spec: str, *, protect: bool | None) -> dict[str, str]:
    """The tags that make a new resource ours; ``spec`` is the digest of its spec."""
    tags = {OWNER: str(owner), DIGEST: spec[:16]}
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
