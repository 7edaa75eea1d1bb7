"""What is said of a commit."""

import re
from dataclasses import dataclass
from enum import Enum

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class State(Enum):
    """The three words that every forge knows in its own way."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class Status:
    """A state of a commit under a name, ``context``, that stays the same for the same sync.

    Raises:
        ValueError: the commit is no full id, or the address is not https.

    """

    sha: str
    context: str
    state: State
    description: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if not _SHA.fullmatch(self.sha):
            raise ValueError("a status is of a commit's full id")
        if not self.context:
            raise ValueError("a status needs a context")
        if self.url and not self.url.startswith("https://"):
            raise ValueError("a status leads to https:// only")


def line(text: str, most: int) -> str:
    """A text as one line of printable signs, cut to a length."""
    message = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return message if len(message) <= most else f"{message[: most - 1]}…"
