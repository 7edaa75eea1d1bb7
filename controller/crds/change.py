"""What becomes of a change to a member of ``spec``, as far as the API server can judge it."""

from enum import Enum

from controller.service.contract import Contract


class Change(Enum):
    """How a change is carried out; the value is what ``kubectl explain`` says of it."""

    UPDATE = ""
    SUCCEED = "a change makes a new generation"
    NUMBER = "a change makes a new version"
    REPLACE = "can't be changed, unless policy.replace: Allow deletes and creates it"
    NEVER = "can't be changed"


def change_of(of: Contract, member: str) -> Change:
    """What becomes of a change to a top member of the spec."""
    if member == of.name_member:
        return Change.NEVER
    if member not in of.frozen:
        return Change.UPDATE
    if of.kind.found_by is not None:
        return Change.NUMBER
    return Change.SUCCEED if of.kind.succession is not None else Change.REPLACE
