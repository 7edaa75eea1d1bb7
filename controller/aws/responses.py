"""What an answer of AWS must be to count as one: a JSON object, where the protocol is JSON."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.exceptions
from botocore.parsers import ResponseParserError

from controller.core.cloud import malformed

_REFUSED = 300  # the first HTTP status that is no success
_UNPARSED = (ResponseParserError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_thread = threading.local()


def check_client(client: Any) -> None:
    """Let every answer to a client be checked before botocore parses it."""
    client.meta.events.register("before-parse", _check)


@contextmanager
def understood(operation: str) -> Iterator[None]:
    """Turn what botocore's parsers raise about an answer into a refusal of its call.

    Raises:
        CloudError: the answer is not what the operation answers.

    """
    _thread.arrived = False
    try:
        yield
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
        raise
    except _UNPARSED as error:
        if not _thread.arrived:  # a mistake in what was to be sent is ours
            raise
        raise malformed(operation, type(error).__name__) from error


def _check(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Refuse what botocore would take for an answer without members.

    Its JSON parser reads an empty body, and a text that is no JSON, as an empty structure (``botocore/parsers.py``,
    ``BaseJSONParser._parse_body_as_json``). Operations without an output answer with an empty body (API reference,
    DeleteModel).
    """
    _thread.arrived = True
    body, output = response_dict["body"], operation_model.output_shape
    speaks_json = operation_model.service_model.resolved_protocol == "json"
    if (
        not speaks_json
        or response_dict["status_code"] >= _REFUSED
        or not (body or (output and output.members))
    ):
        return
    try:
        found = json.loads(body)
    except ValueError:
        raise malformed(operation_model.name, "it is not JSON, or is cut off") from None
    if not isinstance(found, dict):
        raise malformed(operation_model.name, f"it is no JSON object but a {type(found).__name__}")
