"""A plan as the text of a comment: nothing sensitive, nothing that its reader takes for more than text."""

import re

from controller.engine.plan import Plan
from controller.notify.commit_status import line
from controller.notify.provider import Dialect
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style

_WIDTH = 120


def comment_text(plan: Plan, redactor: Redactor, *, revision: str, mark: str, of: Dialect) -> str:
    """A comment with the plan for a revision, as long as the forge takes it; a cut says how much is missing."""
    lines = plan_text(redactor.plan(plan), Style(_WIDTH)).rstrip("\n").split("\n")
    title = f"### Plan of {_code(plan.set)} at {_code(revision)}"
    return fitted(title, lines, of.hide(mark), of.most_comment)


def refusal_text(of: str, troubles: list[str], *, revision: str, mark: str, dialect: Dialect) -> str:
    """A comment that says why there is no plan for a revision."""
    title = f"### No plan of {_code(of)} at {_code(revision)}"
    return fitted(title, [line(each, 1000) for each in troubles], dialect.hide(mark), dialect.most_comment)


def fitted(title: str, lines: list[str], mark: str, most: int) -> str:
    """Title, lines in a fence, the hidden line; lines at the end give way to a count.

    Forges count characters; bytes are never fewer.
    """
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    kept = len(lines)
    text = _joined(title, lines, kept, fence, mark)
    while kept and len(text.encode()) > most:
        over = len(text.encode()) - most
        while kept and over > 0:
            kept -= 1
            over -= len(lines[kept].encode()) + 1
        text = _joined(title, lines, kept, fence, mark)
    return text


def _joined(title: str, lines: list[str], kept: int, fence: str, mark: str) -> str:
    cut = f"\n{len(lines) - kept} of {len(lines)} lines are left out here; `sagectl plan` shows all.\n"
    parts = [title, "", f"{fence}text", *lines[:kept], fence, cut if kept < len(lines) else "", mark, ""]
    return "\n".join(parts)


def _code(text: str) -> str:
    """A text of others as code in a line: there, nothing is a link, a mention or HTML."""
    return f"`{line(text, 200).replace('`', chr(39))}`"
