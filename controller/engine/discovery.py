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
from controller.engine.parallel_map import together
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
class Census:
    """All that was found, in order, and what was refused, by kind or by kind and name."""

    found: tuple[Found, ...]
    errors: Mapping[str, CloudError]


class Roll:
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

    def _read(self, told: Contract) -> Iterator[Name]:
        if told.kind.key == ():
            return iter([Name(told.name, SINGLE)])
        return self._below(told) if told.lists is None else self._listed(told)

    def _below(self, told: Contract) -> Iterator[Name]:
        """Without a List: what may stand at each resource that its key names."""
        for member, parent in self._parents(told, frozenset(told.kind.key or ())):
            yield Name(told.name, parent.text, {member: parent.text})

    def _listed(self, told: Contract) -> Iterator[Name]:
        if told.lists is None:
            return
        required = shape(told.lists.input).required
        asked = list(self._parents(told, required)) if required else [("", Name("", ""))]
        for member, parent in asked:
            given = {member: parent.text} if member else {}
            for page in every_page(self._cloud, told.lists, {**told.kind.listed_with, **given}):
                yield from (_name(told, each, given) for each in page)

    def _parents(self, told: Contract, members: frozenset[str]) -> Iterator[tuple[str, Name]]:
        for link in told.kind.links:
            if link.field in members:
                yield from ((link.field, each) for each in self.names(link.to))


def _name(told: Contract, element: Mapping[str, Any], given: Mapping[str, str]) -> Name:
    """What Describe takes for an element of a List: its name, or the ARN where there is no name."""
    if told.kind.key:
        members = {member: str(element[member]) for member in told.kind.key}
        return Name(told.name, KEY_GAP.join(members.values()), {**given, **members})
    known = element.get(told.key_of(told.describes)) or element[told.arn_member]
    return Name(told.name, str(known), given)


def told_more(cloud: Cloud, each: Found) -> Found:
    """The same with what Describe hides and a further read of the row tells.

    Raises:
        CloudError: AWS refused that read.

    """
    told = contract(each.name.kind)
    hidden = [detail for detail in told.kind.details if detail.member in told.unreadable]
    more = {detail.member: read_detail(cloud, told, each.live.name, detail) for detail in hidden}
    if not more:
        return each
    return Found(replace(each.name, given={**each.name.given, **more}), each.live)


def census(
    cloud: Cloud,
    kinds: Iterable[str],
    threads: int,
    fits: Callable[[Name], bool] = lambda _: True,
    *,
    whole: bool = True,
) -> Census:
    """Look at all resources of some kinds; what is gone meanwhile is left out.

    ``whole`` asks for their tags as well, and for what a further read tells of what Describe hides.
    """
    roll, errors = Roll(cloud), dict[str, CloudError]()
    names: list[Name] = []
    for kind in kinds:
        try:
            names += [name for name in roll.names(kind) if fits(name)]
        except CloudError as error:
            errors[kind] = error
    with ThreadPoolExecutor(max_workers=threads) as pool:
        seen = together(pool, names, partial(_found, cloud, whole))
    errors |= {f"{name.kind} {name.label}": e for name, e in seen.items() if isinstance(e, CloudError)}
    return Census(tuple(each for each in seen.values() if isinstance(each, Found)), errors)


def _found(cloud: Cloud, whole: bool, name: Name) -> Found | None:
    told = contract(name.kind)
    live = describe(cloud, told, name.text)
    if live is None or not whole:
        return Found(name, live) if live else None
    if carries_tags(told, live.body):
        shown = live.body.get("Tags")  # one kind shows them itself
        live = replace(live, tags=as_map(shown) if shown is not None else tags_of(cloud, live.arn))
    return told_more(cloud, Found(name, live))
