"""A plan as an HTML page: counts, graph, and all changes, with search and filters."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from controller.core.finding import Severity
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.plan import Plan, Step
from controller.output.action_words import COUNTED, LEGEND, calls_of, header, is_shown
from controller.output.graph import picture
from controller.output.html.frame import page_text
from controller.output.html.markup import (
    NOTHING,
    Drawing,
    Group,
    Html,
    Page,
    PageEntry,
    element,
    join_html,
    lines,
)
from controller.output.plan_text import body_lines, summary
from controller.output.svg import svg
from controller.output.terminal import Style, sign_of

_STYLE = Style(width=160)
_LABELS: Mapping[Action, str] = MappingProxyType(
    {
        Action.FORGET: "to forget",
        Action.WAIT: "waiting",
        Action.BLOCKED: "blocked",
        Action.NOOP: "informational",
    }
)


def plan_page(plan: Plan, version: str, *, full: bool = False) -> str:
    """The page as one file. The plan must have gone through ``Redactor.plan``."""
    shown = [step for step in plan.steps if is_shown(step)]
    anchors = {step.id: f"c{number}" for number, step in enumerate(shown, 1)}
    stays = [step for step in plan.steps if step.id not in anchors]
    quiet = {step.id: f"q{number}" for number, step in enumerate(stays, 1)}
    held = {each: required.message for required in plan.confirmations for each in required.deletions}
    there = {step.action for step in shown}
    return page_text(
        Page(
            title=f"sagectl plan of set {plan.set}",
            lead=tuple(summary(plan, _STYLE)),
            facts=tuple(_facts(plan, version)),
            notices=tuple(_notices(plan)),
            groups=tuple(_group(action) for action in (*LEGEND, Action.NOOP) if action in there),
            entries=tuple(_entry(step, anchors, held.get(step.id, ""), full=full) for step in shown),
            drawings=tuple(_drawings(plan, {**quiet, **anchors})),
            quiet=tuple((quiet[step.id], step.id) for step in stays),
            nothing="No changes.",
        )
    )


def _facts(plan: Plan, version: str) -> Iterator[tuple[str, str]]:
    yield "account", plan.identity.account
    yield "region", plan.identity.region
    yield "set", plan.set
    yield "fingerprint", plan.fingerprint
    yield "made by", f"sagectl {version}"


def _notices(plan: Plan) -> Iterator[tuple[str, str]]:
    for required in plan.confirmations:
        yield "!", f"Not executed: {required.message}"
    for each in plan.notices:
        yield "i", f"Note: {each}"
    for finding in plan.preflight:
        yield "!" if finding.severity is Severity.ERROR else "i", f"Preflight: {finding}"
    for step in plan.blocked:
        yield sign_of(step.action), f"Blocked: {step.id}: {step.detail}"
    for address, reason in plan.along.items():
        yield "i", f"{address} is {reason}"


def _group(action: Action) -> Group:
    return Group(action.name.lower(), sign_of(action), COUNTED.get(action) or _LABELS[action])


def _entry(step: Step, anchors: Mapping[str, str], held: str, *, full: bool) -> PageEntry:
    return PageEntry(
        anchor=anchors[step.id],
        kind=step.ref.kind,
        name=step.id.partition("/")[2],
        sign=sign_of(step.action),
        groups=(step.action.name.lower(),),
        summary=header(step).removeprefix(step.id).strip(),
        notes=(*(effect.message for effect in step.effects), *(["not executed"] if held else [])),
        body=join_html(_body(step, anchors, held, full=full)),
    )


def _body(step: Step, anchors: Mapping[str, str], held: str, *, full: bool) -> Iterator[Html]:
    if step.detail and step.why is not Reason.SUPERSEDED:
        yield element("p", step.detail, class_="why")
    if held:
        yield element("p", f"not executed: {held}", class_="why")
    changed = body_lines(step, _STYLE, full=full)
    if changed:
        yield lines(changed)
    yield _list("effects", "»", [effect.message for effect in step.effects])
    yield _list("blind", "?", [note[2:] for note in step.notes if note.startswith("? ")])
    yield _list("notes", "i", [note for note in step.notes if not note.startswith("? ")])
    yield _step_facts(step, anchors)


def _list(name: str, sign: str, lines: list[str]) -> Html:
    items = (element("li", element("b", sign, aria_hidden="true"), " ", each) for each in lines)
    return element("ul", *items, class_=name) if lines else NOTHING


def _step_facts(step: Step, anchors: Mapping[str, str]) -> Html:
    """Further facts about a step."""
    lines: list[tuple[str, str]] = []
    if step.action.acts or step.calls:
        lines.append(("calls", calls_of(step)))
    if step.arn:
        lines.append(("ARN", step.arn))
    needs = [_link(need, anchors) for need in sorted(step.needs)]
    if needs:
        lines.append(("after", join_html(needs, ", ")))
    lines.append(("reason", step.why.value))
    return element(
        "dl", *(element("div", element("dt", name), element("dd", value)) for name, value in lines)
    )


def _link(need: str, anchors: Mapping[str, str]) -> Html:
    return element("a", need, href=f"#{anchors[need]}") if need in anchors else element("span", need)


def _drawings(plan: Plan, links: Mapping[str, str]) -> Iterator[Drawing]:
    part = picture(plan, everything=False)
    yield Drawing(Html(svg(part, links, "tip-part")), len(part.nodes), part.left)
    if part.left:
        whole = picture(plan, everything=True)
        yield Drawing(Html(svg(whole, links, "tip-whole")), len(whole.nodes), whole.left)
