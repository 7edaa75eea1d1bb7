"""A plan as text, in Terraform's manner. The same plan gives the same bytes."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.core.phase import Action
from controller.engine.compare import is_empty
from controller.engine.ownership import foreign
from controller.engine.plan import Plan, PlanResult, Step, Why
from controller.insight.call_budget import mutating, reads
from controller.output.action_words import COUNTED, LEGEND, calls_of, forcing, header, shows
from controller.output.change_tree import Tree
from controller.output.terminal import Look, clean, sign_of
from controller.schema.contract import Contract, contract

_WIDE = 100


def plan_text(plan: Plan, look: Look, *, full: bool = False) -> str:
    """The whole plan. It must have gone through ``Redactor.plan`` before."""
    shown = [step for step in plan.steps if shows(step)]
    held = {each: brake.message for brake in plan.brakes for each in brake.held}
    legend = _legend(shown, look)
    blocks = [legend] if legend else []
    blocks += [step_lines(step, look, held.get(step.id, ""), full=full) for step in shown]
    blocks += [_along(plan, look)] if plan.along else []
    blocks += [_brakes(plan, look)] if plan.brakes else []
    blocks += [_notices(plan, look)] if plan.notices else []
    blocks.append(summary(plan, look))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _legend(shown: Iterable[Step], look: Look) -> list[str]:
    there = {step.action for step in shown}
    lines = [
        f"  {look.sign(sign_of(action).rjust(3))} {said}"
        for action, said in LEGEND.items()
        if action in there
    ]
    return ["Signs in this plan:", *lines] if lines else []


def step_lines(step: Step, look: Look, held: str = "", *, full: bool = False) -> list[str]:
    """What a plan says of one step; ``held`` is why a brake holds it back."""
    lines = [look.paint(line, "bold") for line in look.wrap(header(step), "  #   ", "  # ")]
    detail = "" if step.why is Why.SWEPT else step.detail
    for reason in (detail, f"held back: {held}" if held else ""):
        if reason:
            lines += look.wrap(reason, "  #   ", "  #   ")
    if step.action in (Action.WAIT, Action.BLOCKED, Action.FORGET, Action.NOOP) and not step.changes:
        return lines + _notes(step, look)
    return [
        *lines,
        *_title(step, look),
        *body_lines(step, look, full=full),
        *_notes(step, look),
        *_calls(step, look),
    ]


def _title(step: Step, look: Look) -> list[str]:
    """The step with its ARN, on two lines where one is too narrow."""
    sign = sign_of(step.action)
    arn = clean(step.arn) if step.arn not in step.id else ""
    title = f"  {look.sign(sign)} {step.id}"
    if len(f"  {sign} {step.id}  {arn}") <= look.width:
        return [f"{title}  {arn}".rstrip()]
    return [title, f"      {look.fit(arn, 6)}"]


def body_lines(step: Step, look: Look, *, full: bool) -> list[str]:
    """What changes of a step's resource, member by member."""
    told = contract(step.ref.kind)
    tree = Tree(told, look, forcing(step))
    if step.changes:
        return tree.changes(step.changes, step.after)
    if step.action is Action.CREATE and step.after is not None:
        return tree.whole({**step.after, **own_tags(step)}, told.spec, "+")
    if step.action is Action.DELETE and step.before is not None:
        going = _declared(step.before, told)
        return tree.whole(going, told.body, "-") if full else tree.short(going, told.body, "-")
    return []


def _declared(body: Mapping[str, Any], told: Contract) -> dict[str, Any]:
    """Of a live body, what documents speak of."""
    return {name: body[name] for name in sorted(told.written) if name in body and not is_empty(body[name])}


def own_tags(step: Step) -> dict[str, dict[str, str]]:
    """The person's own tags of a new resource."""
    own = {key: value for key, value in step.tags_after.items() if not foreign(key)}
    return {"Tags": own} if own else {}


def _notes(step: Step, look: Look) -> list[str]:
    lines: list[str] = []
    for effect in step.effects:
        lines += look.wrap(effect.message, "      ", f"    {look.sign('»')} ")
    for note in step.notes:
        sign, rest = ("?", note[2:]) if note.startswith("? ") else ("i", note)
        lines += look.wrap(rest, "      ", f"    {look.sign(sign)} ")
    return lines


def _calls(step: Step, look: Look) -> list[str]:
    if not (step.action.acts or step.calls):
        return []
    return look.wrap(calls_of(step), "      ", "    calls: ")


def _along(plan: Plan, look: Look) -> list[str]:
    """What a choice of targets brought along or left, and why."""
    lines: list[str] = []
    for address, reason in plan.along.items():
        lines += look.wrap(f"{address} is {reason}", "      ", f"  {look.sign('i')} ")
    return lines


def _brakes(plan: Plan, look: Look) -> list[str]:
    lines: list[str] = []
    for brake in plan.brakes:
        lines += look.wrap(f"Held back: {brake.message}", "    ", f"  {look.sign('!')} ")
    return lines


def _notices(plan: Plan, look: Look) -> list[str]:
    return [
        line for each in plan.notices for line in look.wrap(f"Note: {each}", "    ", f"  {look.sign('i')} ")
    ]


def summary(plan: Plan, look: Look) -> list[str]:
    """The last lines: how many of each, and how many calls."""
    where = f"account {plan.identity.account}, {plan.identity.region}, set {plan.set}"
    waiting = plan.counts().get(Action.WAIT, 0)
    if not plan.acting and not plan.blocked and not waiting and not _withheld(plan) and not plan.brakes:
        said = "Nothing of what was asked for differs" if _left(plan) else "What is declared is what is there"
        stuck = sum(step.why is Why.NOT_REMOVABLE for step in plan.steps)
        if stuck:
            keep = "1 resource keeps" if stuck == 1 else f"{stuck} resources keep"
            return [
                *_headed("Nothing can be changed:", f"{keep} what was dropped ({where}).", look),
                *_left(plan),
            ]
        return [*_headed("No changes.", f"{said} ({where}).", look), *_left(plan)]
    if plan.result is PlanResult.BLOCKED:
        need = f"{len(plan.blocked)} resource{' needs' if len(plan.blocked) == 1 else 's need'} a person"
        return [
            *_headed("Blocked:", f"{need}, and nothing else is to be done ({where}).", look),
            *_left(plan),
        ]
    counts = {action: sum(step.action is action for step in plan.acting) for action in COUNTED}
    parts = [f"{counts[action]} {said}" for action, said in COUNTED.items()]
    parts.append(f"{len(plan.blocked)} blocked")
    parts += [f"{waiting} waiting"] if waiting else []
    parts += [f"{count} reported only" for count in [_withheld(plan)] if count]
    parts += [f"{count} held back" for count in [sum(len(brake.held) for brake in plan.brakes)] if count]
    calls = mutating(plan)
    made = "1 call changes" if calls == 1 else f"{calls} calls change"
    about = f", about {reads(plan)} look at it" if calls else ""
    lines = _headed("Plan:", f"{', '.join(parts)}.", look)
    return [*lines, *_last(f"{made} the account{about} ({where}).", look), *_left(plan)]


def _last(text: str, look: Look) -> list[str]:
    """A line of the summary: whole where programs may look for it, in several on a narrow terminal."""
    return [text] if look.width >= _WIDE else look.wrap(text, "", "")


def _headed(head: str, text: str, look: Look) -> list[str]:
    first, *more = _last(f"{head} {text}", look)
    return [first.replace(head, look.paint(head, "bold"), 1), *more]


def _left(plan: Plan) -> list[str]:
    left = sum(step.why is Why.UNASKED for step in plan.steps)
    return [f"{left} resource{'s are' if left > 1 else ' is'} left alone, as asked for."] if left else []


def _withheld(plan: Plan) -> int:
    return sum(step.action.acts and bool(step.withheld) for step in plan.steps)
