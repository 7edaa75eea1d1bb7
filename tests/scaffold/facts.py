"""Facts in botocore's model about a kind without a row."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.kinds import KINDS
from controller.kinds.display import COMMON_STATUS_PHASES
from controller.schema.kind_names import kebab, plural_name, suffix_member

Json = dict[str, Any]
VERBS = ("Create", "Describe", "Update", "Delete", "Stop", "List")


class UnknownKindError(Exception):
    """No ``Create`` of that name in botocore, or a row that exists."""


@cache
def model() -> Json:
    """The service model of the installed botocore."""
    from botocore.loaders import Loader

    loaded: Json = Loader().load_service_model("sagemaker", "service-2")
    return loaded


@dataclass(frozen=True)
class Facts:
    """A kind as botocore has it.

    Fields:
        named: the member with the name.
        about: the first sentence of the documentation of its Create.
        verbs: the operations that exist, of the usual six, with their names.
        required: members that Create requires, less the identity.
        updatable: members of Create that Update takes too, and ``frozen`` those that it does not.
        optional: the updatable ones that may be left out.
        lists: dotted members of Create that are lists.
        texts: dotted members of Create whose strings may hold JSON.
        unshown: members of Create that Describe has not.
        links: members of Create that end as another kind's name or ARN member, with the kind.
        statuses: all values of the status member of Describe, and ``unknown`` those of no common phase.
        users: Lists whose elements, or whose filters, name this kind.
        errors: the error codes that the operations declare.
    """

    name: str
    named: str
    about: str
    verbs: dict[str, str]
    path: str
    page: str
    taggable: bool
    required: tuple[str, ...]
    updatable: tuple[str, ...]
    frozen: tuple[str, ...]
    optional: tuple[str, ...]
    lists: tuple[str, ...]
    texts: tuple[str, ...]
    unshown: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    statuses: tuple[str, ...]
    unknown: tuple[str, ...]
    users: tuple[str, ...]
    errors: dict[str, tuple[str, ...]]


def facts(name: str) -> Facts:
    """Derive what can be derived.

    Raises:
        UnknownKindError: the kind has a row, or botocore has no Create or Describe of it.

    """
    if name in KINDS:
        raise UnknownKindError(f"{name} has a row: controller/kinds")
    verbs = {verb: f"{verb}{plural_name(name) if verb == 'List' else name}" for verb in VERBS}
    verbs = {verb: called for verb, called in verbs.items() if called in model()["operations"]}
    if not {"Create", "Describe"} <= set(verbs):
        raise UnknownKindError(
            f"botocore has no Create{name} with Describe{name}: write the row by hand, with identity.verbs"
        )
    sent, shown = _members(verbs["Create"], "input"), _members(verbs["Describe"], "output")
    taken = _members(verbs["Update"], "input") if "Update" in verbs else {}
    named = suffix_member(name, "Name", sent)
    own = {member: shape for member, shape in sent.items() if member not in (named, "Tags")}
    needed = set(_shape(verbs["Create"], "input").get("required", ()))
    status = next((shown[each] for each in (f"{name}Status", "Status") if each in shown), "")
    statuses = tuple(model()["shapes"][status].get("enum", ())) if status else ()
    return Facts(
        name=name,
        named=named,
        about=_sentence(model()["operations"][verbs["Create"]].get("documentation", ""), 105 - len(name)),
        verbs=verbs,
        path=_path(name, shown),
        page=_page(verbs["List"]) if "List" in verbs else "",
        taggable="Tags" in sent,
        required=tuple(member for member in own if member in needed),
        updatable=tuple(member for member in own if member in taken),
        frozen=tuple(member for member in own if member not in taken),
        optional=tuple(member for member in own if member in taken and member not in needed),
        lists=tuple(path for path, kind in _walk(own) if kind == "list"),
        texts=tuple(path for path, kind in _walk(own) if kind == "json"),
        unshown=tuple(member for member in own if member not in shown),
        links=tuple(_links(own)),
        statuses=statuses,
        unknown=tuple(each for each in statuses if each not in COMMON_STATUS_PHASES),
        users=tuple(_users(name)),
        errors={
            called: tuple(error["shape"] for error in model()["operations"][called].get("errors", ()))
            for called in verbs.values()
        },
    )


def _shape(operation: str, side: str) -> Json:
    document = model()["operations"][operation]
    found: Json = model()["shapes"][document[side]["shape"]] if side in document else {}
    return found


def _members(operation: str, side: str) -> dict[str, str]:
    return {member: each["shape"] for member, each in _shape(operation, side).get("members", {}).items()}


def _sentence(documentation: str, longest: int) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", documentation)).strip()
    return text.split(". ")[0].rstrip(".")[:longest].rstrip() or "what it is"


def _path(name: str, shown: dict[str, str]) -> str:
    pattern = model()["shapes"].get(shown.get(suffix_member(name, "Arn", shown), ""), {}).get("pattern", "")
    found = re.search(r":([a-z][a-z-]+)/", pattern)
    return found[1] if found else kebab(name)


def _page(lists: str) -> str:
    shapes = model()["shapes"]
    listed = [name for name, shape in _members(lists, "output").items() if shapes[shape]["type"] == "list"]
    return listed[0] if listed else ""


def _walk(members: dict[str, str], before: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Lists, and strings that may hold JSON, down to the fourth level."""
    shapes = model()["shapes"]
    for name, called in members.items():
        shape, path = shapes[called], f"{before}{name}"
        if shape["type"] == "list":
            yield path, "list"
            shape, path = shapes[shape["member"]["shape"]], f"{path}[]"
        if shape["type"] == "string" and re.search("Policy|Definition|Document|Json|Content$", called):
            yield path, "json"
        if shape["type"] == "structure" and depth < 3:
            inner = {member: each["shape"] for member, each in shape.get("members", {}).items()}
            yield from _walk(inner, f"{path}.", depth + 1)


def _links(members: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in members:
        for kind in KINDS:
            if re.search(f"{kind}(Name|Arn|Id)s?$", name):
                yield name, kind


def _users(name: str) -> Iterator[str]:
    """Lists of other kinds that show, by a filter or in their elements, the users of this one."""
    for called in sorted(model()["operations"]):
        if not called.startswith("List") or called in ("ListTags", f"List{plural_name(name)}"):
            continue
        shapes = model()["shapes"]
        page = _page(called)
        element = shapes[_members(called, "output")[page]]["member"]["shape"] if page else ""
        named = {*_members(called, "input"), *shapes.get(element, {}).get("members", {})}
        yield from (f"{called} ({member})" for member in (f"{name}Name", f"{name}Arn") if member in named)
