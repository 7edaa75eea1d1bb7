"""The resources of the account by kind: found by List, read by Describe, with their details."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.lookup import carries_tags, describe, elements, every_page, tags_of
from controller.engine.observed import Live, ObservedAccount, as_map
from controller.engine.parallel_map import Threads, parallel_map
from controller.kinds.display import Detail, OtherList, ReadCondition
from controller.schema.contract import SINGLE, Contract, contract
from controller.schema.identifiers import describe_identifier, is_arn, tail
from controller.schema.listing import listing_of
from controller.schema.shape import answer_member, required_operation, shape

_THREADS = 8

Reading = Mapping[str, Any | CloudError]


def find_one(cloud: Cloud, contract: Contract, text: str) -> Live | None:
    """One resource with its tags, by name or ARN; None when there is none.

    Raises:
        CloudError: AWS refused for another reason than absence.

    """
    live = describe(cloud, contract, describe_identifier(contract, text, cloud.identity))
    if live is None or not carries_tags(contract, live.body):
        return live
    return replace(live, tags=tags_of(cloud, live.arn))


def list_argument(cloud: Cloud, other: OtherList, text: str) -> str | None:
    """A name or an ARN in the form that another List takes; None if no such resource exists.

    An ARN is taken as it is: it may be of another account, which Describe would refuse.
    """
    if is_arn(text) or not other.member.endswith("Arn"):
        return text
    found = describe(cloud, contract(other.to), describe_identifier(contract(other.to), text, cloud.identity))
    return found.arn if found else None


def read_detail(cloud: Cloud, contract: Contract, name: str, detail: Detail) -> Any:
    """One detail of a resource.

    Raises:
        CloudError: AWS refused.

    """
    read = required_operation(detail.operation)
    key = {**contract.address(read, name), **detail.given}
    if shape(answer_member(read, detail.member)).type == "list":
        return elements(cloud, listing_of(read, detail.member), key)
    return cloud.call(read.call(key)).get(detail.member)


def details_of_all(
    observed: ObservedAccount, cloud: Cloud, *, steps: bool, everything: bool
) -> Mapping[Ref, Reading]:
    """The details of resources; by default only of those in transition or failed.

    An error is returned in place of its detail, so that it does not hide the others.
    """
    desired = {
        (ref, detail.name): (live.name, detail)
        for ref, live in observed.live.items()
        for detail in contract(ref.kind).kind.display.details
        if detail.when in _levels(live.phase, steps=steps, everything=everything)
    }
    found: dict[Ref, dict[str, Any]] = {}
    if desired:
        with Threads(max_workers=_THREADS) as pool:
            read = parallel_map(
                pool, desired, lambda key: read_detail(cloud, contract(key[0].kind), *desired[key])
            )
        for (ref, name), value in read.items():
            found.setdefault(ref, {})[name] = value
    return found


def _levels(phase: Phase, *, steps: bool, everything: bool) -> Collection[ReadCondition]:
    if everything:
        return (ReadCondition.IN_TRANSITION, ReadCondition.VERBOSE)
    return (ReadCondition.IN_TRANSITION,) if steps or phase in (Phase.CHANGING, Phase.FAILED) else ()


@dataclass(frozen=True)
class Name:
    """The name of one resource for its operations; ``given`` are members of its spec from its List."""

    kind: str
    text: str
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        """A readable name: of an ARN the part after its kind."""
        return tail(self.text).partition("/")[2] if self.text.startswith("arn:") else self.text


@dataclass(frozen=True, eq=False)
class DiscoveredResource:
    """One live resource, and further members of its List."""

    name: Name
    live: Live


@dataclass(frozen=True)
class Discovery:
    """All that was found, in order, and what was refused, by kind or by kind and name."""

    found: tuple[DiscoveredResource, ...]
    errors: Mapping[str, CloudError]


class NameCache:
    """The names of an account by kind, each List read once; made for one pass."""

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
        return self._child_names(contract) if contract.lists is None else self._listed_names(contract)

    def _child_names(self, contract: Contract) -> Iterator[Name]:
        """The names of a kind without a List: one for each resource that its key may name."""
        for member, parent in self._parents(contract, frozenset(contract.kind.identity.key or ())):
            yield Name(contract.name, parent.text, {member: parent.text})

    def _listed_names(self, contract: Contract) -> Iterator[Name]:
        if contract.lists is None:
            return
        required = shape(contract.lists.input).required - set(contract.kind.identity.fixed)
        requested = list(self._parents(contract, required)) if required else [("", Name("", ""))]
        for member, parent in requested:
            given = {member: parent.text} if member else {}
            for page in every_page(self._cloud, contract.lists, {**contract.kind.identity.fixed, **given}):
                yield from (_name(contract, each, given) for each in page)

    def _parents(self, contract: Contract, members: frozenset[str]) -> Iterator[tuple[str, Name]]:
        for link in contract.kind.identity.links:
            if link.field in members:
                yield from ((link.field, each) for each in self.names(link.to))


def _name(contract: Contract, element: Mapping[str, Any], given: Mapping[str, str]) -> Name:
    """What Describe takes for an element of a List: its name, or the ARN where there is no name."""
    if contract.kind.identity.key:
        members = {m: str(element[m]) for m in contract.kind.identity.key if element.get(m)}
        return Name(contract.name, contract.named_in({**given, **element}), {**given, **members})
    return Name(contract.name, contract.named_in(element), given)


def with_details(cloud: Cloud, each: DiscoveredResource) -> DiscoveredResource:
    """The resource with the members that Describe hides and a further read of the row shows.

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
    return DiscoveredResource(replace(each.name, given={**each.name.given, **more}), each.live)


def discover(
    cloud: Cloud,
    kinds: Iterable[str],
    threads: int,
    fits: Callable[[Name], bool] = lambda _: True,
    *,
    whole: bool = True,
) -> Discovery:
    """Read all resources of some kinds; what is gone meanwhile is left out.

    With ``whole`` their tags are read too, and the members that only a further read shows.
    """
    name_cache, errors = NameCache(cloud), dict[str, CloudError]()
    names: list[Name] = []
    for kind in kinds:
        try:
            names += [name for name in name_cache.names(kind) if fits(name)]
        except CloudError as error:
            errors[kind] = error
    with Threads(max_workers=threads) as pool:
        seen = parallel_map(pool, names, partial(_read_discovered, cloud, whole))
    errors |= {f"{name.kind} {name.label}": e for name, e in seen.items() if isinstance(e, CloudError)}
    return Discovery(tuple(each for each in seen.values() if isinstance(each, DiscoveredResource)), errors)


def _read_discovered(cloud: Cloud, whole: bool, name: Name) -> DiscoveredResource | None:
    kind_contract = contract(name.kind)
    live = describe(cloud, kind_contract, name.text)
    if live is None or not whole:
        return DiscoveredResource(name, live) if live else None
    if carries_tags(kind_contract, live.body):
        shown = live.body.get("Tags")  # one kind shows them itself
        live = replace(live, tags=as_map(shown) if shown is not None else tags_of(cloud, live.arn))
    return with_details(cloud, DiscoveredResource(name, live))
