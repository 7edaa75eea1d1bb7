"""The parser of EventBridge's messages, which are untrusted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.kinds import KINDS
from controller.schema.contract import contract

# "AWS service events delivered via CloudTrail" (Amazon EventBridge User Guide).
_API_CALL = "AWS API Call via CloudTrail"
_MOST_NAMES = 100  # strings that are taken from one message
_LONGEST = 2048  # characters of a name or an ARN


@dataclass(frozen=True)
class ResourceEvent:
    """An event about one or more resources of an account.

    Attributes:
        kind: the kind of the operation; empty where the event has only ARNs.
        names: names and ARNs that the event contains, in lower case, because AWS compares them without case.
        account, region: where it happened; empty where the event does not name them.
        id: EventBridge's id of the event, printable; empty where it has none.
        request: the id of the AWS request that made the change; empty where there was none.

    """

    kind: str
    names: frozenset[str]
    account: str = ""
    region: str = ""
    id: str = ""
    request: str = ""

    def is_about(self, kind: str, name: str, arn: str) -> bool:
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
    """The event of a message; None if nothing changed, no resource is named, or it is no event of EventBridge."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    detail = _as_mapping(document.get("detail"))
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
    """The kind of an operation; if it is not Create, Update or Delete, the longest kind name that it contains."""
    named = [kind for kind in KINDS if kind in operation]
    return _operations().get(operation) or max(named, key=len, default="")


def _as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> Iterator[str]:
    """The strings directly inside a list or a structure."""
    of = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return (each for each in of if isinstance(each, str) and 0 < len(each) <= _LONGEST)


def _text(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""
