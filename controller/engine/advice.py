"""The spellings of remedies: options of the command line, fields of a sync, fields and annotations of an object."""

from dataclasses import replace
from typing import TYPE_CHECKING

from controller.core.finding import Advice, Finding, Remedy

if TYPE_CHECKING:  # validate makes no plan
    from controller.engine.plan import Plan, Step


def _annotation(of: str) -> str:
    from controller.engine.observed import REBUILD

    return f"the annotation {REBUILD}={of}"


def _delete_or_leave() -> str:
    from controller.engine.observed import RELEASE

    return f"delete it in AWS if nobody uses it, or leave it there by the annotation {RELEASE}=yes"


_APPLY_AGAIN = "apply the same document again, which finds what it created; then remove the document"
COMMAND = Advice(
    "sagectl",
    {
        Remedy.PRUNE: lambda: "--prune",
        Remedy.CONFIRM: lambda *names: " ".join(f"--confirm-delete {each}" for each in names),
        Remedy.CONFIRM_NUMBER: lambda number: f"--confirm-deletes {number}",
        Remedy.SET: lambda: "--set",
        Remedy.REBUILD: lambda _: "`sagectl inventory rebuild`",
        Remedy.INVENTORY: lambda: "--inventory",
        Remedy.VARIABLE: lambda name: f"--var {name}=VALUE or --values FILE",
        Remedy.REGION: lambda: "set them in sagectl.yaml, or with --profile and --region",
        Remedy.PATHS: lambda: "give that path as well",
        Remedy.SAVED_PLAN: lambda: "`sagectl apply --plan FILE` applies it",
        Remedy.UNFINISHED: lambda: _APPLY_AGAIN,
    },
)
SYNC = Advice(
    "sagectl sync",
    {
        Remedy.PRUNE: lambda: "`prune: true` of the sync",
        Remedy.CONFIRM: lambda *_: "an approval of this plan",
        Remedy.CONFIRM_NUMBER: lambda _: "an approval of this plan",
        Remedy.SET: lambda: "`set` of the sync",
        Remedy.REBUILD: lambda _: "`sagectl inventory rebuild`",
        Remedy.INVENTORY: lambda: "`inventory` of the sync",
        Remedy.VARIABLE: lambda name: f"`values: {{{name}: VALUE}}` of the sync",
        Remedy.REGION: lambda: "set them in the file of syncs",
        Remedy.PATHS: lambda: "extend `path` and `include` of the sync to that path",
        Remedy.SAVED_PLAN: lambda: "a sync reads documents only",
        Remedy.UNFINISHED: lambda: _APPLY_AGAIN,
    },
)
GITSYNC = Advice(
    "GitSync",
    {
        Remedy.PRUNE: lambda: "spec.prune",
        Remedy.CONFIRM: lambda *_: "approving status.fingerprint",
        Remedy.CONFIRM_NUMBER: lambda _: "approving status.fingerprint",
        Remedy.SET: lambda: "spec.set",
        Remedy.REBUILD: _annotation,
        Remedy.INVENTORY: lambda: "a GitSync of another name",
        Remedy.VARIABLE: lambda name: f"spec.values.{name}",
        Remedy.REGION: lambda: "the operator sets them for the whole namespace",
        Remedy.PATHS: lambda: "extend spec.source.path to that path",
        Remedy.SAVED_PLAN: lambda: "a GitSync reads documents only",
        Remedy.UNFINISHED: lambda: _APPLY_AGAIN,
    },
)
OBJECT = Advice(
    "object",
    {
        **GITSYNC.spellings,
        Remedy.PRUNE: lambda: "the deletion of its object",
        Remedy.SET: lambda: "set (an option of the operator)",
        Remedy.INVENTORY: lambda: "another operator's status",
        Remedy.VARIABLE: lambda name: (
            f"writing the value in place of ${{var.{name}}}: objects have no variables"
        ),
        Remedy.PATHS: lambda: "apply its object",
        # An object that is being deleted can't be applied again.
        Remedy.UNFINISHED: _delete_or_leave,
    },
)
WAYS_IN = (COMMAND, SYNC, GITSYNC, OBJECT)


def with_advice(plan: "Plan", advice: Advice) -> "Plan":
    """The plan with the remedies in its messages spelled out; the fingerprint is of the plan with placeholders."""
    return replace(
        plan,
        steps=tuple(_step(step, advice) for step in plan.steps),
        confirmations=tuple(
            replace(each, message=advice.expand(each.message)) for each in plan.confirmations
        ),
        notices=tuple(map(advice.expand, plan.notices)),
    )


def _step(step: "Step", advice: Advice) -> "Step":
    notes = tuple(map(advice.expand, step.notes))
    effects = tuple(replace(each, message=advice.expand(each.message)) for each in step.effects)
    detail = advice.expand(step.detail)
    unchanged = (detail, notes, effects) == (step.detail, step.notes, step.effects)
    return step if unchanged else replace(step, detail=detail, notes=notes, effects=effects)


def findings_with_advice(found: tuple[Finding, ...], advice: Advice) -> tuple[Finding, ...]:
    """The findings with their remedies spelled out."""
    return tuple(
        replace(each, message=advice.expand(each.message), hint=advice.expand(each.hint)) for each in found
    )
