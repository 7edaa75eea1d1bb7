"""The observations of one pass, and the owner of a resource by its tags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from controller.core.cloud import CloudError, Identity
from controller.core.digest import digest
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.manifests.resolve import Resolved

PREFIX = "sagemaker.gitops.dev/"
OWNER = PREFIX + "owner"
DIGEST = PREFIX + "digest"
PROTECT = PREFIX + "protect"
REBUILD = PREFIX + "rebuild-inventory"  # an annotation: the set whose lost inventory may be rebuilt from AWS
RELEASE = PREFIX + "release"  # an annotation: the object is removed, and its resource stays in AWS
RESERVED = ("aws:", "sagemaker:", PREFIX)  # prefixes of AWS, of Studio and projects, and our own

_LONGEST = 256  # characters of a tag's value. Source: botocore's TagValue
_DIGITS = 32
_DIGEST_DIGITS = 16
_CUT = "="  # permitted in a tag's value, but not in a document's name


@dataclass(frozen=True)
class Owner:
    """The owner of a resource: a set of documents, and the document in it. Written as ``set/Kind/name``."""

    set: str
    ref: Ref

    def __str__(self) -> str:
        """The tag's value; one that is too long is cut and ends in a digest of the whole."""
        whole = f"{self.set}/{self.ref}"
        if len(whole) <= _LONGEST:
            return whole
        return f"{whole[: _LONGEST - _DIGITS - len(_CUT)]}{_CUT}{digest(whole)[:_DIGITS]}"


def document_of(owner: str, of: str) -> Ref | None:
    """The document of a set that an ownership tag names; None for another set's tag, or an invalid one.

    In a tag that was too long the name is cut (``is_truncated``): only the documents show which one it is.
    """
    if not owner.startswith(f"{of}/"):
        return None
    try:
        return Ref.parse(owner.removeprefix(f"{of}/"))
    except ValueError:
        return None


def is_truncated(ref: Ref) -> bool:
    """Whether a document's name comes from a cut ownership tag."""
    return _CUT in ref.name


def owner_of(tags: Mapping[str, str]) -> str:
    """The owner that the tags name; empty if none."""
    return tags.get(OWNER, "")


def is_protected(tags: Mapping[str, str]) -> bool:
    """Whether the protection tag is set; it outlives the file that requested it."""
    return tags.get(PROTECT) == "true"


def digest_tag(spec: str) -> str:
    """The value of the digest tag for the digest of a spec."""
    return spec[:_DIGEST_DIGITS]


def own_tags(owner: Owner, spec: str, *, protect: bool | None) -> dict[str, str]:
    """The ownership tags of a new resource; ``spec`` is the digest of its spec."""
    tags = {OWNER: str(owner), DIGEST: digest_tag(spec)}
    return {**tags, PROTECT: "true"} if protect else tags


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list with AWS member names, sorted so that the same tags give the same call."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def as_map(tags: list[dict[str, str]]) -> dict[str, str]:
    """Tags as a map, from AWS's list."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def is_foreign_tag(key: str) -> bool:
    """Whether a tag belongs to AWS, to Studio or to us, so that it is not compared with the document."""
    return key.startswith(RESERVED)


@dataclass(frozen=True, slots=True)
class Live:
    """One live resource. ``name`` is what the operations take: the AWS name, or the ARN if it is numbered.

    ``tags`` is None if they can't be read. ``modified`` is the time of the last change as text.
    """

    name: str
    arn: str
    phase: Phase
    body: Mapping[str, Any]
    tags: Mapping[str, str] | None = None
    status: str = ""
    reason: str = ""
    modified: str = ""


@dataclass(frozen=True)
class PriorReads:
    """Observations of earlier passes of the same run, which this pass need not repeat.

    ``live``, with the desired state in ``resolved``: unchanged resources. ``free_names``: the name of a document's
    resource, if it was free. ``given``: by ARN, the tags of created or changed resources that were in transition when
    they were last read. ``left``: by document and name, old generations and resources whose document was removed.
    """

    live: Mapping[Ref, Live] = field(default_factory=dict)
    resolved: Mapping[Ref, Resolved] = field(default_factory=dict)
    free_names: Mapping[Ref, str] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left: Mapping[tuple[Ref, str], Live] = field(default_factory=dict)

    def without(self, live_resources: Iterable[Live]) -> "PriorReads":
        """The observations without these resources, whose owner may have changed since."""
        arns = {each.arn for each in live_resources} - {""}  # without an ARN there are no tags
        live = {ref: each for ref, each in self.live.items() if each.arn not in arns}
        given = {arn: tags for arn, tags in self.given.items() if arn not in arns}
        return replace(self, live=live, given=given)


@dataclass(frozen=True)
class MissingResource:
    """A resource that the inventory holds and Describe did not find.

    ``agreed`` is whether another operation, or a later pass, confirmed the absence; ``doubt`` is why it can't be
    confirmed. Without a name it is a creation with unknown outcome.
    """

    name: str
    arn: str = ""
    agreed: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class ObservedAccount:
    """The observations of a pass: desired and live resources, old generations, and resources without a document.

    ``others`` are linked resources that no document declares, by kind and text. A document without an entry in ``live``
    and in ``errors`` was not found; it is in ``missing`` if the inventory holds it.
    """

    identity: Identity
    resolved: Mapping[Ref, Resolved]
    live: Mapping[Ref, Live]
    old: Mapping[Ref, tuple[Live, ...]]
    orphans: Mapping[Ref, tuple[Live, ...]]
    errors: Mapping[Ref, CloudError] = field(default_factory=dict)
    missing_links: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Live | CloudError | None] = field(default_factory=dict)
    missing: Mapping[Ref, tuple[MissingResource, ...]] = field(default_factory=dict)

    def all_of(self, ref: Ref) -> tuple[Live, ...]:
        """All live resources of a document."""
        now = (self.live[ref],) if ref in self.live else ()
        return (*now, *self.old.get(ref, ()), *self.orphans.get(ref, ()))

    def find(self, kind: str, name: str) -> Live | None:
        """The observed resource of a kind by its name for the operations."""
        return self._by_name.get((kind, name))

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Live]:
        """The observed resources by kind and name, as an index for links."""
        old = ((ref, live_resources[-1]) for ref, live_resources in self.old.items() if live_resources)
        found: dict[tuple[str, str], Live] = {}
        for ref, live in (*self.live.items(), *old):
            found.setdefault((ref.kind, live.name), live)
        return found
