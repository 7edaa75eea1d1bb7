"""Strict YAML: parser events become plain data and places in one pass.

Nothing is constructed before it is checked: anchors, tags, merges and floods cost nothing, and nothing
escapes as an exception. What is refused gives a finding; where the meaning of a value is lost, its
path is ``broken``, and the packages above report no further finding on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from controller.core.finding import Code, Finding, Origin
from controller.core.path import Path
from controller.manifests.document import Mark, Places
from controller.manifests.files import Limits
from controller.manifests.scalar import RefusedScalar, plain

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTE = "put the key in quotes"
Functions = Mapping[str, str]  # by tag, the key of the object that stands for it
NO_FUNCTIONS: Functions = MappingProxyType({})


@dataclass(frozen=True)
class Raw:
    """One document of a file: plain data, its places, the paths whose meaning was lost, and those of all errors."""

    value: Any
    places: Places
    broken: frozenset[Path] = frozenset()
    refused: frozenset[Path] = frozenset()


@dataclass(frozen=True)
class YamlSource:
    """What a file holds."""

    documents: tuple[Raw, ...]
    findings: tuple[Finding, ...]


def read(file: str, data: bytes, limits: Limits, functions: Functions = NO_FUNCTIONS) -> YamlSource:
    """Read all documents of a file; empty documents are skipped.

    Documents before the point where reading had to stop are still given. A value with one of the tags ``functions``
    becomes an object with the tag's key, as ``!Ref a`` becomes ``{"Ref": "a"}``; any other tag is refused.
    """
    text = _decode(file, data, limits)
    if isinstance(text, Finding):
        return YamlSource((), (text,))
    reader = _Reader(file, limits, functions)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
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
    """A line and the one before it, where an error in a flow mapping may have begun."""
    return "\n".join(text.splitlines()[max(number - 1, 0) : number + 1])


def _syntax(file: str, error: yaml.YAMLError, text: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    origin = Origin(file, mark.line + 1, mark.column + 1) if mark else Origin(file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    hint = next((hint for part, hint in _MENDING.items() if part in problem), "")
    if mark and "${" in _line(text, mark.line):
        hint = _QUOTED
    return Finding(Code.SYNTAX, f"not YAML: {problem}", origin, hint=hint)


_QUOTED = 'within { } and [ ] a string with ${...} must be quoted: {name: "${var.name}"}'
_UNEVEN = "entries of one object or list begin in the same column; check the indentation"
# What PyYAML says, and what people have mostly written then.
_MENDING = {
    "that cannot start any token": "indent with spaces, not tabs; quote a string that begins with @, ` or %",
    "did not find expected key": _UNEVEN,
    "did not find expected '-' indicator": _UNEVEN,
    "could not find expected ':'": "a key and its value are written `key: value`, with a space after the colon",
    "mapping values are not allowed": "quote a string that contains ': ', and begin an object on its own line",
}


class _StopError(Exception):
    """The rest of the file cannot be read; the finding is already noted."""


@dataclass
class _Frame:
    """A mapping or list under construction; ``key`` is the pending key of a mapping."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    key_mark: Mark = (1, 1)
    function: bool = False

    @property
    def expects_key(self) -> bool:
        return self.key is None and isinstance(self.value, dict)


@dataclass
class _Reader:
    """Turns events into documents."""

    file: str
    limits: Limits
    functions: Functions
    documents: list[Raw] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    marks: dict[Path, Mark] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)
    refused: set[Path] = field(default_factory=set)
    root: Any = None
    nodes: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open({}, event)
            case yaml.SequenceStartEvent():
                self._open([], event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.frames.pop()
                self._end_function()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.DocumentEndEvent() if self.root is not None:
                places = Places(self.file, self.marks)
                self.documents.append(Raw(self.root, places, frozenset(self.broken), frozenset(self.refused)))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.marks, self.broken, self.refused, self.root = {}, set(), set(), None
        if event.version or event.tags:
            self._note(Code.TAG, "directives (%YAML, %TAG) are not allowed", event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._node(event)
        scalar = plain(event.value) if not event.style and event.tag is None else event.value
        frame = self.frames[-1] if self.frames else None
        if frame and frame.expects_key:
            self._key(frame, scalar, event)
            return
        self._begin_function(event)
        path = self._path()
        if isinstance(scalar, RefusedScalar):
            self._note(scalar.code, scalar.message, event, path, scalar.hint)
            self.broken.add(path)
            scalar = event.value
        self._put(scalar, path, _mark(event))
        self._end_function()

    def _begin_function(self, event: Any) -> None:
        """Put the object of a function around the value that begins."""
        if event.tag in self.functions:
            path = self._path()
            value: dict[str, Any] = {}
            self._put(value, path, _mark(event))
            self.frames.append(_Frame(value, path, self.functions[event.tag], _mark(event), function=True))

    def _end_function(self) -> None:
        if self.frames and self.frames[-1].function:
            self.frames.pop()

    def _key(self, frame: _Frame, key: Any, event: yaml.ScalarEvent) -> None:
        path = (*frame.path, event.value)
        if event.value == "<<" and not event.style:
            self._note(
                Code.ALIAS, "merge keys ('<<') are not allowed", event, frame.path, "write the members out"
            )
            self.broken.add(frame.path)
        elif isinstance(key, RefusedScalar):
            self._note(key.code, key.message, event, frame.path, _QUOTE)
            self.broken.add(path)
        elif not isinstance(key, str):
            self._note(Code.NOT_JSON, f"the key '{event.value}' is not a string", event, frame.path, _QUOTE)
        if event.value in frame.value:
            first = Origin(self.file, *self.marks[path])
            self._note(Code.DUPLICATE_KEY, f"duplicate key, first at {first}", event, path)
        frame.key, frame.key_mark = event.value, _mark(event)

    def _open(self, value: dict[str, Any] | list[Any], event: yaml.NodeEvent) -> None:
        self._node(event)
        if self.frames and self.frames[-1].expects_key:
            self._stop(Code.NOT_JSON, "an object or list cannot be a key", event)
        if len(self.frames) >= self.limits.depth:
            self._stop(Code.LIMIT, _over(self.limits.depth, "levels of nesting", "depth"), event)
        self._begin_function(event)
        path = self._path()
        mark = self.frames[-1].key_mark if self.frames and self.frames[-1].key is not None else _mark(event)
        self._put(value, path, mark)
        self.frames.append(_Frame(value, path))

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._note(Code.ALIAS, "aliases are not allowed", event, self._path(), "write the value out")
        frame = self.frames[-1] if self.frames else None
        if frame and frame.expects_key:
            frame.key, frame.key_mark = f"*{event.anchor}", _mark(event)
            return
        self.broken.add(self._path())
        self._put("", self._path(), _mark(event))

    def _node(self, event: Any) -> None:
        self.nodes += 1
        most = self.limits.documents_per_file
        # An empty scalar is an empty document, such as the one after a closing '---'.
        if not self.frames and len(self.documents) >= most and getattr(event, "value", None) != "":
            self._stop(Code.LIMIT, _over(most, "documents", "documents_per_file"), event)
        if self.nodes > self.limits.nodes:
            self._stop(Code.LIMIT, _over(self.limits.nodes, "values", "nodes"), event)
        if event.anchor is not None:
            self._note(Code.ALIAS, "anchors are not allowed", event, self._path(), "write the value out")
        if event.tag is not None and event.tag not in self.functions:
            self._note(Code.TAG, "tags are not allowed", event, self._path(), "leave the tag out")

    def _path(self) -> Path:
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            return (*frame.path, len(frame.value))
        return frame.path if frame.key is None else (*frame.path, frame.key)

    def _put(self, value: Any, path: Path, mark: Mark) -> None:
        self.marks.setdefault(path, mark)
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is not None:
            frame.value.setdefault(frame.key, value)
            frame.key = None

    def _note(self, code: Code, message: str, event: yaml.Event, path: Path = (), hint: str = "") -> None:
        self.findings.append(Finding(code, message, Origin(self.file, *_mark(event)), path, hint))
        self.refused.add(path)

    def _stop(self, code: Code, message: str, event: yaml.Event) -> None:
        self._note(code, message, event, self._path())
        raise _StopError


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _over(limit: int, what: str, name: str) -> str:
    return f"more than {limit} {what} (limit {name})"
