"""Names in Kubernetes: of objects, and of the keys of a Secret (kubernetes.io, "Object Names and IDs", "Secrets")."""

import re

LONGEST = 253  # characters, of either
SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"  # RFC 1123, in small letters
KEY = r"[-._a-zA-Z0-9]+"
_SUBDOMAIN, _KEY = re.compile(SUBDOMAIN, re.ASCII), re.compile(KEY, re.ASCII)
_SHOWN = 100  # characters of a text of others that a message repeats
_HIDDEN = re.compile(r"[^\x20-\x7e]")


def is_subdomain(value: object) -> bool:
    """Whether a value is a text that an object of Kubernetes may be named by."""
    return isinstance(value, str) and len(value) <= LONGEST and _SUBDOMAIN.fullmatch(value) is not None


def is_key(value: object) -> bool:
    """Whether a value is a text that a key of a Secret may be (apimachinery, ``IsConfigMapKey``)."""
    fits = isinstance(value, str) and len(value) <= LONGEST and _KEY.fullmatch(value) is not None
    return fits and value != "." and not str(value).startswith("..")


def shown(text: object) -> str:
    """A text of others as a message may repeat it: in quotes, short, and without control characters."""
    message = _HIDDEN.sub("?", str(text))
    return f"'{message}'" if len(message) <= _SHOWN else f"'{message[:_SHOWN]}...'"
