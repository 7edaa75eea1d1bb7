"""What the sandbox can be asked: each operation's name and the function that answers it."""

from collections.abc import Callable
from functools import partial

from controller.sandbox.kind import Handler, Kind, Verb
from controller.sandbox.kinds import KINDS
from controller.sandbox.lifecycle import create, delete, describe, stop, update
from controller.sandbox.listing import list_kind
from controller.sandbox.request import Ask
from controller.sandbox.rules import Json
from controller.sandbox.search import search, suggestions
from controller.sandbox.tagging import get_resources
from controller.sandbox.tags import add_tags, delete_tags, list_tags

VERBS: dict[Verb, Callable[[Kind, Ask], Json]] = {
    Verb.CREATE: create,
    Verb.DESCRIBE: describe,
    Verb.DELETE: delete,
    Verb.LIST: lambda kind, ask: list_kind(kind, kind.listing, ask),
}


def _operations_of(kind: Kind) -> dict[str, Handler]:
    made: dict[str, Handler] = {
        **{name: partial(does, kind) for verb, does in VERBS.items() if (name := kind.operation(verb))},
        **{name: partial(list_kind, kind, listing) for name, listing in kind.views.items()},
        **kind.reads,
        **kind.acts,
    }
    if kind.stop is not None:
        made[f"Stop{kind.name}"] = partial(stop, kind, kind.stop)
    changes = dict(kind.changes) | ({f"Update{kind.name}": kind.change} if kind.change else {})
    return made | {name: partial(update, kind, change) for name, change in changes.items()}


def _caller(ask: Ask) -> Json:
    return {"Account": ask.account.account, "Arn": ask.account.caller, "UserId": "AIDASANDBOXSANDBOXSB"}


KIND_OF: dict[str, Kind] = {name: kind for kind in KINDS for name in _operations_of(kind)}
HANDLERS: dict[str, dict[str, Handler]] = {
    "sagemaker": {
        **{name: handler for kind in KINDS for name, handler in _operations_of(kind).items()},
        "AddTags": add_tags,
        "ListTags": list_tags,
        "DeleteTags": delete_tags,
        "Search": search,
        "GetSearchSuggestions": suggestions,
    },
    "resourcegroupstaggingapi": {"GetResources": get_resources},
    "sts": {"GetCallerIdentity": _caller},
}
