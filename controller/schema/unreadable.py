"""What of a spec Describe never shows, and what of that is secret: from the shapes alone."""

from controller.schema.shape import Shape, member, shape


def unshown(path: str, member_shape: Shape, shown: Shape | None, seen: frozenset[str]) -> list[str]:
    """The dotted members at or below a path that are asked for and not shown; ``seen`` ends recursion."""
    if shown is None:
        return [path]
    if member_shape.name == shown.name or member_shape.name in seen:
        return []
    if member_shape.type == "structure":
        return [
            each
            for name, of in member_shape.members.items()
            for each in unshown(f"{path}.{name}", shape(of), member(shown, name), seen | {member_shape.name})
        ]
    if member_shape.type == "list" and shown.type == "list":
        return unshown(
            f"{path}[]", shape(member_shape.element), shape(shown.element), seen | {member_shape.name}
        )
    return []


def is_secret(start: Shape, path: str) -> bool:
    """Whether the member at a dotted path is marked as sensitive."""
    here: Shape | None = start
    for part in path.replace("[]", "").split("."):
        here = member(here, part) if here else None
        while here is not None and here.type == "list":
            here = shape(here.element)
    return here is not None and here.sensitive
