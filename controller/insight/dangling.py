"""Live resources that refer to deleted ones, in the whole account: SageMaker permits such deletions without a warning.

Only references to kinds with generations are checked, because those are deleted while other resources may still use
them. Runs that ended count as no users.
"""

from dataclasses import dataclass, field

from controller.core.cloud import Cloud, CloudError
from controller.core.path import Path, expand
from controller.engine.compare import live_member
from controller.engine.discovery import DiscoveredResource, Discovery, NameCache, discover
from controller.engine.lookup import describe
from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.identifiers import applicable_links, named_within


@dataclass(frozen=True)
class LiveReference:
    """A field of a live resource, and the resource that it names."""

    path: Path
    to: str
    text: str


@dataclass(frozen=True)
class Dangling:
    """A resource that refers, directly or through others, to one that no longer exists."""

    kind: str
    name: str
    edges: tuple[LiveReference, ...]


@dataclass(frozen=True)
class DanglingReport:
    """Dangling references, how many resources were checked, and what could not be read."""

    dangling: tuple[Dangling, ...]
    count: int
    errors: dict[str, CloudError]


def targets() -> frozenset[str]:
    """The kinds whose resources SageMaker deletes even while others refer to them."""
    rows = KINDS.values()
    return frozenset(row.name for row in rows if row.lifecycle.has_hashed_names and not row.lifecycle.runs)


def search_account(cloud: Cloud, threads: int) -> DanglingReport:
    """Search all resources of the account for dangling references."""
    named = targets()
    users = [
        row.name
        for row in KINDS.values()
        if not row.lifecycle.runs and any(link.to in named for link in row.identity.links)
    ]
    seen = discover(cloud, users, threads, whole=False)
    search = _Search(cloud, NameCache(cloud), seen)
    try:
        found = tuple(
            Dangling(each.name.kind, each.live.name, way)
            for each in seen.found
            for way in search.find_paths(each)
        )
    except CloudError as error:
        return DanglingReport((), len(seen.found), {**seen.errors, error.operation: error})
    return DanglingReport(found, len(seen.found), dict(seen.errors))


@dataclass
class _Search:
    """The state of a search: the listed names, the discovered resources, and which targets exist."""

    cloud: Cloud
    names: NameCache
    seen: Discovery
    there: dict[tuple[str, str], bool] = field(default_factory=dict)

    def find_paths(self, each: DiscoveredResource) -> list[tuple[LiveReference, ...]]:
        """The paths of references from a resource to deleted ones, each as a tuple of references."""
        found: list[tuple[LiveReference, ...]] = []
        for edge in _edges(each):
            if not self._exists(edge):
                found.append((edge,))
                continue
            found += [(edge, *way) for user in self._users(edge) for way in self.find_paths(user)]
        return found

    def _users(self, edge: LiveReference) -> list[DiscoveredResource]:
        key = edge.text.casefold()
        return [
            each for each in self.seen.found if each.name.kind == edge.to and each.live.name.casefold() == key
        ]

    def _exists(self, edge: LiveReference) -> bool:
        """Whether the target exists. A List may lag, so a resource that it lacks is described."""
        key = (edge.to, edge.text)
        if key not in self.there:
            listed = any(name.text.casefold() == edge.text.casefold() for name in self.names.names(edge.to))
            self.there[key] = listed or describe(self.cloud, contract(edge.to), edge.text) is not None
        return self.there[key]


def _edges(each: DiscoveredResource) -> list[LiveReference]:
    row, named = contract(each.name.kind).kind, targets()
    edges: dict[tuple[str, str], LiveReference] = {}
    for link in applicable_links(row.identity.links, each.live.body):
        if link.to not in named:
            continue
        member = link.field.split(".")[0].removesuffix("[]")
        for path, text in expand({member: live_member(member, each.live.body, row)}, link.field):
            name = named_within(link, text) if isinstance(text, str) else None
            if name is not None and not name.startswith("arn:"):
                edges.setdefault((link.to, name), LiveReference(path, link.to, name))
    return list(edges.values())
