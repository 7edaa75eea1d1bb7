"""``--approve``, ``--rollback``, ``--forward`` and ``--look``: commands for a running sync, stored for its process."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from controller.cli.errors import Refused
from controller.cli.output import Output
from controller.core.did_you_mean import did_you_mean
from controller.gitops.requests import Pin, Word, read_word, token, write_word
from controller.gitops.status_store import Folder, word_file
from controller.gitops.sync_spec import Sync


def request_from_options(args: argparse.Namespace, syncs: Sequence[Sync], folder: Path, out: Output) -> bool:
    """Leave the words that were given; whether there were any.

    Raises:
        Refused: a word is about no sync, or can't be.
        StateError: a file can't be read or written.

    """
    names = [sync.name for sync in syncs]
    reported = False
    for option in ("approve", "rollback", "forward", "look"):
        text = getattr(args, option)
        if text:
            name, value = _parts(option, text, names)
            file = word_file(folder, name)
            write_word(file, _word(option, name, value, read_word(file), folder))
            out.warn(f"{name}: {option}{' ' + value[:12] if value else ''} requested")
            reported = True
    return reported


def _parts(option: str, text: str, names: Sequence[str]) -> tuple[str, str]:
    """Which sync, and the value; an approval's sync may be left out where there is one only."""
    name, equals, value = text.partition("=")
    if option == "approve" and not equals and len(names) == 1:
        name, value = names[0], text
    if name not in names:
        raise Refused(f"--{option}: there is no sync {name}", did_you_mean(name, names) or "")
    if option == "approve" and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise Refused("--approve takes the fingerprint of a plan", "the status and the log contain it")
    if option in ("forward", "look") and equals:
        raise Refused(f"--{option} takes the name of a sync, and nothing else")
    return name, value


def _word(option: str, name: str, value: str, before: Word, folder: Path) -> Word:
    if option == "approve":
        return replace(before, approved=value)
    if option == "forward":
        return replace(before, pin=None)
    if option == "look":
        return replace(before, look=token())
    return replace(before, pin=_pin(name, value, folder))


def _pin(name: str, value: str, folder: Path) -> Pin:
    record = Folder(folder).record(name)
    now = record.attempted.revision if record.attempted else ""
    back = value or record.before(now)
    if not back or not record.head:
        raise Refused(f"{name} has no earlier revision that was applied", "name one: --rollback SYNC=COMMIT")
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", back):
        raise Refused("--rollback takes a commit with all its digits", "the status file lists those applied")
    return Pin(back, record.head, token())
