"""A plan as text, in Terraform's style. The same plan gives the same bytes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.finding import Severity
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.compare import is_empty
from controller.engine.observed import is_foreign_tag
from controller.engine.plan import Plan, PlanResult, Step
from controller.insight.call_budget import count_mutating_calls, reads
from controller.output.action_words import COUNTED, LEGEND, calls_of, forcing_note, header, is_shown
from controller.output.change_tree import ChangeTree
from controller.output.terminal import Style, escape_unprintable, sign_of
from controller.schema.contract import Contract, contract

_WIDE = 100


def plan_text(plan: Plan, style: Style, *, full: bool = False) -> str:
    """The whole plan. It must have gone through ``Redactor.plan`` before."""
    shown = [step for step in plan.steps if is_shown(step)]
    unconfirmed = {each: required.message for required in plan.confirmations for each in required.deletions}
    legend = _legend(shown, style)
    blocks = [legend] if legend else []
    blocks += [step_lines(step, style, unconfirmed.get(step.id, ""), full=full) for step in shown]
    blocks += [_selection_lines(plan, style)] if plan.along else []
    blocks += [_confirmations(plan, style)] if plan.confirmations else []
    blocks += [_notices(plan, style)] if plan.notices else []
    blocks += [_preflight(plan, style)] if plan.preflight else []
    blocks.append(summary(plan, style))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _legend(shown: Iterable[Step], style: Style) -> list[str]:
    there = {step.action for step in shown}
    lines = [
        f"  {style.sign(sign_of(action).rjust(3))} {label}"
        for action, label in LEGEND.items()
        if action in there
    ]
    return ["Legend:", *lines] if lines else []


def step_lines(step: Step, style: Style, unconfirmed: str = "", *, full: bool = False) -> list[str]:
    """The lines of one step; ``unconfirmed`` is the missing confirmation, if any."""
    lines = [style.paint(line, "bold") for line in style.wrap(header(step), "  #   ", "  # ")]
    detail = "" if step.why is Reason.SUPERSEDED else step.detail
    for reason in (detail, f"not executed: {unconfirmed}" if unconfirmed else ""):
        if reason:
            lines += style.wrap(reason, "  #   ", "  #   ")
    if step.action in (Action.WAIT, Action.BLOCKED, Action.FORGET, Action.NOOP) and not step.changes:
        return lines + _notes(step, style)
    return [
        *lines,
        *_title(step, style),
        *body_lines(step, style, full=full),
        *_notes(step, style),
        *_calls(step, style),
    ]


def _title(step: Step, style: Style) -> list[str]:
    """The step with its ARN, on two lines if one is too narrow."""
    sign = sign_of(step.action)
    arn = escape_unprintable(step.arn) if step.arn not in step.id else ""
    title = f"  {style.sign(sign)} {step.id}"
    if len(f"  {sign} {step.id}  {arn}") <= style.width:
        return [f"{title}  {arn}".rstrip()]
    return [title, f"      {style.fit(arn, 6)}"]


def body_lines(step: Step, style: Style, *, full: bool) -> list[str]:
    """The changes of a step's resource, by member."""
    kind_contract = contract(step.ref.kind)
    tree = ChangeTree(kind_contract, style, forcing_note(step))
    if step.changes:
        return tree.changes(step.changes, step.after)
    if step.action is Action.CREATE and step.after is not None:
        return tree.all_members({**step.after, **own_tags(step)}, kind_contract.spec, "+")
    if step.action is Action.DELETE and step.before is not None:
        going = _declarable(step.before, kind_contract)
        return (
            tree.all_members(going, kind_contract.body, "-")
            if full
            else tree.scalar_members(going, kind_contract.body, "-")
        )
    return []


def _declarable(body: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """The members of a live body that documents have."""
    return {
        name: body[name] for name in sorted(contract.settable) if name in body and not is_empty(body[name])
    }


def own_tags(step: Step) -> dict[str, dict[str, str]]:
    """The person's own tags of a new resource."""
    own = {key: value for key, value in step.tags_after.items() if not is_foreign_tag(key)}
    return {"Tags": own} if own else {}


def _notes(step: Step, style: Style) -> list[str]:
    lines: list[str] = []
    for effect in step.effects:
        lines += style.wrap(effect.message, "      ", f"    {style.sign('»')} ")
    for note in step.notes:
        sign, rest = ("?", note[2:]) if note.startswith("? ") else ("i", note)
        lines += style.wrap(rest, "      ", f"    {style.sign(sign)} ")
    return lines


def _calls(step: Step, style: Style) -> list[str]:
    if not (step.action.acts or step.calls):
        return []
    return style.wrap(calls_of(step), "      ", "    calls: ")


def _selection_lines(plan: Plan, style: Style) -> list[str]:
    """The documents that a choice of targets included or excluded, and why."""
    lines: list[str] = []
    for address, reason in plan.along.items():
        lines += style.wrap(f"{address} is {reason}", "      ", f"  {style.sign('i')} ")
    return lines


def _confirmations(plan: Plan, style: Style) -> list[str]:
    lines: list[str] = []
    for required in plan.confirmations:
        lines += style.wrap(f"Not executed: {required.message}", "    ", f"  {style.sign('!')} ")
    return lines


def _notices(plan: Plan, style: Style) -> list[str]:
    return [
        line for each in plan.notices for line in style.wrap(f"Note: {each}", "    ", f"  {style.sign('i')} ")
    ]


def _preflight(plan: Plan, style: Style) -> list[str]:
    lines = ["Preflight:"]
    for each in plan.preflight:
        sign = style.sign("!" if each.severity is Severity.ERROR else "i")
        lines += style.wrap(str(each), "    ", f"  {sign} ")
    return lines


def summary(plan: Plan, style: Style) -> list[str]:
    """The last lines: the numbers of actions and of calls."""
    where = f"account {plan.identity.account}, {plan.identity.region}, set {plan.set}"
    waiting = plan.counts().get(Action.WAIT, 0)
    if not (plan.acting or plan.blocked or waiting or _count_withheld(plan) or plan.confirmations):
        return _without_changes(plan, where, style)
    if plan.result is PlanResult.BLOCKED:
        need = f"{len(plan.blocked)} resource{' needs' if len(plan.blocked) == 1 else 's need'} manual action"
        return [
            *_bold_head("Blocked:", f"{need}, and there is nothing else to do ({where}).", style),
            *_excluded_lines(plan),
        ]
    counts = {action: sum(step.action is action for step in plan.acting) for action in COUNTED}
    numbers = {
        **{label: counts[action] for action, label in COUNTED.items()},
        "blocked": len(plan.blocked),
        "waiting": waiting,
        "reported only": _count_withheld(plan),
        "not executed": sum(len(required.deletions) for required in plan.confirmations),
    }
    parts = [f"{number} {label}" for label, number in numbers.items() if number]
    lines = _bold_head("Plan:", f"{', '.join(parts)}.", style)
    return [*lines, *_summary_line(f"{_api_calls(plan)} ({where}).", style), *_excluded_lines(plan)]


def _without_changes(plan: Plan, where: str, style: Style) -> list[str]:
    label = (
        "The selected resources match the configuration"
        if _excluded_lines(plan)
        else "The account matches the configuration"
    )
    kept = sum(step.why is Reason.NOT_REMOVABLE for step in plan.steps)
    ended = sum(step.why is Reason.READY and bool(step.detail) for step in plan.steps)
    parts = [
        *([f"{kept} resource{' keeps' if kept == 1 else 's keep'} what was dropped"] if kept else []),
        *([f"{ended} ended run{' differs' if ended == 1 else 's differ'}"] if ended else []),
    ]
    if parts:
        text = f"{' and '.join(parts)} ({where})."
        return [*_bold_head("Nothing can be changed:", text, style), *_excluded_lines(plan)]
    return [*_bold_head("No changes.", f"{label} ({where}).", style), *_excluded_lines(plan)]


def _api_calls(plan: Plan) -> str:
    """The numbers of calls; that of reads depends on how long AWS takes."""
    writes = count_mutating_calls(plan)
    if not writes:
        return "No write API calls"
    return f"{writes} write and about {reads(plan)} read API calls"


def _summary_line(text: str, style: Style) -> list[str]:
    """A line of the summary: unwrapped for programs, wrapped on a narrow terminal."""
    return [text] if style.width >= _WIDE else style.wrap(text, "", "")


def _bold_head(head: str, text: str, style: Style) -> list[str]:
    first, *more = _summary_line(f"{head} {text}", style)
    return [first.replace(head, style.paint(head, "bold"), 1), *more]


def _excluded_lines(plan: Plan) -> list[str]:
    left = sum(step.why is Reason.OUT_OF_SCOPE for step in plan.steps)
    return [f"{left} resource{'s are' if left > 1 else ' is'} excluded by the selection."] if left else []


def _count_withheld(plan: Plan) -> int:
    return sum(step.action.acts and bool(step.withheld) for step in plan.steps)


_SIGNED = re.compile(r"^(\s+)([+~!x=#-]|-/\+|\+/-)( .*)$")


@dataclass(frozen=True)
class Signed:
    """The indentation, the sign, and the rest."""

    indent: str
    sign: str
    rest: str


def parse_signed(line: str) -> Signed | None:
    """A line's parts; None if it has no sign."""
    found = _SIGNED.match(line)
    return Signed(*found.groups()) if found else None
