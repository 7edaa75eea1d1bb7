"""The spellings of each way in: options of the command line, fields of a sync, fields and annotations of an object."""

from dataclasses import replace

from controller.core.advice import Advice, Ask
from controller.core.finding import Finding
from controller.engine.ownership import REBUILD
from controller.engine.plan import Plan, Step

COMMAND = Advice(
    "sagectl",
    {
        Ask.PRUNE: lambda: "--prune",
        Ask.CONFIRM: lambda *names: " ".join(f"--confirm-delete {each}" for each in names),
        Ask.CONFIRM_NUMBER: lambda number: f"--confirm-deletes {number}",
        Ask.SET: lambda: "--set",
        Ask.REBUILD: lambda _: "`sagectl inventory rebuild`",
        Ask.INVENTORY: lambda: "--inventory",
        Ask.VARIABLE: lambda name: f"--var {name}=VALUE or --values FILE",
        Ask.REGION: lambda: "they stand in sagectl.yaml, or are given with --profile and --region",
        Ask.PATHS: lambda: "give that path as well",
        Ask.SAVED_PLAN: lambda: "`sagectl apply --plan FILE` does what it says",
    },
)
SYNC = Advice(
    "sagectl sync",
    {
        Ask.PRUNE: lambda: "`prune: true` of the sync",
        Ask.CONFIRM: lambda *_: "an approval of this plan",
        Ask.CONFIRM_NUMBER: lambda _: "an approval of this plan",
        Ask.SET: lambda: "`set` of the sync",
        Ask.REBUILD: lambda _: "`sagectl inventory rebuild`",
        Ask.INVENTORY: lambda: "`inventory` of the sync",
        Ask.VARIABLE: lambda name: f"`values: {{{name}: VALUE}}` of the sync",
        Ask.REGION: lambda: "they stand in the file of syncs",
        Ask.PATHS: lambda: "let `path` and `include` of the sync hold that place as well",
        Ask.SAVED_PLAN: lambda: "a sync reads documents only",
    },
)
GITSYNC = Advice(
    "GitSync",
    {
        Ask.PRUNE: lambda: "spec.prune",
        Ask.CONFIRM: lambda *_: "approving status.fingerprint",
        Ask.CONFIRM_NUMBER: lambda _: "approving status.fingerprint",
        Ask.SET: lambda: "spec.set",
        Ask.REBUILD: lambda of: f"the annotation {REBUILD}={of}",
        Ask.INVENTORY: lambda: "a GitSync of another name",
        Ask.VARIABLE: lambda name: f"spec.values.{name}",
        Ask.REGION: lambda: "they are the operator's, for the whole namespace",
        Ask.PATHS: lambda: "let spec.source.path hold that place as well",
        Ask.SAVED_PLAN: lambda: "a GitSync reads documents only",
    },
)
OBJECT = Advice(
    "object",
    {
        **GITSYNC.spellings,
        Ask.PRUNE: lambda: "the deletion of its object",
        Ask.SET: lambda: "set (an option of the operator)",
        Ask.INVENTORY: lambda: "another operator's status",
        Ask.VARIABLE: lambda name: (
            f"writing the value in place of ${{var.{name}}}: objects have no variables"
        ),
        Ask.PATHS: lambda: "apply its object",
    },
)
WAYS_IN = (COMMAND, SYNC, GITSYNC, OBJECT)


def advised(plan: Plan, advice: Advice) -> Plan:
    """The plan with every message in the words of a way in; what consent is bound to stays as it is."""
    return replace(
        plan,
        steps=tuple(_step(step, advice) for step in plan.steps),
        brakes=tuple(replace(each, message=advice.spelled(each.message)) for each in plan.brakes),
        notices=tuple(map(advice.spelled, plan.notices)),
    )


def _step(step: Step, advice: Advice) -> Step:
    notes = tuple(map(advice.spelled, step.notes))
    effects = tuple(replace(each, message=advice.spelled(each.message)) for each in step.effects)
    return replace(step, detail=advice.spelled(step.detail), notes=notes, effects=effects)


def advised_findings(found: tuple[Finding, ...], advice: Advice) -> tuple[Finding, ...]:
    """Findings in the words of a way in."""
    return tuple(
        replace(each, message=advice.spelled(each.message), hint=advice.spelled(each.hint)) for each in found
    )
