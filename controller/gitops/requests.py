"""What people want of a running sync: to go back, to go ahead with a plan, to look now."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.runtime.atomic_file import StateError, load, save


@dataclass(frozen=True)
class Pin:
    """Hold an earlier revision until the branch leaves ``head``, the revision that it was rolled back from."""

    revision: str
    head: str
    token: str


@dataclass(frozen=True)
class Word:
    """What people said last.

    ``approved`` is the fingerprint of a plan, ``look`` a token to be told when served, ``rebuild`` the set whose lost
    inventory is to be read back from the account.
    """

    pin: Pin | None = None
    approved: str = ""
    look: str = ""
    rebuild: str = ""


NO_WORD = Word()


def token() -> str:
    """A token that nobody used before."""
    return secrets.token_hex(8)


def read_word(file: Path) -> Word:
    """Read what was said; nothing was, where there is no file.

    Raises:
        StateError: the file is damaged; a rollback may stand in it, so it is not passed over.

    """
    document = load(file)
    if document is None:
        return NO_WORD
    try:
        pin = document.pop("pin", None)
        request = Word(**document, pin=Pin(**pin) if pin else None)
    except (TypeError, AttributeError) as error:
        raise StateError(f"{file} was not written by sagectl; delete it to discard all requests") from error
    return request


def write_word(file: Path, word: Word) -> None:
    """Leave a word for the sync, whole or not at all.

    Raises:
        StateError: it can't be written.

    """
    save(file, json.dumps(asdict(word), indent=2, sort_keys=True) + "\n")
