"""A walk over the shape of a spec, with what happens when a member is changed."""

from dataclasses import dataclass
from enum import Enum

from controller.schema.contract import Contract
from controller.schema.descriptions import meaning
from controller.schema.shape import Shape, shape


class ChangeMethod(Enum):
    """How a change is carried out; the value is what ``kubectl explain`` says of it."""

    UPDATE = ""
    SUCCEED = "a change makes a new generation"
    NUMBER = "a change makes another one"
    REPLACE = (
        "can't be changed; policy.replace: Allow first deletes it, with all it holds, while nothing uses it"
    )
    NEVER = "can't be changed"


def identity(of: Contract) -> frozenset[str]:
    """The members of the spec that say which resource it is."""
    return of.identity & frozenset(of.spec.members)


def named(of: Contract) -> bool:
    """Whether the name in AWS is a member of the spec that may be left out, or metadata.name."""
    return of.name_member in identity(of)


def generated(of: Contract) -> bool:
    """Whether a name that is left out gets a hash of the spec."""
    return named(of) and of.kind.lifecycle.succession is not None and of.kind.lifecycle.succession.hashed


def change_of(of: Contract, member: str) -> ChangeMethod:
    """What becomes of a change to a top member of the spec."""
    succession = of.kind.lifecycle.succession
    if succession is not None and not succession.hashed and of.kind.identity.found_by is None:
        return ChangeMethod.NUMBER if member in of.frozen | identity(of) else ChangeMethod.UPDATE
    if member in identity(of):
        return ChangeMethod.NEVER
    if member not in of.frozen:
        return ChangeMethod.UPDATE
    if of.kind.identity.found_by is not None and of.kind.identity.found_by.succession is not None:
        return ChangeMethod.NUMBER
    return ChangeMethod.SUCCEED if generated(of) else ChangeMethod.REPLACE


@dataclass(frozen=True)
class SpecField:
    """A place in a kind's spec; ``member`` is how the rows write it, ``above`` the shapes that contain it."""

    of: Contract
    member: str
    shape: Shape
    above: frozenset[str] = frozenset()
    meaning: str = ""

    def into(self, name: str) -> "SpecField":
        """A member's place."""
        member = f"{self.member}.{name}" if self.member else name
        within = shape(self.shape.members[name])
        return SpecField(self.of, member, within, self._inside, meaning(self.shape, name))

    def inner(self) -> "SpecField":
        """The place of a list's elements or a map's values."""
        mark, name = ("[]", self.shape.element) if self.shape.type == "list" else ("{}", self.shape.value)
        return SpecField(self.of, self.member + mark, shape(name), self._inside)

    @property
    def _inside(self) -> frozenset[str]:
        return self.above | {self.shape.name} if self.shape.type == "structure" else self.above

    @property
    def recurs(self) -> bool:
        """Whether the shape stands inside itself."""
        return self.shape.name in self.above

    @property
    def targets(self) -> tuple[str, ...]:
        """The kinds that a link may name; empty where there is no link."""
        return tuple(sorted({link.to for link in self.of.kind.identity.links if link.field == self.member}))

    @property
    def secret(self) -> bool:
        """Whether it must be given by reference."""
        return self.member in self.of.secrets

    @property
    def referable(self) -> bool:
        """Whether its values may be given by reference."""
        return self.member in self.of.referable

    @property
    def document(self) -> bool:
        """Whether it is JSON that AWS takes as text."""
        return self.member in self.of.kind.compare.documents

    @property
    def tags(self) -> bool:
        """Whether it is the list of tags, which people write as a map."""
        return self.member == "Tags"

    @property
    def key(self) -> str:
        """The member that identifies a list's elements, where every element must have it."""
        key = self.of.kind.compare.keyed.get(self.member, "")
        return key if key and key in shape(self.shape.element).required else ""

    @property
    def unordered(self) -> bool:
        """Whether the order of a list means nothing."""
        return self.member in self.of.kind.compare.unordered

    @property
    def unreadable(self) -> bool:
        """Whether Describe never shows it."""
        return self.member in self.of.unreadable

    @property
    def change(self) -> ChangeMethod:
        """What becomes of a change here; only members of the spec itself are judged."""
        return change_of(self.of, self.member)
