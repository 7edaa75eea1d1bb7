"""References to documents, and checks of names against the rules of Kubernetes."""

import re
from typing import NamedTuple

LONGEST = 253  # characters, of a subdomain and of a key
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"  # RFC 1123, in small letters
KEY = r"[-._a-zA-Z0-9]+"
_SUBDOMAIN, _KEY = re.compile(SUBDOMAIN, re.ASCII), re.compile(KEY, re.ASCII)
_SHOWN = 100  # characters of text from outside that a message repeats
_HIDDEN = re.compile(r"[^\x20-\x7e]")


def is_subdomain(value: object) -> bool:
    """Whether a value is a valid name of a Kubernetes object."""
    return isinstance(value, str) and len(value) <= LONGEST and _SUBDOMAIN.fullmatch(value) is not None


def is_key(value: object) -> bool:
    """Whether a value is a valid key of a Secret (apimachinery, ``IsConfigMapKey``)."""
    fits = isinstance(value, str) and len(value) <= LONGEST and _KEY.fullmatch(value) is not None
    return fits and value != "." and not str(value).startswith("..")


def quote_untrusted(text: object) -> str:
    """Text from outside as a message may repeat it: in quotes, short, and without control characters."""
    message = _HIDDEN.sub("?", str(text))
    return f"'{message}'" if len(message) <= _SHOWN else f"'{message[:_SHOWN]}...'"


class Ref(NamedTuple):
    """The identity of a document: its kind, its ``metadata.name`` and, where given, its namespace.

    A tuple, because it is the key of most mappings: hash, comparison and order of a dataclass take ten times as long.
    """

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        """``Kind/name``, or ``Kind/namespace/name``."""
        location = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind}/{location}{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Parse what ``str`` writes.

        Raises:
            ValueError: the text is neither ``Kind/name`` nor ``Kind/namespace/name``.

        """
        parts = text.split("/")
        if len(parts) == 2 and all(parts):  # noqa: PLR2004 - kind and name
            return cls(parts[0], parts[1])
        if len(parts) == 3 and all(parts):  # noqa: PLR2004 - kind, namespace and name
            return cls(parts[0], parts[2], parts[1])
        raise ValueError(f"'{text}' is not KIND/NAME or KIND/NAMESPACE/NAME")
