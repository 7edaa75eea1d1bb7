"""What a kind's row and the recorded model say together: the contract of a kind."""

from dataclasses import dataclass
from functools import cache, cached_property

from controller.kinds import KINDS, Kind
from controller.service.shape import Operation, Shape, member, operation, shape


@dataclass(frozen=True)
class Contract:
    """All that rooms above need to know of a kind, derived once."""

    kind: Kind

    @property
    def name(self) -> str:
        """The kind's name."""
        return self.kind.name

    @cached_property
    def creates(self) -> Operation:
        """``Create<Kind>``; every declared kind has one."""
        return _must(f"Create{self.name}")

    @cached_property
    def describes(self) -> Operation:
        """``Describe<Kind>``."""
        return _must(f"Describe{self.name}")

    @cached_property
    def updates(self) -> Operation | None:
        """``Update<Kind>``, where the service has it."""
        return operation(f"Update{self.name}")

    @cached_property
    def deletes(self) -> Operation | None:
        """``Delete<Kind>``, where the service has it."""
        return operation(f"Delete{self.name}")

    @cached_property
    def lists(self) -> Operation:
        """``List<Plural>``."""
        return _must(f"List{self.kind.plural}")

    @cached_property
    def spec(self) -> Shape:
        """The Create input: the shape of ``spec`` (with ``tags`` written as a map)."""
        return shape(self.creates.input)

    @cached_property
    def body(self) -> Shape:
        """What Describe answers, without the member it may be wrapped in."""
        answer = shape(self.describes.output)
        inner = member(answer, self.kind.within) if self.kind.within else answer
        if inner is None:
            raise KeyError(f"{self.describes.name} has no member {self.kind.within}")
        return inner

    @property
    def name_member(self) -> str:
        """``<Kind>Name``: the caller-chosen name."""
        return f"{self.name}Name"

    @property
    def arn_member(self) -> str:
        """``<Kind>Arn``."""
        return f"{self.name}Arn"

    @property
    def status_member(self) -> str:
        """The member of Describe that tells the state; empty for kinds that merely exist."""
        return next((m for m in (f"{self.name}Status", "Status") if m in self.body.members), "")

    @property
    def taggable(self) -> bool:
        """Whether Create takes tags."""
        return "Tags" in self.spec.members

    @cached_property
    def written(self) -> frozenset[str]:
        """Members of ``spec`` that people write: all but tags and tokens."""
        return frozenset(self.spec.members) - self.spec.tokens - {"Tags"}

    @cached_property
    def updatable(self) -> frozenset[str]:
        """Members of ``spec`` that Update takes."""
        return self.written & self.update_members - {self.name_member}

    @cached_property
    def update_members(self) -> frozenset[str]:
        """All members of the Update input."""
        return frozenset(shape(self.updates.input).members) if self.updates else frozenset()

    @cached_property
    def update_key(self) -> str:
        """The member by which Update finds the resource."""
        return _key(self.updates, self) if self.updates else ""

    @cached_property
    def describe_key(self) -> str:
        """The member by which Describe finds the resource."""
        return _key(self.describes, self)

    @cached_property
    def delete_key(self) -> str:
        """The member by which Delete finds the resource."""
        return _key(self.deletes, self) if self.deletes else ""

    @cached_property
    def frozen(self) -> frozenset[str]:
        """Members that no Update takes."""
        return self.written - self.updatable

    @cached_property
    def unreadable(self) -> tuple[str, ...]:
        """Dotted members of ``spec`` that Describe never shows, however deep."""
        hidden = list(self.kind.unreadable)
        for name in sorted(self.written - set(self.kind.reads) - set(self.kind.carried)):
            hidden += _hidden(name, shape(self.spec.members[name]), member(self.body, name), frozenset())
        return tuple(sorted(hidden))

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Dotted members that are sensitive and never shown: they must be given by reference."""
        return tuple(path for path in self.unreadable if _sensitive(self.spec, path))

    @cached_property
    def page_member(self) -> str:
        """The member of List's answer that holds the page."""
        answer = shape(self.lists.output)
        return next(name for name, of in answer.members.items() if shape(of).type == "list")


@cache
def contract(kind: str) -> Contract:
    """The contract of a declared kind.

    Raises:
        KeyError: no row of that name.

    """
    return Contract(KINDS[kind])


def _must(name: str) -> Operation:
    found = operation(name)
    if found is None:
        raise KeyError(f"the recorded model has no operation {name}")
    return found


def _key(of: Operation, told: Contract) -> str:
    required = shape(of.input).required
    return told.arn_member if told.arn_member in required else told.name_member


def _hidden(path: str, asked: Shape, shown: Shape | None, seen: frozenset[str]) -> list[str]:
    if shown is None:
        return [path]
    if asked.name == shown.name or asked.name in seen:
        return []
    if asked.type == "structure":
        return [
            each
            for name, of in asked.members.items()
            for each in _hidden(f"{path}.{name}", shape(of), member(shown, name), seen | {asked.name})
        ]
    if asked.type == "list" and shown.type == "list":
        return _hidden(f"{path}[]", shape(asked.element), shape(shown.element), seen | {asked.name})
    return []


def _sensitive(start: Shape, path: str) -> bool:
    here: Shape | None = start
    for part in path.replace("[]", "").split("."):
        here = member(here, part) if here else None
        while here is not None and here.type == "list":
            here = shape(here.element)
    return here is not None and here.sensitive
