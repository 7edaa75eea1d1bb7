"""Names of documents for live resources, so that links between the documents can be written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.core.digest import digest
from controller.core.ref import Ref
from controller.engine.discovery import DiscoveredResource
from controller.engine.observed import OWNER, owner_of
from controller.manifests.envelope import is_name, is_namespace
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import KEY_GAP, contract
from controller.schema.kind_names import kebab

_HASHED = re.compile(rf"(.+)-[0-9a-f]{{{HASH_DIGITS}}}")
_LONGEST = 200
_SHORT = 50  # with the digest after it, no longer than a label of Kubernetes
_SET = re.compile(r"[^/]+/(?P<ref>.+)")  # the owner's set, and the document


@dataclass(frozen=True)
class DocumentNames:
    """The document that declares each resource, by the resource's own names, and by link."""

    refs: Mapping[DiscoveredResource, Ref]
    by_value: Mapping[tuple[str, str], Ref]

    def of(self, kind: str, text: str) -> Ref | None:
        """The document of the resource that a linked field names by name, ARN or ID."""
        return self.by_value.get((kind, text))


def name_documents(found: Iterable[DiscoveredResource], outside: frozenset[tuple[str, str]]) -> DocumentNames:
    """Give each resource a document name, which is the same for the same account.

    The owner in a resource's tags takes precedence, and the newest resource before older ones; then the AWS name,
    without the hash of a generation. ``outside`` are the kinds and names that linked fields refer to outside of
    ``found``.
    """
    refs: dict[DiscoveredResource, Ref] = {}
    taken: set[Ref] = set()
    for each in sorted(found, key=lambda one: (one.live.modified, one.name.text), reverse=True):
        refs[each] = _free_name(each, taken, outside)
        taken.add(refs[each])
    return DocumentNames(refs, {value: ref for each, ref in refs.items() for value in values(each)})


def values(each: DiscoveredResource) -> list[tuple[str, str]]:
    """The strings by which a link may name a resource: name, ARN and ID."""
    kind, live = each.name.kind, each.live
    lines = (live.name, live.arn, str(live.body.get(f"{kind}Id", "")), contract(kind).link_name(live.name))
    return [(kind, text) for text in dict.fromkeys(lines) if text]


def _free_name(each: DiscoveredResource, taken: set[Ref], outside: frozenset[tuple[str, str]]) -> Ref:
    kind = each.name.kind
    for ref in _candidates(each):
        if ref not in taken and ((kind, ref.name) not in outside or ref.name == each.live.name):
            return ref
    raise AssertionError("unreachable: the candidates don't end")


def _candidates(each: DiscoveredResource) -> Iterable[Ref]:
    owner = document_of_owner(each)
    if owner:
        yield owner
    kind, namespace = each.name.kind, owner.namespace if owner else ""
    plain = kubernetes_name(_name_text(each)) or kebab(kind)
    hashed = _HASHED.fullmatch(plain) if _generations(each) else None
    yield from (Ref(kind, name, namespace) for name in ((hashed[1], plain) if hashed else (plain,)))
    number = 2
    while True:
        yield Ref(kind, f"{plain}-{number}", namespace)
        number += 1


def document_of_owner(each: DiscoveredResource) -> Ref | None:
    """The document in the ownership tag, or None. Anybody can write tags, so it is used only as a document's name."""
    found_by = contract(each.name.kind).kind.identity.found_by
    marked = each.live.body.get(found_by.marker, {}) if found_by and found_by.marker else {}
    owner = _SET.fullmatch(str(marked.get(OWNER, "")) or owner_of(each.live.tags or {}))
    try:
        ref = Ref.parse(owner["ref"]) if owner else None
    except ValueError:
        return None
    if ref is None or ref.kind != each.name.kind or not is_name(ref.name):
        return None
    return ref if not ref.namespace or is_namespace(ref.namespace) else None


def _generations(each: DiscoveredResource) -> bool:
    return contract(each.name.kind).kind.lifecycle.has_hashed_names


def _name_text(each: DiscoveredResource) -> str:
    kind_contract = contract(each.name.kind)
    name = each.live.body.get(kind_contract.name_member)
    if kind_contract.kind.identity.key == ():
        return ""
    if kind_contract.kind.identity.key:
        return "-".join(part.rsplit("/", 1)[-1] for part in each.live.name.split(KEY_GAP))
    return name if isinstance(name, str) and name else each.name.label


def kubernetes_name(name: str) -> str:
    """A valid Kubernetes name: lower case, digits and hyphens; a name that is too long is cut and ends in a digest."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not plain or (len(plain) <= _LONGEST and is_name(plain)):
        return plain
    return f"{plain[:_SHORT].strip('-')}-{digest(name)[:HASH_DIGITS]}"
