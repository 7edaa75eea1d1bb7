"""An object that was parsed already, such as one of a Kubernetes API server, becomes a document."""

from collections.abc import Mapping
from typing import Any

from controller.core.finding import Code, Finding, Origin
from controller.manifests.check import examine
from controller.manifests.document import Document
from controller.manifests.envelope import read_envelope
from controller.manifests.limits import Limits
from controller.manifests.positions import Places
from controller.runtime.bounded_text import is_deep

_DEPTH = Limits().depth  # as in a file
_NO_VARIABLES: Mapping[str, Any] = {}


def read_object(value: Mapping[str, Any], name: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document of an object of ours, and everything that is wrong with it, as in a file.

    Args:
        value: the whole object, of a kind of ours; its status is left out of account.
        name: what findings give as the file: who the object is.

    """
    places = Places(name, {})
    if is_deep({part: inner for part, inner in value.items() if part != "status"}, _DEPTH):
        message = f"more than {_DEPTH} levels of nesting (limit depth)"
        return None, (Finding(Code.LIMIT, message, Origin(name)),)
    envelope, found = read_envelope(value, places)
    if envelope is None:
        return None, found
    return examine(envelope, found, places, _NO_VARIABLES)
