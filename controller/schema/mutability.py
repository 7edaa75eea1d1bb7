"""What becomes of a resource when a member of its spec is changed: from the model and the row."""

from enum import Enum

from controller.core.path import Path
from controller.core.phase import Phase
from controller.kinds import Kind
from controller.schema.contract import Contract


class Mutability(Enum):
    """How a change of a member comes to AWS; the value is for people."""

    IDENTITY = "another resource: it is its name"
    UPDATE = "updated in place"
    WHILE_IT_RUNS = "updated in place, only while it runs"
    ONCE_IT_ENDED = "updated in place, only once it has run"
    UNTIL_RELEASE = "updated in place; once it was approved a new version takes over"
    GROWS = "updated in place, by new elements only"
    GENERATION = "a new generation takes over"
    VERSION = "a new version takes over"
    RUN = "it runs again"
    FROZEN = "refused; policy.replace: Allow deletes it and its data first, while nothing uses it"


_MUTABILITY_BY_PHASE = {Phase.CHANGING: Mutability.WHILE_IT_RUNS, Phase.READY: Mutability.ONCE_IT_ENDED}


def mutability(contract: Contract, path: Path) -> Mutability:
    """What a change at a path of the spec (AWS's words) brings about."""
    row, name = contract.kind, str(path[0])
    if name in contract.identity:
        return Mutability.IDENTITY
    if name == "Tags":
        return Mutability.UPDATE
    if contract.reaches(path):
        return _updated(row, name)
    if row.lifecycle.runs:
        return Mutability.RUN
    if row.lifecycle.succession and row.lifecycle.succession.hashed:
        return Mutability.GENERATION
    return (
        Mutability.VERSION
        if row.identity.found_by and row.identity.found_by.succession
        else Mutability.FROZEN
    )


def _updated(row: Kind, name: str) -> Mutability:
    """How an update brings a change, and when."""
    if row.lifecycle.release and name in row.lifecycle.release.defines:
        return Mutability.UNTIL_RELEASE
    delta = row.write.deltas.get(name)
    mutability = (
        _MUTABILITY_BY_PHASE.get(row.write.updatable_in_phase[name], Mutability.UPDATE)
        if name in row.write.updatable_in_phase
        else None
    )
    return mutability or (Mutability.GROWS if delta and delta.add else Mutability.UPDATE)
