"""What was observed in the account in one pass, and whose each resource is by its tags."""

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
REBUILD = PREFIX + "rebuild-inventory"  # an annotation: the set whose lost memory may be read back from AWS
RESERVED = ("aws:", "sagemaker:", PREFIX)  # tags of the system, of Studio and projects, and our own

_LONGEST = 256  # characters of a tag's value. Source: botocore's TagValue
_DIGITS = 32
_DIGEST_DIGITS = 16
_CUT = "="  # no document's name has it, and a tag's value may


@dataclass(frozen=True)
class Owner:
    """The owner of a resource: a set of documents, and the document in it. Written as ``set/Kind/name``."""

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

    Of a tag that was too long the name is cut (``is_truncated``): which document it is, only the documents show.
    """
    if not owner.startswith(f"{of}/"):
        return None
    try:
        return Ref.parse(owner.removeprefix(f"{of}/"))
    except ValueError:
        return None


def is_truncated(ref: Ref) -> bool:
    """Whether a document's name was read from an ownership tag that does not hold the whole of it."""
    return _CUT in ref.name


def owner_of(tags: Mapping[str, str]) -> str:
    """The owner that the tags name, or an empty text."""
    return tags.get(OWNER, "")


def is_protected(tags: Mapping[str, str]) -> bool:
    """Whether the protection tag is set; it outlives the file that requested it."""
    return tags.get(PROTECT) == "true"


def digest_tag(spec: str) -> str:
    """The value of the digest tag for the digest of a spec."""
    return spec[:_DIGEST_DIGITS]


def own_tags(owner: Owner, spec: str, *, protect: bool | None) -> dict[str, str]:
    """The tags that make a new resource ours; ``spec`` is the digest of its spec."""
    tags = {OWNER: str(owner), DIGEST: digest_tag(spec)}
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


@dataclass(frozen=True, slots=True)
class Live:
    """One live resource. ``name`` is what the operations take: the AWS name, or the ARN if it is numbered.

    ``tags`` is None where the service would not list them. ``modified`` is the change stamp as text.
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
    """What earlier passes read or created shortly before, which this pass need not read.

    ``live``, with the desired state in ``resolved``: resources that are as they were read. ``free_names``:
    the name of a document's resource, where nothing had it. ``given``: by ARN, the tags that a resource was
    made with, which AWS is still changing or was when it was last seen. ``left``: by document and name, old
    generations and resources whose document was removed.
    """

    live: Mapping[Ref, Live] = field(default_factory=dict)
    resolved: Mapping[Ref, Resolved] = field(default_factory=dict)
    free_names: Mapping[Ref, str] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left: Mapping[tuple[Ref, str], Live] = field(default_factory=dict)

    def without(self, live_resources: Iterable[Live]) -> "PriorReads":
        """What is known without these resources: whose they are may have changed since."""
        arns = {each.arn for each in live_resources} - {""}  # without an ARN there are no tags
        live = {ref: each for ref, each in self.live.items() if each.arn not in arns}
        given = {arn: tags for arn, tags in self.given.items() if arn not in arns}
        return replace(self, live=live, given=given)


@dataclass(frozen=True)
class MissingResource:
    """A resource that the inventory holds and Describe did not find.

    ``agreed`` says whether another operation, or a later pass, found the same; ``doubt`` why it can't agree.
    Without a name it is a creation whose end is not known.
    """

    name: str
    arn: str = ""
    agreed: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class ObservedAccount:
    """What a pass saw: desired resources with their live ones, old generations, and what lost its document.

    ``others`` are resources that links name besides documents, by kind and text. A document without an entry
    in ``live`` and without one in ``errors`` was not found; what of that was held before is in ``missing``.
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
        """All that was seen of a document."""
        now = (self.live[ref],) if ref in self.live else ()
        return (*now, *self.old.get(ref, ()), *self.orphans.get(ref, ()))

    def find(self, kind: str, name: str) -> Live | None:
        """A seen resource of a kind by what the operations call it."""
        return self._by_name.get((kind, name))

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Live]:
        """What was seen by kind and name: a plan looks for what each resource links to."""
        old = ((ref, live_resources[-1]) for ref, live_resources in self.old.items() if live_resources)
        found: dict[tuple[str, str], Live] = {}
        for ref, live in (*self.live.items(), *old):
            found.setdefault((ref.kind, live.name), live)
        return found
