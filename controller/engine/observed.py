"""What was seen in the account: one turn's frozen view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import CloudError, Identity
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.manifests.resolve import Resolved


@dataclass(frozen=True)
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
class Foreknown:
    """What a turn need not ask, because one shortly before it did, or gave it itself.

    ``live``, with what is wanted in ``resolved``: resources that stand as they were seen. ``vacant``: the name of a
    document's resource, where nothing had it. ``given``: by ARN, the tags that a resource was made with, which AWS
    is still at work on or was when it was last seen.
    """

    live: Mapping[Ref, Live] = field(default_factory=dict)
    resolved: Mapping[Ref, Resolved] = field(default_factory=dict)
    vacant: Mapping[Ref, str] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Vanished:
    """A resource that the inventory holds and Describe did not find.

    ``agreed`` says whether another operation, or a later pass, found the same; ``doubt`` why it can't agree.
    Without a name it is a creation whose end is not known.
    """

    name: str
    arn: str = ""
    agreed: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class World:
    """What a turn saw: wanted resources with their live ones, old generations, and what lost its document.

    ``others`` are resources that links name besides documents, by kind and text. A document without an entry
    in ``live`` and without one in ``errors`` was not found; what of that was held before is in ``vanished``.
    """

    identity: Identity
    resolved: Mapping[Ref, Resolved]
    live: Mapping[Ref, Live]
    old: Mapping[Ref, tuple[Live, ...]]
    orphans: Mapping[Ref, tuple[Live, ...]]
    errors: Mapping[Ref, CloudError] = field(default_factory=dict)
    missing_links: Mapping[Ref, tuple[str, ...]] = field(default_factory=dict)
    others: Mapping[tuple[str, str], Live | CloudError | None] = field(default_factory=dict)
    vanished: Mapping[Ref, tuple[Vanished, ...]] = field(default_factory=dict)

    def all_of(self, ref: Ref) -> tuple[Live, ...]:
        """All that was seen of a document."""
        now = (self.live[ref],) if ref in self.live else ()
        return (*now, *self.old.get(ref, ()), *self.orphans.get(ref, ()))

    def find(self, kind: str, name: str) -> Live | None:
        """A seen resource of a kind by what the operations call it."""
        for seen in (self.live, {r: each for r, lives in self.old.items() for each in lives}):
            for ref, live in seen.items():
                if ref.kind == kind and live.name == name:
                    return live
        return None
