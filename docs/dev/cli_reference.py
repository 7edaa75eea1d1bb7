"""The text of docs/cli.md, the reference of the command line, from the parser: ``make docs``."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from controller.cli.parser import build
from controller.cli.usage_errors import commands

PAGE = Path(__file__).resolve().parents[1] / "cli.md"
_HEAD = """\
# Command line reference

Written by `make docs` from the parser; do not edit. `sagectl COMMAND --help` prints the same. How the commands are
used: [getting started](getting-started.md), [CI](ci.md), [plans](plan.md), [reading the account](commands.md).

| command | does |
|---|---|
"""
_COMMON = frozenset({"--help", "--debug", "--no-color"})
_SHARED = """
Every command takes `--help`, `--no-color` (no colours, even on a terminal) and `--debug` (show the traceback of an
unexpected error).
"""


def page() -> str:
    """The whole page."""
    root = build()
    subs = commands(root)
    descriptions = {name: (sub.description or "").rstrip(".") for name, sub in subs.items()}
    rows = "".join(
        f"| [`{name}`](#sagectl-{name}) | {_cell(about)} |\n" for name, about in descriptions.items()
    )
    return _HEAD + rows + _SHARED + "".join("".join(_command(name, sub)) for name, sub in subs.items())


def _command(name: str, sub: argparse.ArgumentParser) -> Iterator[str]:
    yield f"\n## `sagectl {name}`\n\n{sub.description}\n"
    for group in sub._action_groups:  # noqa: SLF001 - argparse has no public way to its groups
        actions = [each for each in group._group_actions if _is_shown(each)]  # noqa: SLF001 - nor to their options
        if actions:
            title = (group.title or "").replace("positional ", "")
            yield f"\n| {title} | |\n|---|---|\n"
            yield from (f"| {_name(each)} | {_cell(each.help or '')} |\n" for each in actions)
    lines = (sub.epilog or "").splitlines()[1:]
    if lines:
        yield "\n```text\n" + "\n".join(line.removeprefix("  ") for line in lines) + "\n```\n"


def _is_shown(action: argparse.Action) -> bool:
    return action.help != argparse.SUPPRESS and not _COMMON & set(action.option_strings)


def _name(action: argparse.Action) -> str:
    """The option with its value, or the argument."""
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    value = action.metavar or choices or action.dest.upper()
    shown = value if isinstance(value, str) else " ".join(value)
    if not action.option_strings:
        optional = action.nargs in ("?", "*")
        return f"`{_pipe(f'[{shown}]' if optional else shown)}`"
    takes = "" if action.nargs == 0 else f" {shown}"
    return ", ".join(f"`{_pipe(option + takes)}`" for option in action.option_strings)


def _pipe(text: str) -> str:
    return text.replace("|", "\\|")


def _cell(text: str) -> str:
    """A text as a cell of a table: angle brackets and bars have no meaning in it."""
    return _pipe(" ".join(text.replace("%%", "%").split())).replace("<", "&lt;")
