"""What a message of EventBridge is about: the parser of its JSON, which is untrusted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.kinds import KINDS
from controller.schema.contract import contract

# "AWS service events delivered via CloudTrail" (Amazon EventBridge User Guide).
_API_CALL = "AWS API Call via CloudTrail"
_MOST_NAMES = 100  # texts that are taken of one message
_LONGEST = 2048  # characters of a name or an ARN


@dataclass(frozen=True)
class ResourceEvent:
    """An event about one or more resources of an account.

    Attributes:
        kind: the kind that the operation is of; empty where the event names ARNs alone.
        names: names and ARNs that the event contains, in lower case, for AWS compares them so.
        account, region: where it happened; empty where the event does not say.
        id: EventBridge's id of the event, printable; empty where it has none.
        request: AWS's id of the request that made the change; empty where no request did.

    """

    kind: str
    names: frozenset[str]
    account: str = ""
    region: str = ""
    id: str = ""
    request: str = ""

    def concerns(self, kind: str, name: str, arn: str) -> bool:
        """Whether it may be about a resource, given by its kind, its name in AWS and its ARN; both may be empty."""
        if arn and self._is_elsewhere(arn):
            return False
        ids = {name.casefold(), arn.rpartition("/")[2].casefold()} if kind == self.kind else set()
        return not self.names.isdisjoint((ids | {arn.casefold()}) - {""})

    def _is_elsewhere(self, arn: str) -> bool:
        parts = arn.split(":", 5)
        known = zip((self.region, self.account), parts[3:5], strict=False)
        return any(ours and theirs and ours != theirs for theirs, ours in known)


def resource_event(body: str) -> ResourceEvent | None:
    """The event of a message; None where it changed nothing, names no resource, or is no event of EventBridge."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    detail = _mapping(document.get("detail"))
    is_call = document.get("detail-type") == _API_CALL
    if is_call and (detail.get("readOnly") is True or detail.get("errorCode")):
        return None
    found = list(_texts(document.get("resources")))
    if is_call:
        found += [*_texts(detail.get("requestParameters")), *_texts(detail.get("responseElements"))]
    else:
        found += [text for text in _texts(detail) if text.startswith("arn:")]
    names = frozenset(text.casefold() for text in found[:_MOST_NAMES])
    if not names:
        return None
    return ResourceEvent(
        kind_of_operation(_text(detail.get("eventName"))) if is_call else "",
        names,
        _text(document.get("account")),
        _text(document.get("region")),
        _text(document.get("id")),
        _text(detail.get("requestID")) if is_call else "",
    )


@cache
def _operations() -> Mapping[str, str]:
    """The kind of each operation that makes, changes or deletes one."""
    found: dict[str, str] = {}
    for kind in KINDS:
        its = contract(kind)
        for operation in (its.creates, its.updates, its.deletes):
            if operation is not None:
                found.setdefault(operation.name, kind)
    return found


def kind_of_operation(operation: str) -> str:
    """The kind that an operation is of; of another than Create, Update and Delete the longest that it names."""
    named = [kind for kind in KINDS if kind in operation]
    return _operations().get(operation) or max(named, key=len, default="")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> Iterator[str]:
    """The texts of a list or of a structure, not of what is inside of them."""
    of = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return (each for each in of if isinstance(each, str) and 0 < len(each) <= _LONGEST)


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""
