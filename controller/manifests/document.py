"""A document: who it is, what it wants, how to go about it, and where each word stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.core.finding import Origin
from controller.core.path import Path
from controller.core.ref import Ref


class Deletion(Enum):
    """What becomes of the resource when its document goes; ``Confirm`` waits for a person's word."""

    DELETE = "Delete"
    RETAIN = "Retain"
    CONFIRM = "Confirm"

    @property
    def deletes(self) -> bool:
        """Whether the resource goes, sooner or later."""
        return self is not Deletion.RETAIN


class Adopt(Enum):
    """Whether a resource that exists already is taken over."""

    NEVER = "Never"
    IF_UNOWNED = "IfUnowned"
    ALWAYS = "Always"


class Replace(Enum):
    """Whether a change that no update can make may delete and create."""

    FORBID = "Forbid"
    ALLOW = "Allow"


class Mode(Enum):
    """How far a run goes with this resource."""

    APPLY = "Apply"
    PLAN = "Plan"
    OFF = "Off"


@dataclass(frozen=True)
class Policy:
    """How to go about a resource.

    ``protect`` and ``deletion`` are None where the document does not say: resources are deleted then, and of
    runs the record is kept. ``ignore`` are lowerCamelCase paths into ``spec``.
    ``generations`` is how many old generations of a succeeded kind are kept. ``arn`` names the resource to
    take over where the service numbers its resources, so that no name can find it. ``retry`` is any text: a new
    one lets a creation or an update that failed be tried once more with the same spec. ``sensitive`` are paths
    like those of ``ignore``, whose values are not shown; those into which a sensitive variable was put are among them.
    """

    deletion: Deletion | None = None
    adopt: Adopt = Adopt.NEVER
    replace: Replace = Replace.FORBID
    protect: bool | None = None
    mode: Mode = Mode.APPLY
    ignore: tuple[Path, ...] = ()
    generations: int = 0
    arn: str = ""
    retry: str = ""
    sensitive: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Document:
    """One document. ``spec`` is plain JSON data in lowerCamelCase with ``tags`` as a map.

    Variables are substituted; output references and the escape ``$${`` still stand as written
    (``variables.pieces`` reads them). ``places`` gives the origin of every path written.

    ``faults`` are the paths of its errors. What stands in ``spec`` at such a path may be of any type and is left
    out, so that the rest can be compiled for its findings; such a document must never be carried out.
    """

    ref: Ref
    spec: dict[str, Any]
    policy: Policy
    origin: Origin
    places: Mapping[Path, Origin] = field(default_factory=lambda: MappingProxyType({}))
    faults: frozenset[Path] = frozenset()

    def origin_of(self, path: Path) -> Origin:
        """The place of the path or of its nearest known ancestor."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.origin
