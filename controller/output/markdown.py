"""A plan for a pull request: a table of counts, and one folded block for each step, within a comment's length.

GitHub refuses comments of more than 65,536 characters, so the rest is omitted and counted.
"""

import re
from collections.abc import Iterator, Sequence

from controller.engine.plan import Plan, Step
from controller.output.action_words import LEGEND, header, is_shown
from controller.output.plan_text import parse_signed, step_lines, summary
from controller.output.terminal import Style, escape_unprintable, sign_of

LIMIT = 65_536
_ROOM = 2_000  # for the head, the end and the marks of omitted parts
_STYLE = Style(width=110)
_MOST_LINES = 20
_LONGEST = 12_000  # of one step, so that one document does not displace all others
_TICKS = re.compile(r"`{3,}")


def plan_markdown(plan: Plan, version: str) -> str:
    """The plan as Markdown. It must have gone through ``Redactor.plan``."""
    shown = [step for step in plan.steps if is_shown(step)]
    unconfirmed = {each: required.message for required in plan.confirmations for each in required.deletions}
    head = _head(plan)
    end = f"<sub>fingerprint `{plan.fingerprint}` · sagectl {version}</sub>\n"
    left = LIMIT - _ROOM - len(head) - len(end)
    blocks: list[str] = []
    for step in shown:
        block = _block(step, unconfirmed.get(step.id, ""))
        if len(block) > left:
            break
        left -= len(block)
        blocks.append(block)
    return head + "".join(blocks) + _omitted_note(shown[len(blocks) :]) + end


def _head(plan: Plan) -> str:
    first, *rest = [escape_unprintable(line) for line in summary(plan, _STYLE)]
    lines = [f"### sagectl: {_literal(first)}", "", *(_literal(line) for line in rest), ""]
    entries = [f"{_literal(address)} is {_literal(reason)}" for address, reason in plan.along.items()]
    entries += [f"**Not executed:** {_literal(required.message)}" for required in plan.confirmations]
    entries += [f"**Note:** {_literal(each)}" for each in plan.notices]
    entries += [f"**Preflight:** {_literal(str(each))}" for each in plan.preflight]
    entries += [f"**Blocked:** {_literal(step.id)}: {_literal(step.detail)}" for step in plan.blocked]
    lines += [f"- {each}" for each in entries[:_MOST_LINES]]
    lines += [f"- and {len(entries) - _MOST_LINES} more like this"] if len(entries) > _MOST_LINES else []
    return "\n".join(lines) + "\n\n"


def _block(step: Step, unconfirmed: str) -> str:
    lines = list(_diff(step_lines(step, _STYLE, unconfirmed)[1:]))
    text = "\n".join(lines)
    if len(text) > _LONGEST:
        kept = text[:_LONGEST].rsplit("\n", 1)[0]
        text = f"{kept}\n# … {len(lines) - kept.count(chr(10)) - 1} more lines of this step were cut"
    fence = "`" * (max((len(found) for found in _TICKS.findall(text)), default=2) + 1)
    effects = "".join(f" · {escape_unprintable(effect.message)}" for effect in step.effects)
    title = _escape_html(escape_unprintable(header(step)) + effects)
    sign = _escape_html(sign_of(step.action) or " ")
    return f"<details><summary><code>{sign}</code> {title}</summary>\n\n{fence}diff\n{text}\n{fence}\n\n</details>\n\n"


def _diff(lines: Sequence[str]) -> Iterator[str]:
    """The lines with signs at the beginning, where GitHub colours them."""
    for line in lines:
        found = parse_signed(line)
        if not found:
            yield line
            continue
        mark = {"~": "!", "x": "-"}.get(found.sign, found.sign)
        yield f"{mark}{found.indent[len(mark) :] if len(found.indent) > len(mark) else ''}{found.rest}"


def _omitted_note(left: Sequence[Step]) -> str:
    if not left:
        return ""
    counts = {label: sum(step.action is action for step in left) for action, label in LEGEND.items()}
    message = ", ".join(f"{count} to {label.split(',')[0]}" for label, count in counts.items() if count)
    return f"**{len(left)} more steps do not fit here** ({message}). `sagectl plan` shows them all.\n\n"


def _literal(text: str) -> str:
    """Untrusted text as literal text: no markup, and no mention of a user."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", escape_unprintable(text)).replace("@", "@<!-- -->")


def _escape_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "@<!-- -->")
