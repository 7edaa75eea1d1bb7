"""A command line that is invalid, and what may have been meant. Only argparse is imported here."""

import argparse
import re
from collections.abc import Sequence

from controller.cli import foreign_flags
from controller.core.did_you_mean import did_you_mean

TYPE_CHECKING = False  # as in main.py
if TYPE_CHECKING:
    from typing import NoReturn

PROGRAM = "sagectl"
_MISSING = "the following arguments are required: "


class UsageError(Exception):
    """The command line is invalid; hints say what may be meant, and which command's ``--help`` applies."""

    def __init__(self, message: str, program: str, hints: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.program, self.hints = program, tuple(dict.fromkeys(hint for hint in hints if hint))


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting with 2, which means "there are changes" here."""

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong and what may be meant."""
        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        missing = message.startswith(_MISSING)
        if choice:
            raise self._no_such(choice[1], re.findall(r"[\w-]+", choice[2]))
        if missing:
            # argparse counts words that may be left out to the missing ones, too
            parts = [each for each in message.removeprefix(_MISSING).split(", ") if each != "NAME"]
            message = f"{' and '.join(parts)} is missing"
        hint = "a file or a folder of documents; `.` is this folder" if missing and "PATH" in message else ""
        raise UsageError(message, self.prog, (hint,))

    def _no_such(self, word: str, choices: list[str]) -> UsageError:
        ours = foreign_flags.of_command(word) if self.prog == PROGRAM else ""
        near = "" if ours else did_you_mean(word, choices)
        message = f"; {near}" if near else "" if ours else f"; there are: {', '.join(choices)}"
        return UsageError(f"there is no '{word}'{message}", self.prog, (ours,))


def commands(root: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of the commands, by name."""
    for action in root._actions:  # noqa: SLF001 - argparse tells its sub-parsers nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            return dict(action.choices)
    return {}


def strange(root: argparse.ArgumentParser, argv: Sequence[str]) -> list[str]:
    """The options that the chosen command does not have."""
    chosen = next((known for name, known in commands(root).items() if name in argv[:1]), None)
    has = chosen._option_string_actions if chosen else argv  # noqa: SLF001 - argparse tells its options nowhere else
    return [word for word in argv if word.startswith("-") and word.partition("=")[0] not in has]


def guess(chosen: argparse.ArgumentParser, word: str) -> str:
    """What an option that the command does not have may stand for; empty where nothing comes near."""
    near = did_you_mean(word.partition("=")[0], chosen._option_string_actions)  # noqa: SLF001 - as above
    return foreign_flags.of_option(word) or near
