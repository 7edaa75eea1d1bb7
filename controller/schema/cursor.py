"""Walking a spec beside its shape."""

from dataclasses import dataclass

from controller.core.path import Path
from controller.schema.names import by_camel
from controller.schema.shape import Shape, shape


@dataclass(frozen=True)
class Spot:
    """A place in a spec: its path as written, its member as the rows write it, and its shape.

    ``shape`` is None where the model has nothing to say: unknown members, and inside JSON documents.
    ``in_map`` is true for a map's values, whose keys people choose; such values are never shown.
    ``sensitive`` are the paths whose values the document hides.
    """

    path: Path
    member: str
    shape: Shape | None
    in_map: bool = False
    sensitive: tuple[Path, ...] = ()

    def into(self, part: str | int) -> "Spot":
        """The spot of a member (by its lowerCamelCase name), a list position, or a map's key."""
        path, of = (*self.path, part), self.shape
        if of is None or of.type not in {"structure", "list", "map"}:
            return Spot(path, self.member, None, self.in_map, self.sensitive)
        if of.type == "list":
            return Spot(path, f"{self.member}[]", shape(of.element), self.in_map, self.sensitive)
        if of.type == "map":
            return Spot(path, f"{self.member}{{}}", shape(of.value), True, self.sensitive)
        name = by_camel(of.name).get(str(part), "")
        member = f"{self.member}.{name}" if self.member else name
        return Spot(path, member, shape(of.members[name]) if name else None, self.in_map, self.sensitive)

    @property
    def hidden(self) -> bool:
        """Whether a value that stands here must not be shown, whatever its shape is."""
        return self.in_map or any(self.path[: len(each)] == each for each in self.sensitive)
