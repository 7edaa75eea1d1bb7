"""A document: identity, spec, policy, ignored tags, and the position of each path in its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.core.finding import Origin
from controller.core.path import Path
from controller.core.ref import Ref

Mark = tuple[int, int]


class Marks:
    """Line and column of each value of a document.

    They are stored as two numbers for each value, in the order of the text, because few are ever looked up. A dict by
    path took two fifths of the memory of a document.

    Args:
        root: the document. It must not be changed: marks belong to values by their order.
        numbers: line and column of the root, of its first value, of that one's contents, ...; empty if unknown.

    """

    __slots__ = ("_by_path", "_numbers", "_root")

    def __init__(self, root: Any = None, numbers: Sequence[int] = ()) -> None:
        self._root = root
        self._numbers = numbers
        self._by_path: Mapping[Path, Mark] | None = None

    def document_mark(self) -> Mark | None:
        """The mark of the whole document."""
        return (self._numbers[0], self._numbers[1]) if self._numbers else None

    @property
    def by_path(self) -> Mapping[Path, Mark]:
        """All marks by path."""
        if self._by_path is None:
            paths = _paths(self._root, ()) if self._numbers else ()
            pairs = iter(self._numbers)
            self._by_path = dict(zip(paths, zip(pairs, pairs, strict=True), strict=True))
        return self._by_path


_NO_MARKS = Marks()


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """The paths of all values, in the order of the text."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, each in inner:
        yield from _paths(each, (*path, part))


class OriginMap(Mapping[Path, Origin]):
    """Maps each path of a document to its file, line and column.

    ``prefix`` is the document's path in the file's data, for the items of a ``List``.
    """

    __slots__ = ("_file", "_marks", "_prefix")

    def __init__(self, file: str, marks: Marks = _NO_MARKS, prefix: Path = ()) -> None:
        self._file = file
        self._marks = marks
        self._prefix = prefix

    def __getitem__(self, path: Path) -> Origin:
        return Origin(self._file, *self._marks.by_path[self._prefix + path])

    def __iter__(self) -> Iterator[Path]:
        start = len(self._prefix)
        return (path[start:] for path in self._marks.by_path if path[:start] == self._prefix)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and self._prefix + path in self._marks.by_path

    def nearest(self, path: Path) -> Origin:
        """The position of the path or of its nearest known ancestor; else the start of the file."""
        if not path and not self._prefix:
            return Origin(self._file, *(self._marks.document_mark() or (1, 1)))
        for end in range(len(path), -1, -1):
            if path[:end] in self:
                return self[path[:end]]
        return Origin(self._file)

    def relative_to(self, prefix: Path) -> "OriginMap":
        """The positions of the values below the prefix, by paths from there."""
        return OriginMap(self._file, self._marks, self._prefix + prefix)


@dataclass(frozen=True)
class IgnoredTags:
    """Keys, and prefixes of keys, of tags that others manage."""

    keys: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    def matches(self, key: str) -> bool:
        """Whether a tag is one of them."""
        return key in self.keys or key.startswith(self.prefixes)

    def union(self, other: "IgnoredTags") -> "IgnoredTags":
        """The union of both."""
        prefixes = tuple(dict.fromkeys((*self.prefixes, *other.prefixes)))
        return IgnoredTags(self.keys | other.keys, prefixes)


NO_TAGS = IgnoredTags()


class Deletion(Enum):
    """What happens to the resource when its document is removed; ``Confirm`` waits for a person's confirmation.

    ``Cascade`` also deletes the contents that people created in it.
    """

    DELETE = "Delete"
    CASCADE = "Cascade"
    RETAIN = "Retain"
    CONFIRM = "Confirm"

    @property
    def deletes(self) -> bool:
        """Whether the resource is deleted, possibly after a confirmation."""
        return self is not Deletion.RETAIN


class Adopt(Enum):
    """Whether an existing resource is adopted."""

    NEVER = "Never"
    IF_UNOWNED = "IfUnowned"
    ALWAYS = "Always"


class Replace(Enum):
    """Whether a change that no update can make may delete and recreate the resource."""

    FORBID = "Forbid"
    ALLOW = "Allow"


class ReleasePolicy(Enum):
    """Whether resources that hold this one may be deleted for its update or with it."""

    FORBID = "Forbid"
    ALLOW = "Allow"


class Rollout(Enum):
    """How an endpoint is updated, if its spec has no deployment configuration."""

    ALL_AT_ONCE = "AllAtOnce"
    CANARY_10 = "Canary10"
    LINEAR_25 = "Linear25"
    ROLLING = "Rolling"


class Mode(Enum):
    """Whether a run applies, plans or ignores this resource."""

    APPLY = "Apply"
    PLAN = "Plan"
    OFF = "Off"


@dataclass(frozen=True)
class PolicyMember:
    """How a member of ``policy`` is written and explained.

    Attributes:
        name: as written.
        schema: its JSON Schema, without a description. A member whose items have the format ``json-pointer`` holds
            paths into ``spec``.
        description: a sentence about its effect.
        default: the documented default, if it is not ``value``.
        choices: the enumeration of its values, if it has one.
        is_tag: whether it is kept as a tag of the resource, so that a kind without tags can't have it.
        value: its default in ``Policy``.

    """

    name: str
    schema: Mapping[str, Any]
    description: str
    default: str
    choices: type[Enum] | None = None
    is_tag: bool = False
    value: Any = None

    @property
    def documented_default(self) -> str:
        """The default for the documentation; empty if there is none."""
        return self.default or (self.value.value if isinstance(self.value, Enum) else "")

    @property
    def values(self) -> str:
        """The permitted values for the documentation."""
        if self.choices is not None:
            return ", ".join(each.value for each in self.choices)
        if self.schema["type"] == "array":
            return "JSON pointers into spec"
        return {"boolean": "true, false", "integer": "integer"}.get(self.schema["type"], "string")


_POINTERS = {
    "type": "array",
    "maxItems": 100,
    "items": {"type": "string", "format": "json-pointer", "pattern": "^/", "maxLength": 1024},
}


def _member(schema: Mapping[str, Any] | type[Enum], description: str, **more: Any) -> Mapping[str, Any]:
    """The metadata of a field of ``Policy``: its ``PolicyMember`` without the name."""
    choices = schema if isinstance(schema, type) else None
    written = {"type": "string", "enum": [each.value for each in choices]} if choices is not None else schema
    return {"schema": written, "description": description, "choices": choices, "default": "", **more}


@dataclass(frozen=True)
class Policy:
    """How a resource is managed; the only definition of the members of ``policy`` (``POLICY``).

    ``protect`` and ``deletion`` are None if unset. ``ignore`` and ``sensitive`` are lowerCamelCase paths into ``spec``;
    the latter include the paths of sensitive variables.
    """

    deletion: Deletion | None = field(
        default=None,
        metadata=_member(
            Deletion,
            "Delete deletes the resource with its document, Cascade first deletes what people started in it and no"
            " document manages (apps and spaces in a domain, a user profile or a space), Retain leaves it and its old"
            " generations in AWS, Confirm deletes it once somebody approved that.",
            default="Delete; Retain for kinds that run once",
        ),
    )
    adopt: Adopt = field(
        default=Adopt.NEVER,
        metadata=_member(
            Adopt,
            "Whether an existing resource is taken over: IfUnowned takes one that has no owner, Always also one of"
            " another set, which then no longer manages it.",
        ),
    )
    replace: Replace = field(
        default=Replace.FORBID,
        metadata=_member(
            Replace,
            "Whether a change that no update can make may delete the resource, with all it holds, and create it again;"
            " it is refused while anything uses the resource.",
        ),
    )
    protect: bool | None = field(
        default=None,
        metadata=_member(
            {"type": "boolean"},
            "true writes a tag that prevents the deletion of the resource, also after its document is gone.",
            default="false",
            is_tag=True,
        ),
    )
    mode: Mode = field(
        default=Mode.APPLY,
        metadata=_member(Mode, "Apply makes changes, Plan only reports them, Off ignores the document."),
    )
    ignore: tuple[Path, ...] = field(
        default=(),
        metadata=_member(
            _POINTERS,
            "Members that are neither compared nor updated, such as /desiredInstanceCount.",
            default="[]",
        ),
    )
    sensitive: tuple[Path, ...] = field(
        default=(),
        metadata=_member(
            _POINTERS, "Members whose values are never shown, such as /environment/TOKEN.", default="[]"
        ),
    )
    generations: int = field(
        default=0,
        metadata=_member(
            {"type": "integer", "format": "int32", "minimum": 0},
            "How many old generations of an immutable resource are kept, for a quick rollback.",
            default="0",
        ),
    )
    arn: str = field(
        default="",
        metadata=_member(
            {"type": "string", "pattern": "^arn:", "maxLength": 2048},
            "The ARN of the resource to take over, where the name of the document does not lead to it.",
        ),
    )
    retry: str = field(
        default="",
        metadata=_member(
            {"type": "string", "maxLength": 256},
            "Any text; a new text retries a creation or an update that failed.",
        ),
    )
    release: ReleasePolicy = field(
        default=ReleasePolicy.FORBID,
        metadata=_member(
            ReleasePolicy,
            "Whether resources of other owners that depend on it, such as a scalable target, may be deleted for its"
            " update or deletion; they are not created again.",
        ),
    )
    rollout: Rollout | None = field(
        default=None,
        metadata=_member(
            Rollout,
            "How an endpoint is updated: all at once, 10 % first, in steps of 25 %, or in batches of 25 %. Stands for a"
            " deploymentConfig; alarms are written there beside it.",
        ),
    )


POLICY: Mapping[str, PolicyMember] = MappingProxyType(
    {each.name: PolicyMember(each.name, **each.metadata, value=each.default) for each in fields(Policy)}
)


@dataclass(frozen=True, slots=True)  # saves a dict for each of thousands
class Document:
    """One document. ``spec`` is plain JSON data in lowerCamelCase with ``tags`` as a map.

    Variables are substituted; output references and the escape ``$${`` are as written (``interpolation.pieces`` parses
    them). ``origins`` gives the origin of every path written.

    ``faults`` are the paths of its errors. A value in ``spec`` at such a path may have any type and is left out, so
    that the rest can be compiled for further findings; such a document must never be applied.
    """

    ref: Ref
    spec: dict[str, Any]
    policy: Policy
    origin: Origin
    origins: Mapping[Path, Origin] = field(default_factory=lambda: MappingProxyType({}))
    faults: frozenset[Path] = frozenset()

    def origin_of(self, path: Path) -> Origin:
        """The position of the path or of its nearest known ancestor."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.origins:
                return self.origins[path[:end]]
        return self.origin
