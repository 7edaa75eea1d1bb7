"""What becomes of a change to a member of ``spec``, as far as the API server can judge it."""

from enum import Enum

from controller.schema.contract import Contract


class Change(Enum):
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


def change_of(of: Contract, member: str) -> Change:
    """What becomes of a change to a top member of the spec."""
    succession = of.kind.lifecycle.succession
    if succession is not None and not succession.hashed and of.kind.identity.found_by is None:
        return Change.NUMBER if member in of.frozen | identity(of) else Change.UPDATE
    if member in identity(of):
        return Change.NEVER
    if member not in of.frozen:
        return Change.UPDATE
    if of.kind.identity.found_by is not None and of.kind.identity.found_by.succession is not None:
        return Change.NUMBER
    return Change.SUCCEED if generated(of) else Change.REPLACE
