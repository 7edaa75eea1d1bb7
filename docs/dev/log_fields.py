"""The table of log fields in docs/logs.md. A test compares it with what the code logs."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

PAGE = Path(__file__).parents[1] / "logs.md"
_BEGIN, _END = "<!-- table of fields: generated -->\n", "<!-- end of the table -->\n"
ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "ts": "time, RFC 3339 in UTC with milliseconds",
        "level": "`debug`, `info`, `warning`, `error` or `critical`",
        "logger": "what writes the line, such as `sagectl.sync`",
        "msg": "the event, in a word or a few, without values",
    }
)
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "account": "AWS account id",
        "as": "identity of the replica that leads",
        "because": "why the finalizer was removed",
        "caller": "part of the product that makes a call, if it is not the reconciliation itself",
        "cause": "what requested a reconciliation: the id of a webhook's delivery, an approval, a rollback",
        "code": "error code of AWS; absent without an error",
        "detail": "result of a report to the Git provider, as text",
        "ended": "how a call ended: `done`, or the fault",
        "error": "the error, as text, without secrets",
        "for": "what the replica waits for before it starts",
        "host": "address that is listened on",
        "job": "what was done for several objects, one of which was left out",
        "key": "key of the workqueue",
        "kind": "kind of the object, with `namespace` and `name`",
        "kinds": "kinds that an operator of some kinds watches",
        "lease": "name of the Lease",
        "message": "the result, as text, without secrets",
        "name": "name of the object",
        "namespace": "namespace of the object, or the namespace that the line is about",
        "object": "the object that was left out",
        "operation": "operation of AWS, such as `CreateEndpoint`",
        "outcome": "result of a report: `done`, `later` or `refused`",
        "plan": "counts of the plan",
        "port": "port that is listened on",
        "pullRequest": "number of the pull request",
        "reason": "reason of the condition Synced ([reasons](reasons.md))",
        "reconcileID": "joins all lines of one reconciliation, from its cause to the calls to AWS",
        "region": "AWS region",
        "request": "AWS's id of a request, for AWS Support",
        "requests": "the same, of all attempts of a call",
        "revision": "commit",
        "round": "name of the periodic task",
        "seconds": "duration",
        "secret": "Secret that cannot be read, as `namespace/name`; never its value",
        "stacktrace": "stack of an exception",
        "step": "step of the plan, as `Kind/name`",
        "sync": "name of the sync; of a GitSync as `namespace/name`",
        "type": "type of the watch event",
        "what": "what was reported to the Git provider or to an address",
        "why": "why the default name of the set is used",
    }
)


def page() -> str:
    """The page with its tables as they should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + _table() + _END + rest.partition(_END)[2]


def _table() -> str:
    rows = [f"| `{name}` | {meaning} |\n" for name, meaning in {**ALWAYS, **FIELDS}.items()]
    return "| field | meaning |\n|---|---|\n" + "".join(rows)
