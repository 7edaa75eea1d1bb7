"""Replacement under a name that stays: it deletes first, so it is held while anything uses the resource."""

from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Action
from controller.engine.plan import Step, Why
from controller.engine.preconditions import stands_on, still_in_use, users_of_kind
from controller.kinds import Impact
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel


def way_around(of: Contract, name: str, *, fixed: bool = True) -> str:
    """How to get the change without deleting what is in use: a clause for a message.

    Args:
        of: the kind.
        name: the AWS name that stays.
        fixed: whether the document writes that name.

    """
    if not fixed:
        return (
            f"somebody made '{name}' anew with another spec; delete it once nothing uses it, and apply again"
        )
    member = f"spec.{lower_camel(of.name_member)}"
    if of.kind.lifecycle.runs:
        return f"leave out {member}, so that each spec has a run of its own and the record of '{name}' stays"
    if of.kind.lifecycle.succession is not None and of.kind.lifecycle.succession.hashed:
        generation = f"the next apply then makes a new generation beside '{name}', moves what uses it"
        return f"leave out {member}: {generation}, and deletes '{name}' once nothing is proved to use it"
    return f"write a document with another name, move what uses '{name}' to it, and delete this one last"


def before_it_is_ours(name: str) -> str:
    """What to do where the resource to take over is not what its document says: a clause for a message."""
    return (
        f"'{name}' is not yet managed here, so no new generation is made beside it. Write what it has, as an"
        " export does, and apply; after that a change makes a new generation, moves what uses it, and deletes"
        f" '{name}' once nothing is proved to use it. Or leave out policy.arn for a resource of its own, and '{name}'"
        " stays as it is"
    )


def destroys(of: Contract, name: str) -> str:
    """What ``policy.replace: Allow`` does to a resource: a clause for a message."""
    lost = "".join(f"; {each.says}" for each in of.kind.lifecycle.consequences if each.impact is Impact.LOSES)
    return f"policy.replace: Allow deletes '{name}' and only then creates it anew, so for a while there is none{lost}"


def held_while_used(step: Step, cloud: Cloud) -> Step:
    """The step, blocked if it would replace what something still uses; only replacements cost reads.

    The account is read, not the documents: a user may belong to another set or to nobody.
    """
    if step.action is not Action.REPLACE:
        return step
    proved = replace(step, proofs=users_of_kind(step.ref.kind))
    try:
        user = still_in_use(cloud, proved) or stands_on(cloud, proved, lasting=True)
    except CloudError as error:
        detail = f"{step.detail}; whether anything uses it can't be read: {error}"
        return replace(proved, action=Action.BLOCKED, why=Why.UNREADABLE, detail=detail, calls=())
    if not user:
        return proved
    detail = f"{step.detail}; {in_use(step, user)}"
    return replace(proved, action=Action.BLOCKED, why=Why.USED, detail=detail, calls=())


def in_use(step: Step, user: str) -> str:
    """Why a replacement is refused, with the way around it."""
    way = way_around(contract(step.ref.kind), str(step.name))
    return f"it is not deleted and created again, for {user}; {way}"
