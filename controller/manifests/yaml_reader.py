"""Strict YAML: builds plain data and positions from parser events in one pass.

Everything is checked before it is built, so anchors, tags, merges and large inputs cost nothing, and no exception
escapes. Refused input gives a finding; if a value can't be read, its path is ``broken``, and no further finding is
reported on it.
"""

import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from controller.core.finding import Code, Finding, Origin
from controller.core.path import Path
from controller.manifests.document import Mark, Marks, OriginMap
from controller.manifests.files import Limits
from controller.manifests.scalar import RefusedScalar, plain_scalar

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # for its events
_QUOTE = "put the key in quotes"
Functions = Mapping[str, str]  # by tag, the key of the object that replaces it
NO_FUNCTIONS: Functions = MappingProxyType({})


@dataclass(frozen=True)
class RawDocument:
    """One document of a file: plain data, its positions, the paths of unreadable values, and those of all errors."""

    value: Any
    origins: OriginMap
    broken: frozenset[Path] = frozenset()
    refused: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class YamlSource:
    """The documents and findings of a file."""

    documents: tuple[RawDocument, ...]
    findings: tuple[Finding, ...]


def read(file: str, data: bytes, limits: Limits, functions: Functions = NO_FUNCTIONS) -> YamlSource:
    """Read all documents of a file; empty documents are skipped.

    Documents before a fatal error are still returned. A value with one of the tags ``functions`` becomes an object with
    the tag's key, as ``!Ref a`` becomes ``{"Ref": "a"}``; any other tag is refused.
    """
    text = _decode(file, data, limits)
    if isinstance(text, Finding):
        return YamlSource((), (text,))
    reader = _Reader(file, limits, functions)
    try:
        for event in iter(_LOADER(text).get_event, None):
            reader.handle_event(event)
    except _StopError:
        pass
    except yaml.YAMLError as error:
        reader.findings.append(_syntax(file, error, text))
    return YamlSource(tuple(reader.documents), tuple(reader.findings))


def _decode(file: str, data: bytes, limits: Limits) -> str | Finding:
    if len(data) > limits.bytes_per_file:
        message = f"the file has more than {limits.bytes_per_file} bytes (limit bytes_per_file)"
        return Finding(Code.LIMIT, message, Origin(file), hint="split the file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Finding(Code.SYNTAX, "the file is not UTF-8", Origin(file, line), hint="save it as UTF-8")


def _line(text: str, number: int) -> str:
    """A line and the previous one, where an error in a flow mapping may begin."""
    return "\n".join(text.splitlines()[max(number - 1, 0) : number + 1])


def _syntax(file: str, error: yaml.YAMLError, text: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    hint = next((hint for part, hint in _CAUSES.items() if part in problem), "")
    if mark and "${" in _line(text, mark.line):
        hint = _QUOTED
    return Finding(Code.SYNTAX, f"not YAML: {problem}", origin, hint=hint)


_QUOTED = 'within { } and [ ] a string with ${...} must be quoted: {name: "${var.name}"}'
_UNEVEN = "entries of one object or list begin in the same column; check the indentation"
# PyYAML's messages, and their most likely causes.
_CAUSES = {
    "that cannot start any token": "indent with spaces, not tabs; quote a string that begins with @, ` or %",
    "did not find expected key": _UNEVEN,
    "did not find expected '-' indicator": _UNEVEN,
    "could not find expected ':'": "a key and its value are written `key: value`, with a space after the colon",
    "mapping values are not allowed": "quote a string that contains ': ', and begin an object on its own line",
}


class _StopError(Exception):
    """The rest of the file can't be read; the finding is recorded already."""


@dataclass(slots=True)
class _OpenCollection:
    """A mapping or list under construction.

    ``part`` is its key or position in its parent, ``key`` the pending key of a mapping, and ``marks`` those of its
    values so far. A mapping or list after a duplicate key is not ``kept``: it is read only for its errors.
    """

    value: dict[str, Any] | list[Any]
    is_object: bool
    part: str | int = ""
    kept: bool = True
    key: str | None = None
    key_mark: Mark = (1, 1)
    marks: dict[str, Mark] = field(default_factory=dict)
    function: bool = False


@dataclass
class _Reader:
    """Builds documents from events."""

    file: str
    limits: Limits
    functions: Functions
    documents: list[RawDocument] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    frames: list[_OpenCollection] = field(default_factory=list)
    marks: "array[int]" = field(default_factory=lambda: array("I"))
    broken: set[Path] = field(default_factory=set)
    refused: set[Path] = field(default_factory=set)
    root: Any = None
    nodes: int = 0

    def handle_event(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open({}, event, is_object=True)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.frames.pop()
                self._end_function()
            case yaml.SequenceStartEvent():
                self._open([], event, is_object=False)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.DocumentEndEvent() if self.root is not None:
                # A list without spare capacity.
                origins = OriginMap(self.file, Marks(self.root, array("I", self.marks)))
                self.documents.append(
                    RawDocument(self.root, origins, frozenset(self.broken), frozenset(self.refused))
                )

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.marks, self.broken, self.refused, self.root = array("I"), set(), set(), None
        if event.version or event.tags:
            self._note(Code.TAG, "directives (%YAML, %TAG) are not allowed", event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._node(event)
        scalar = plain_scalar(event.value) if not event.style and event.tag is None else event.value
        frame = self.frames[-1] if self.frames else None
        if frame and frame.is_object and frame.key is None:
            self._key(frame, scalar, event)
            return
        self._begin_function(event)
        if isinstance(scalar, RefusedScalar):
            path = self._path()
            self._note(scalar.code, scalar.message, event, path, scalar.hint)
            self.broken.add(path)
            scalar = event.value
        self._add_value(scalar, _mark(event))
        self._end_function()

    def _begin_function(self, event: Any) -> None:
        """Begin the object of a function, around the following value."""
        if event.tag in self.functions:
            part, value = self._part(), dict[str, Any]()
            kept = self._add_value(value, _mark(event))
            function = self.functions[event.tag]
            self.frames.append(_OpenCollection(value, True, part, kept, function, _mark(event), {}, True))

    def _end_function(self) -> None:
        if self.frames and self.frames[-1].function:
            self.frames.pop()

    def _key(self, frame: _OpenCollection, key: Any, event: yaml.ScalarEvent) -> None:
        if not isinstance(key, str) or key == "<<":
            self._refuse_key(key, event)
        # Documents of a kind have the same keys: interning them saves a quarter of a document's memory.
        frame.key, frame.key_mark = sys.intern(event.value), _mark(event)
        if event.value in frame.value:
            self._duplicate(frame, event)

    def _refuse_key(self, key: Any, event: yaml.ScalarEvent) -> None:
        holder = self._path()
        if event.value == "<<" and not event.style:
            self._note(
                Code.ALIAS, "merge keys ('<<') are not allowed", event, holder, "write the members out"
            )
            self.broken.add(holder)
        elif isinstance(key, RefusedScalar):
            self._note(key.code, key.message, event, holder, _QUOTE)
            self.broken.add((*holder, event.value))
        elif not isinstance(key, str):
            self._note(Code.NOT_JSON, f"the key '{event.value}' is not a string", event, holder, _QUOTE)

    def _duplicate(self, frame: _OpenCollection, event: yaml.ScalarEvent) -> None:
        first = Origin(self.file, *frame.marks[event.value])
        self._note(Code.DUPLICATE_KEY, f"duplicate key, first at {first}", event, self._path())

    def _open(self, value: dict[str, Any] | list[Any], event: yaml.NodeEvent, *, is_object: bool) -> None:
        self._node(event)
        frame = self.frames[-1] if self.frames else None
        if frame and frame.is_object and frame.key is None:
            self._stop(Code.NOT_JSON, "an object or list cannot be a key", event)
        if len(self.frames) >= self.limits.depth:
            self._stop(Code.LIMIT, _limit_message(self.limits.depth, "levels of nesting", "depth"), event)
        self._begin_function(event)
        part, frame = self._part(), self.frames[-1] if self.frames else None
        mark = frame.key_mark if frame and frame.key is not None else _mark(event)
        kept = self._add_value(value, mark)
        self.frames.append(_OpenCollection(value, is_object, part, kept))

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._note(Code.ALIAS, "aliases are not allowed", event, self._path(), "write the value out")
        frame = self.frames[-1] if self.frames else None
        if frame and frame.is_object and frame.key is None:
            frame.key, frame.key_mark = f"*{event.anchor}", _mark(event)
            return
        self.broken.add(self._path())
        self._add_value("", _mark(event))

    def _node(self, event: Any) -> None:
        self.nodes += 1
        most = self.limits.documents_per_file
        # An empty scalar is an empty document, such as the one after a closing '---'.
        if not self.frames and len(self.documents) >= most and getattr(event, "value", None) != "":
            self._stop(Code.LIMIT, _limit_message(most, "documents", "documents_per_file"), event)
        if self.nodes > self.limits.nodes:
            self._stop(Code.LIMIT, _limit_message(self.limits.nodes, "values", "nodes"), event)
        if event.anchor is not None:
            self._note(Code.ALIAS, "anchors are not allowed", event, self._path(), "write the value out")
        if event.tag is not None and event.tag not in self.functions:
            self._note(Code.TAG, "tags are not allowed", event, self._path(), "leave the tag out")

    def _part(self) -> str | int:
        """The key or position of the next value; empty at the root, and if a key is next."""
        if not self.frames:
            return ""
        frame = self.frames[-1]
        return (frame.key or "") if frame.is_object else len(frame.value)

    def _path(self) -> Path:
        """The path of the next value; if a key is next, that of the object."""
        if not self.frames:
            return ()
        above = tuple(frame.part for frame in self.frames[1:])
        frame = self.frames[-1]
        return above if frame.is_object and frame.key is None else (*above, self._part())

    def _add_value(self, value: Any, mark: Mark) -> bool:
        """Add a value to its parent; returns whether it is kept, which is False after a duplicate key."""
        kept = True
        if not self.frames:
            self.root = value
        else:
            frame = self.frames[-1]
            if frame.is_object and isinstance(frame.value, dict) and frame.key is not None:
                kept = frame.kept and frame.key not in frame.value
                frame.value.setdefault(frame.key, value)
                frame.marks.setdefault(frame.key, mark)
                frame.key = None
            elif isinstance(frame.value, list):
                kept = frame.kept
                frame.value.append(value)
        if kept:
            self.marks.extend(mark)
        return kept

    def _note(self, code: Code, message: str, event: yaml.Event, path: Path = (), hint: str = "") -> None:
        self.findings.append(Finding(code, message, Origin(self.file, *_mark(event)), path, hint))
        self.refused.add(path)

    def _stop(self, code: Code, message: str, event: yaml.Event) -> None:
        self._note(code, message, event, self._path())
        raise _StopError


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _limit_message(limit: int, what: str, name: str) -> str:
    return f"more than {limit} {what} (limit {name})"
