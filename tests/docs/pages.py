"""The blocks of a page of docs/: files and commands."""

import re
import shlex
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tests.examples.readme import ReadmeCommand, commands_in

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# ([\w./-]+\.ya?ml)\b.*\n")
_SAGECTL = re.compile(r"(?:^|[|;&] *|^\s*(?:- )?(?:run: |\$ )?)(sagectl .*)", re.MULTILINE)


@dataclass(frozen=True)
class PageFile:
    """A YAML block whose first line is a comment with the path of the file."""

    path: str
    text: str


def steps(page: Path) -> list[PageFile | ReadmeCommand]:
    """The files and the commands of a page, in order."""
    out: list[PageFile | ReadmeCommand] = []
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        language, text = found[2], found[3]
        named = _FILE.match(text)
        if language == "yaml" and named:
            out.append(PageFile(named[1], text))
        elif language == "console":
            out += commands_in(found[0])
    return out


def sagectl_lines(page: Path) -> list[list[str]]:
    """The arguments of each command of ``sagectl`` in the blocks of a page; those with ``...`` are left out."""
    blocks = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in _SAGECTL.findall(block[3])]
    return [_arguments(line) for line in lines if "..." not in line]


def _arguments(line: str) -> list[str]:
    """The arguments of the first command of a line, without comments, redirections and operators."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(takewhile(lambda word: not set(word) <= set("();<>|&"), list(lexer)[1:]))
