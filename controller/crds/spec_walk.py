"""Walking the shape of a spec with what the row knows of each place."""

from dataclasses import dataclass

from controller.crds.change import Change, change_of
from controller.schema.contract import Contract
from controller.schema.shape import Shape, shape


@dataclass(frozen=True)
class SpecField:
    """A place in a kind's spec; ``member`` is how the rows write it, ``above`` the shapes it stands in."""

    of: Contract
    member: str
    shape: Shape
    above: frozenset[str] = frozenset()

    def into(self, name: str) -> "SpecField":
        """A member's place."""
        member = f"{self.member}.{name}" if self.member else name
        return SpecField(self.of, member, shape(self.shape.members[name]), self._inside)

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
        """The member that tells a list's elements apart, where every element must have it."""
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
    def change(self) -> Change:
        """What becomes of a change here; only members of the spec itself are judged."""
        return change_of(self.of, self.member)
