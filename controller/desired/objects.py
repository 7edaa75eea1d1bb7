"""An object that was parsed already, such as one of a Kubernetes API server, becomes a document."""

from collections.abc import Mapping
from typing import Any

from controller.core.finding import Finding
from controller.desired.document import Document
from controller.desired.envelope import read_envelope
from controller.desired.examine import examine
from controller.desired.places import Places

_NO_VARIABLES: Mapping[str, Any] = {}


def read_object(value: Mapping[str, Any], name: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document of an object of ours, and everything that is wrong with it, as in a file.

    Args:
        value: the whole object, of a kind of ours; its status is left out of account.
        name: what findings give as the file: who the object is.

    """
    places = Places(name, {})
    envelope, found = read_envelope(value, places)
    if envelope is None:
        return None, found
    document, more = examine(envelope, places, _NO_VARIABLES)
    told = {finding.path for finding in found}
    return document, (*found, *(finding for finding in more if finding.path not in told))
