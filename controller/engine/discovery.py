"""The account as it is, kind by kind, whatever documents say: found by List, seen by Describe."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from controller.core.cloud import Cloud, CloudError
from controller.engine.details import read_detail
from controller.engine.lookup import carries_tags, describe, every_page, tags_of
from controller.engine.observed import Live
from controller.engine.ownership import as_map
from controller.engine.parallel_map import parallel_map
from controller.schema.contract import KEY_GAP, SINGLE, Contract, contract
from controller.schema.identifiers import tail
from controller.schema.shape import shape


@dataclass(frozen=True)
class Name:
    """What the operations of a kind take for one resource; ``given`` are members of its spec that its List told."""

    kind: str
    text: str
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """A name for people: of an ARN what stands behind its kind."""
        return tail(self.text).partition("/")[2] if self.text.startswith("arn:") else self.text


@dataclass(frozen=True, eq=False)
class Found:
    """One live resource, and what its List told besides."""

    name: Name
    live: Live


@dataclass(frozen=True)
class Discovery:
    """All that was found, in order, and what was refused, by kind or by kind and name."""

    found: tuple[Found, ...]
    errors: Mapping[str, CloudError]


class NameCache:
    """The names of an account by kind, each List read once; lives and dies with the turn."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._names: dict[str, tuple[Name, ...] | CloudError] = {}

    def names(self, kind: str) -> tuple[Name, ...]:
        """The names of a kind.

        Raises:
            CloudError: AWS refused a List that they take.

        """
        if kind not in self._names:
            try:
                self._names[kind] = tuple(dict.fromkeys(self._read(contract(kind))))
            except CloudError as error:
                self._names[kind] = error
        known = self._names[kind]
        if isinstance(known, CloudError):
            raise known
        return known

    def _read(self, contract: Contract) -> Iterator[Name]:
        if contract.kind.identity.key == ():
            return iter([Name(contract.name, SINGLE)])
        return self._below(contract) if contract.lists is None else self._listed(contract)

    def _below(self, contract: Contract) -> Iterator[Name]:
        """Without a List: what may stand at each resource that its key names."""
        for member, parent in self._parents(contract, frozenset(contract.kind.identity.key or ())):
            yield Name(contract.name, parent.text, {member: parent.text})

    def _listed(self, contract: Contract) -> Iterator[Name]:
        if contract.lists is None:
            return
        required = shape(contract.lists.input).required
        requested = list(self._parents(contract, required)) if required else [("", Name("", ""))]
        for member, parent in requested:
            given = {member: parent.text} if member else {}
            for page in every_page(
                self._cloud, contract.lists, {**contract.kind.identity.listed_with, **given}
            ):
                yield from (_name(contract, each, given) for each in page)

    def _parents(self, contract: Contract, members: frozenset[str]) -> Iterator[tuple[str, Name]]:
        for link in contract.kind.identity.links:
            if link.field in members:
                yield from ((link.field, each) for each in self.names(link.to))


def _name(contract: Contract, element: Mapping[str, Any], given: Mapping[str, str]) -> Name:
    """What Describe takes for an element of a List: its name, or the ARN where there is no name."""
    if contract.kind.identity.key:
        members = {member: str(element[member]) for member in contract.kind.identity.key}
        return Name(contract.name, KEY_GAP.join(members.values()), {**given, **members})
    known = element.get(contract.key_of(contract.describes)) or element[contract.arn_member]
    return Name(contract.name, str(known), given)


def with_details(cloud: Cloud, each: Found) -> Found:
    """The same with what Describe hides and a further read of the row tells.

    Raises:
        CloudError: AWS refused that read.

    """
    kind_contract = contract(each.name.kind)
    hidden = [
        detail for detail in kind_contract.kind.display.details if detail.member in kind_contract.unreadable
    ]
    more = {detail.member: read_detail(cloud, kind_contract, each.live.name, detail) for detail in hidden}
    if not more:
        return each
    return Found(replace(each.name, given={**each.name.given, **more}), each.live)


def discover(
    cloud: Cloud,
    kinds: Iterable[str],
    threads: int,
    fits: Callable[[Name], bool] = lambda _: True,
    *,
    whole: bool = True,
) -> Discovery:
    """Look at all resources of some kinds; what is gone meanwhile is left out.

    ``whole`` asks for their tags as well, and for what a further read tells of what Describe hides.
    """
    name_cache, errors = NameCache(cloud), dict[str, CloudError]()
    names: list[Name] = []
    for kind in kinds:
        try:
            names += [name for name in name_cache.names(kind) if fits(name)]
        except CloudError as error:
            errors[kind] = error
    with ThreadPoolExecutor(max_workers=threads) as pool:
        seen = parallel_map(pool, names, partial(_found, cloud, whole))
    errors |= {f"{name.kind} {name.label}": e for name, e in seen.items() if isinstance(e, CloudError)}
    return Discovery(tuple(each for each in seen.values() if isinstance(each, Found)), errors)


def _found(cloud: Cloud, whole: bool, name: Name) -> Found | None:
    kind_contract = contract(name.kind)
    live = describe(cloud, kind_contract, name.text)
    if live is None or not whole:
        return Found(name, live) if live else None
    if carries_tags(kind_contract, live.body):
        shown = live.body.get("Tags")  # one kind shows them itself
        live = replace(live, tags=as_map(shown) if shown is not None else tags_of(cloud, live.arn))
    return with_details(cloud, Found(name, live))
