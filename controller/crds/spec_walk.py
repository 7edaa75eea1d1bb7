"""A walk over the shape of a spec, with the effect of a change to each member."""

from dataclasses import dataclass
from enum import Enum

from controller.schema.contract import Contract
from controller.schema.descriptions import description
from controller.schema.shape import Shape, shape


class ChangeMethod(Enum):
    """How a change is carried out; the value is the text in ``kubectl explain``."""

    UPDATE = ""
    GENERATION = "a change makes a new generation"
    NUMBER = "a change makes another one"
    REPLACE = (
        "can't be changed; policy.replace: Allow first deletes it, with all it holds, while nothing uses it"
    )
    NEVER = "can't be changed"


def identity(of: Contract) -> frozenset[str]:
    """The members of the spec that identify the resource."""
    return of.identity & frozenset(of.spec.members)


def has_name_member(of: Contract) -> bool:
    """Whether the AWS name is a member of the spec, with metadata.name as the default."""
    return of.name_member in identity(of)


def has_generated_name(of: Contract) -> bool:
    """Whether an omitted name gets a hash of the spec."""
    return (
        has_name_member(of)
        and of.kind.lifecycle.generations is not None
        and of.kind.lifecycle.generations.hashed
    )


def change_of(of: Contract, member: str) -> ChangeMethod:
    """How a change to a top member of the spec is carried out."""
    lifecycle = of.kind.lifecycle
    if lifecycle.generations and not lifecycle.has_hashed_names and of.kind.identity.found_by is None:
        return ChangeMethod.NUMBER if member in of.frozen | identity(of) else ChangeMethod.UPDATE
    if member in identity(of):
        return ChangeMethod.NEVER
    if member not in of.frozen:
        return ChangeMethod.UPDATE
    if of.kind.identity.found_by is not None and of.kind.identity.found_by.generations is not None:
        return ChangeMethod.NUMBER
    return ChangeMethod.GENERATION if has_generated_name(of) else ChangeMethod.REPLACE


@dataclass(frozen=True)
class SpecField:
    """A field of a kind's spec.

    ``member`` is its path as the rows write it, ``above`` are the shapes that contain it.
    """

    of: Contract
    member: str
    shape: Shape
    above: frozenset[str] = frozenset()
    meaning: str = ""

    def into(self, name: str) -> "SpecField":
        """The field of a member of this structure."""
        member = f"{self.member}.{name}" if self.member else name
        within = shape(self.shape.members[name])
        return SpecField(self.of, member, within, self._shapes_above, description(self.shape, name))

    def inner(self) -> "SpecField":
        """The field of a list's elements or a map's values."""
        mark, name = ("[]", self.shape.element) if self.shape.type == "list" else ("{}", self.shape.value)
        return SpecField(self.of, self.member + mark, shape(name), self._shapes_above)

    @property
    def _shapes_above(self) -> frozenset[str]:
        return self.above | {self.shape.name} if self.shape.type == "structure" else self.above

    @property
    def is_recursive(self) -> bool:
        """Whether the shape contains itself."""
        return self.shape.name in self.above

    @property
    def targets(self) -> tuple[str, ...]:
        """The kinds that a link may name; empty if it is no link."""
        return tuple(sorted({link.to for link in self.of.kind.identity.links if link.field == self.member}))

    @property
    def secret(self) -> bool:
        """Whether it is sensitive, so that it must be given by reference."""
        return self.member in self.of.secrets

    @property
    def referable(self) -> bool:
        """Whether its values may be given by reference."""
        return self.member in self.of.referable

    @property
    def document(self) -> bool:
        """Whether it is JSON that AWS takes as a string."""
        return self.member in self.of.kind.compare.documents

    @property
    def tags(self) -> bool:
        """Whether it is the list of tags, which documents write as a map."""
        return self.member == "Tags"

    @property
    def key(self) -> str:
        """The member that identifies a list's elements, if every element must have it; else empty."""
        key = self.of.kind.compare.keyed.get(self.member, "")
        return key if key and key in shape(self.shape.element).required else ""

    @property
    def unordered(self) -> bool:
        """Whether the order of a list is irrelevant."""
        return self.member in self.of.kind.compare.unordered

    @property
    def unreadable(self) -> bool:
        """Whether Describe never returns it."""
        return self.member in self.of.unreadable

    @property
    def change(self) -> ChangeMethod:
        """How a change is carried out; UPDATE for members below the top level."""
        return change_of(self.of, self.member)
