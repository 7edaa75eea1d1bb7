"""Changes as an indented tree in lowerCamelCase; long texts as a line diff."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.core.path import Path
from controller.engine.compare import by_key, is_empty, list_key
from controller.engine.plan import Change
from controller.manifests.normal_form import document_sets
from controller.manifests.resolve import Unknown
from controller.output.terminal import Style, escape_unprintable
from controller.output.values import Masked, scalar
from controller.schema.contract import Contract
from controller.schema.names import camel_path, to_camel
from controller.schema.shape import Shape, shape_at

_AROUND = 2


def lines_of(text: str) -> list[str]:
    """A text's lines; JSON on one line is indented first."""
    if "\n" not in text:
        data = _container(text)
        if data is not None:
            text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)
    return text.splitlines()


def is_long(text: object) -> bool:
    """Whether a value is shown as lines."""
    return isinstance(text, str) and ("\n" in text.rstrip("\n") or _container(text) is not None)


def _container(text: str) -> dict[str, object] | list[object] | None:
    if text[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


def line_diff(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The diff as signs and lines; omitted parts are one line of dots."""
    hunks = difflib.unified_diff(lines_of(before), lines_of(after), lineterm="", n=_AROUND)
    for number, line in enumerate(hunks):
        if number < 2:  # noqa: PLR2004 - the two lines that name files
            continue
        if not line.startswith("@@"):
            yield line[0], line[1:]
        elif number > 2:  # noqa: PLR2004 - not before the first place
            yield " ", "…"


_STEP = 4
_FEW = 6
_STAYS = "stays: SageMaker cannot remove it"


@dataclass
class _Node:
    """A node of the tree: a member above a change, or a change."""

    inner: dict[str | int, "_Node"] = field(default_factory=dict)
    # In a set one element may be removed and another added at the same position.
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class ChangeTree:
    """Writes the changes of one step.

    Fields:
        contract: the contract of the step's kind.
        style: width and colours.
        forces: the note on a change that forces a replacement.
        indent: the indentation of the lines.
    """

    contract: Contract
    style: Style
    forces: str
    indent: int = 6

    def changes(self, changes: Sequence[Change], after: Mapping[str, Any] | None) -> list[str]:
        """The lines of changes; ``after`` is the whole desired value, for the count of unchanged members."""
        root = _Node()
        for change in changes:
            node = root
            for part in change.path:
                node = node.inner.setdefault(part, _Node())
            node.changes.append(change)
        return list(self._node(root, after or {}, (), self.indent))

    def all_members(self, value: Mapping[str, Any], of: Shape, sign: str) -> list[str]:
        """All members of a value that is added or removed as a whole."""
        shown = to_camel(parse_documents(value, self.contract), of)
        lines: list[str] = []
        for key in sorted(key for key in shown if not is_empty(shown[key])):
            lines += self._value(key, shown[key], sign, self.indent, "")
        return lines

    def scalar_members(self, value: Mapping[str, Any], of: Shape, sign: str) -> list[str]:
        """The scalar members of a removed value, and the number of members inside the others."""
        shown = to_camel(value, of)
        keys = sorted(key for key in shown if not is_empty(shown[key]))
        lines = []
        for key in keys[:_FEW]:
            inside = shown[key]
            message = _count_text(inside) if isinstance(inside, Mapping | list | tuple) else scalar(inside)
            taken = self.indent + len(key) + 4
            lines.append(
                f"{' ' * self.indent}{self.style.sign(sign)} {key}: {self.style.fit(message, taken)}"
            )
        if len(keys) > _FEW:
            more = f"{' ' * self.indent}  # ({len(keys) - _FEW} more members hidden; --full shows them)"
            lines.append(self.style.paint(more, "dim"))
        return lines

    def _node(self, node: _Node, after: Any, path: Path, indent: int) -> Iterator[str]:
        for part in sorted(node.inner, key=lambda part: (isinstance(part, str), str(part), part)):
            child, here = node.inner[part], (*path, part)
            if child.changes:
                for change in child.changes:
                    yield from self._change(change, indent)
            else:
                yield f"{' ' * indent}{self.style.sign('~')} {self._label(here)}:"
                yield from self._node(child, self._member(after, path, part), here, indent + _STEP)
        yield from self._unchanged_count(node, after, path, indent)

    def _unchanged_count(self, node: _Node, after: Any, path: Path, indent: int) -> Iterator[str]:
        after = self._parse_document(after, path)
        if isinstance(after, Mapping):
            there = {key for key, value in after.items() if not is_empty(value)} - {self.contract.name_member}
            count, what = len(there - set(node.inner)), "member"
        elif isinstance(after, list | tuple):
            count, what = (
                len(after) - sum(1 for part in node.inner if self._is_shown(after, path, part)),
                "element",
            )
        else:
            return
        if count > 0:
            plural = "" if count == 1 else "s"
            yield self.style.paint(f"{' ' * indent}  # ({count} unchanged {what}{plural} hidden)", "dim")

    def _is_shown(self, after: Sequence[Any], path: Path, part: str | int) -> bool:
        return self._member(after, path, part) is not None

    def _change(self, change: Change, indent: int) -> Iterator[str]:
        label, shape = self._label(change.path), shape_at(self.contract.spec, change.path)
        before, after = (self._camel(value, change.path, shape) for value in (change.before, change.after))
        note = f"  # {self.forces}" if change.forces else f"  # {_STAYS}" if change.stays else ""
        if isinstance(change.path[-1], int) and None in (before, after) and self._is_set(change.path[:-1]):
            sign, value = ("+", after) if before is None else ("-", before)
            yield from self._item(value, sign, indent)
        elif change.before is None:
            yield from self._value(label, after, "+", indent, note)
        elif change.after is None:
            yield from self._value(label, before, "!" if change.stays else "-", indent, note)
        else:
            yield from self._old_and_new(label, before, after, indent, note)

    def _old_and_new(self, label: str, before: Any, after: Any, indent: int, note: str) -> Iterator[str]:
        old, new = scalar(before), scalar(after)
        room = self.style.width - indent - len(label) - len(note) - 8
        if len(old) + len(new) <= room:
            yield f"{' ' * indent}{self.style.sign('~')} {label}: {old} -> {new}{note}"
            return
        yield f"{' ' * indent}{self.style.sign('~')} {label}:{note}"
        if is_long(before) and is_long(after):
            yield from self._lines(line_diff(before, after), indent + _STEP)
            return
        for sign, text in (("-", old), ("+", new)):
            taken = indent + _STEP + 2
            yield f"{' ' * (indent + _STEP)}{self.style.sign(sign)} {self.style.fit(text, taken)}"

    def _value(self, label: str, value: Any, sign: str, indent: int, note: str) -> Iterator[str]:
        start = f"{' ' * indent}{self.style.sign(sign)} {label}"
        if isinstance(value, Mapping) and value:
            yield f"{start}:{note}"
            for key in sorted(value, key=str):
                yield from self._value(scalar(str(key)), value[key], sign, indent + _STEP, "")
        elif isinstance(value, list | tuple) and value:
            yield f"{start}:{note}"
            for item in value:
                yield from self._item(item, sign, indent + _STEP)
        elif is_long(value):
            yield f"{start}: |{note}"
            yield from self._lines(((sign, line) for line in lines_of(value)), indent + _STEP)
        else:
            yield f"{start}: {self.style.fit(scalar(value), indent + len(label) + len(note) + 4)}{note}"

    def _lines(self, lines: Iterable[tuple[str, str]], indent: int) -> Iterator[str]:
        for sign, line in lines:
            text = self.style.fit(escape_unprintable(line), indent + 2)
            yield f"{' ' * indent}{self.style.sign(sign)} {text}".rstrip()

    def _item(self, item: Any, sign: str, indent: int) -> Iterator[str]:
        if not isinstance(item, Mapping) or not item:
            yield f"{' ' * indent}{self.style.sign(sign)} - {self.style.fit(scalar(item), indent + 4)}"
            return
        for number, key in enumerate(sorted(item, key=str)):
            label = ("  " if number else "- ") + scalar(str(key))
            yield from self._value(label, item[key], sign, indent, "")

    def _label(self, path: Path) -> str:
        last = camel_path(path, self.contract.spec)[-1]
        return f"[{last}]" if isinstance(last, int) else scalar(last)

    def _is_set(self, path: Path) -> bool:
        row = self.contract.kind
        return any(_leads_to(pattern, path) for pattern in (*row.compare.unordered, *document_sets(row)))

    def _camel(self, value: Any, path: Path, of: Shape | None) -> Any:
        if isinstance(value, Unknown | Masked) or of is None:
            return value
        return to_camel(self._parse_document(value, path), of)

    def _member(self, value: Any, path: Path, part: str | int) -> Any:
        value = self._parse_document(value, path)
        if isinstance(value, Mapping):
            return value.get(part)
        if isinstance(value, list | tuple):
            key = self.contract.kind.compare.keyed.get(_pattern(path))
            if key is None and isinstance(part, str):
                key = list_key(value)
            if key:
                return by_key(value, key).get(str(part))
            return value[part] if isinstance(part, int) and part < len(value) else None
        return None

    def _parse_document(self, value: Any, path: Path) -> Any:
        return _data(value) if _pattern(path) in self.contract.kind.compare.documents else value


def _count_text(value: Mapping[str, Any] | Sequence[Any]) -> str:
    what = "member" if isinstance(value, Mapping) else "element"
    return f"({len(value)} {what}{'' if len(value) == 1 else 's'})"


def parse_documents(value: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The value with its JSON documents parsed, so that they are shown by member."""
    from controller.core.path import expand, with_value

    shown: Any = dict(value)
    for pattern in contract.kind.compare.documents:
        for path, text in expand(shown, pattern):
            shown = with_value(shown, path, _data(text))
    return dict(shown)


def _data(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _leads_to(pattern: str, path: Path) -> bool:
    """Whether a pattern leads to a path, whose elements of lists are identified by position or by key."""
    parts = pattern.replace("[]", ".[]").split(".")
    return len(parts) == len(path) and all(
        part in ("[]", here) for part, here in zip(parts, path, strict=True)
    )


def _pattern(path: Path) -> str:
    text = ""
    for part in path:
        text += "[]" if isinstance(part, int) else f".{part}" if text else part
    return text
