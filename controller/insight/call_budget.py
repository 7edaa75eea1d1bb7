"""The number of API calls of a plan: those that change the account, and an estimate of those that read."""

from controller.core.phase import Action
from controller.engine.plan import Plan, Step

_PAGE = 100  # the maximum of one page of List or GetResources


def count_mutating_calls(plan: Plan) -> int:
    """The number of calls that change the account; a step whose inputs are not known yet counts as one."""
    return sum(max(len(step.calls), 1) for step in plan.acting)


def reads(plan: Plan) -> int:
    """An estimate of the number of reads until all is done, if AWS takes no longer than usual.

    It counts a Describe of each resource before, one more of each that AWS works on, a tag page for each hundred
    resources, and for each deletion its tags and a List of every kind that may use it.
    """
    looks = len(plan.steps) + sum(step.gradual for step in plan.acting)
    return looks + -(-len(plan.steps) // _PAGE) + sum(map(_proofs, plan.acting))


def _proofs(step: Step) -> int:
    return 1 + len(step.proofs) if step.action is Action.DELETE else 0
