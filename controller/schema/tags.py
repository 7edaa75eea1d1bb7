"""``tags`` are a map; ours and AWS's own are not for people to write."""

from collections.abc import Callable, Iterator
from typing import Any

from controller.core.finding import Code
from controller.schema.cursor import Spot
from controller.schema.leaf import fits, text, wrong_type
from controller.schema.problem import Trouble
from controller.schema.shape import shape

OURS = "sagemaker.gitops.dev/"
ROOM_FOR_OURS = 4
_PER_RESOURCE = 50
MOST_TAGS = _PER_RESOURCE - ROOM_FOR_OURS


def check_tags(value: Any, spot: Spot, defers: Callable[[str], bool]) -> Iterator[Trouble]:
    """Check a map of tags: at most 46 of them, because four of the service's 50 are ours."""
    if not isinstance(value, dict):
        yield Trouble(Code.TYPE, spot.path, "tags are a map", "write {key: value, ...}")
        return
    if len(value) > MOST_TAGS:
        message = f"{len(value)} tags; a resource has room for {_PER_RESOURCE}, of which {ROOM_FOR_OURS} are reserved"
        yield Trouble(Code.RANGE, spot.path, message)
    for key, document in value.items():
        at = Spot((*spot.path, key), "Tags{}", shape("TagValue"), in_map=True)
        yield from _key(key, at)
        if not fits(document, "string"):
            yield wrong_type(document, at, shape("TagValue"))
        elif not defers(document):
            yield from text(document, at, shape("TagValue"))


def tag_trouble(key: str, value: str = "") -> str:
    """What is wrong with one tag, in words; empty where nothing is."""
    found = check_tags({key: value}, Spot((), "Tags{}", shape("TagValue")), lambda _: False)
    return next((trouble.message for trouble in found), "")


def _key(key: str, at: Spot) -> Iterator[Trouble]:
    if key.lower().startswith("aws:"):
        yield Trouble(Code.RULE, at.path, "keys that start with 'aws:' belong to AWS")
    elif key.startswith(OURS):
        yield Trouble(
            Code.RULE, at.path, f"keys that start with '{OURS}' are reserved for sagectl", "leave it out"
        )
    else:
        yield from text(key, Spot(at.path, "Tags{}", at.shape), shape("TagKey"))
