"""Division of a picture into stacks that are laid out separately.

Resources of one kind with equal dependencies and dependents become one unit with one link, and a dependency of many
stacks is drawn in each of them as a reference. Otherwise, every link of a large tree would cross the whole picture.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.core.phase import Action
from controller.output.graph import FOLDED, Arrow, ArrowForm, Node, Picture

_SHARED = 4  # a unit with more dependents may be drawn as a reference in their stacks
_WHOLE = 16  # up to this number of units stay one stack


@dataclass(frozen=True)
class Unit:
    """One unit of the drawing: the ids of its resources; ``reference``: they are drawn elsewhere as well."""

    key: str
    members: tuple[str, ...]
    reference: bool = False


@dataclass(frozen=True)
class UnitLink:
    """A link from a unit to a dependent, by their keys, with all its arrows."""

    start: str
    end: str
    form: ArrowForm
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True)
class Stack:
    """A connected component of units."""

    units: tuple[Unit, ...]
    links: tuple[UnitLink, ...]


def stacks(of: Picture) -> tuple[Stack, ...]:
    """Divide a picture; stacks with changes come first, then larger ones."""
    units = _units(of)
    links = _links(of.arrows, {each: unit.key for unit in units for each in unit.members})
    shared = _widely_used(links)
    within = [link for link in links if link.start not in shared]
    home = _Sets(unit.key for unit in units)
    for link in within:
        home.join(link.start, link.end)
    _keep_whole(home, [link for link in links if link.start in shared])
    by_key = {unit.key: unit for unit in units}
    held: dict[str, tuple[dict[str, Unit], list[UnitLink]]] = {}
    for unit in units:
        held.setdefault(home.of(unit.key), ({}, []))[0][unit.key] = unit
    for link in links:
        own, to = home.of(link.start), home.of(link.end)
        own_units, own_links = held[to]
        if own == to:
            own_links.append(link)
            continue
        copy = Unit(f"{link.start}\0{to}", by_key[link.start].members, reference=True)
        own_units[copy.key] = copy
        own_links.append(UnitLink(copy.key, link.end, link.form, link.arrows))
    actions = {node.id: node.action for node in of.nodes}
    made = [Stack(tuple(units.values()), tuple(links)) for units, links in held.values()]
    return tuple(sorted(made, key=lambda stack: _rank(stack, actions)))


def _rank(stack: Stack, actions: Mapping[str, Action]) -> tuple[bool, bool, int, str]:
    """Stacks in which something changes come first, then those with links, then the larger ones."""
    own = [each for unit in stack.units if not unit.reference for each in unit.members]
    quiet = all(actions[each] is Action.NOOP for each in own)
    return quiet, not stack.links, -len(stack.units), min(own)


def _units(of: Picture) -> tuple[Unit, ...]:
    needs: dict[str, list[tuple[str, str]]] = {node.id: [] for node in of.nodes}
    users: dict[str, list[tuple[str, str]]] = {node.id: [] for node in of.nodes}
    for arrow in of.arrows:
        needs[arrow.end].append((arrow.start, arrow.form.value))
        users[arrow.start].append((arrow.end, arrow.form.value))
    alike: dict[object, list[Node]] = {}
    for node in of.nodes:
        linked = (tuple(sorted(needs[node.id])), tuple(sorted(users[node.id])))
        alike.setdefault((node.kind, node.action, linked), []).append(node)
    parts = [
        part
        for nodes in alike.values()
        for part in ([nodes] if len(nodes) >= FOLDED else [[node] for node in nodes])
    ]
    return tuple(Unit(part[0].id, tuple(node.id for node in part)) for part in parts)


def _links(arrows: Iterable[Arrow], unit: Mapping[str, str]) -> tuple[UnitLink, ...]:
    found: dict[tuple[str, str, ArrowForm], list[Arrow]] = {}
    for arrow in arrows:
        found.setdefault((unit[arrow.start], unit[arrow.end], arrow.form), []).append(arrow)
    return tuple(UnitLink(*ends, tuple(several)) for ends, several in found.items())


def _widely_used(links: Iterable[UnitLink]) -> frozenset[str]:
    """The units with many dependents."""
    users: dict[str, set[str]] = {}
    for link in links:
        users.setdefault(link.start, set()).add(link.end)
    return frozenset(key for key, several in users.items() if len(several) > _SHARED)


def _keep_whole(home: "_Sets", links: Iterable[UnitLink]) -> None:
    """Join a shared unit with its dependents if they are in one stack already, or few enough for one."""
    users: dict[str, list[str]] = {}
    for link in links:
        users.setdefault(link.start, []).append(link.end)
    for key in sorted(users, key=lambda each: (len(users[each]), each)):
        others = {home.of(user) for user in users[key]}
        if len(others) == 1 or sum(map(home.size, others | {home.of(key)})) <= _WHOLE:
            for other in sorted(others):
                home.join(key, other)


class _Sets:
    """Disjoint sets of keys; the smallest key names a set."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._above = {key: key for key in keys}
        self._sizes = dict.fromkeys(self._above, 1)

    def of(self, key: str) -> str:
        """The name of the key's set."""
        while (above := self._above[key]) != key:
            self._above[key] = self._above[above]
            key = above
        return key

    def size(self, key: str) -> int:
        """How many keys are in the key's set."""
        return self._sizes[self.of(key)]

    def join(self, one: str, other: str) -> None:
        """Make one set of two."""
        first, second = sorted((self.of(one), self.of(other)))
        if first != second:
            self._above[second] = first
            self._sizes[first] += self._sizes.pop(second)
