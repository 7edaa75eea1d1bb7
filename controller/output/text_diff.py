"""Long texts as lines: what differs of them with a little around it, as people know it from diff."""

import difflib
import json
from collections.abc import Iterator

_AROUND = 2


def lines_of(text: str) -> list[str]:
    """A text's lines; JSON on one line is laid out first, so that it has some."""
    if "\n" not in text:
        data = _container(text)
        if data is not None:
            text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)
    return text.splitlines()


def is_long(text: object) -> bool:
    """Whether a value is better read as lines."""
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
    """Signs and lines; what is left out between two places is one line of dots."""
    hunks = difflib.unified_diff(lines_of(before), lines_of(after), lineterm="", n=_AROUND)
    for number, line in enumerate(hunks):
        if number < 2:  # noqa: PLR2004 - the two lines that name files
            continue
        if not line.startswith("@@"):
            yield line[0], line[1:]
        elif number > 2:  # noqa: PLR2004 - not before the first place
            yield " ", "…"
