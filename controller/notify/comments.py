"""One comment per pull request: its text, and creating or updating it."""

import re
from dataclasses import dataclass

from controller.core.digest import keyed_digest
from controller.engine.plan import Plan
from controller.notify.delivery import UNCHANGED, DeliveryOutcome, DeliveryResult, read
from controller.notify.provider import Comment, ForgeApi, line
from controller.notify.repository import Forge
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.runtime.http_client import Response

_WIDTH = 120


def comment_text(plan: Plan, redactor: Redactor, *, revision: str, mark: str, of: ForgeApi) -> str:
    """A comment with the plan for a revision, within the provider's limit; a cut shows how much is missing."""
    lines = plan_text(redactor.plan(plan), Style(_WIDTH)).rstrip("\n").split("\n")
    title = f"### Plan of {_code(plan.set)} at {_code(revision)}"
    return fit_comment(title, lines, of.hide(mark), of.most_comment)


def refusal_text(of: str, problems: list[str], *, revision: str, mark: str, dialect: ForgeApi) -> str:
    """A comment about why there is no plan for a revision."""
    title = f"### No plan of {_code(of)} at {_code(revision)}"
    return fit_comment(
        title, [line(each, 1000) for each in problems], dialect.hide(mark), dialect.most_comment
    )


def fit_comment(title: str, lines: list[str], mark: str, most: int) -> str:
    """Title, lines in a code block, and the hidden line; excess lines are replaced by a count.

    Providers count characters, of which there are never more than bytes.
    """
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    kept = len(lines)
    text = _join_parts(title, lines, kept, fence, mark)
    while kept and len(text.encode()) > most:
        over = len(text.encode()) - most
        while kept and over > 0:
            kept -= 1
            over -= len(lines[kept].encode()) + 1
        text = _join_parts(title, lines, kept, fence, mark)
    return text


def _join_parts(title: str, lines: list[str], kept: int, fence: str, mark: str) -> str:
    cut = f"\n{len(lines) - kept} of {len(lines)} lines are left out here; `sagectl plan` shows all.\n"
    parts = [title, "", f"{fence}text", *lines[:kept], fence, cut if kept < len(lines) else "", mark, ""]
    return "\n".join(parts)


def _code(text: str) -> str:
    """Untrusted text as inline code, so that nothing is a link, a mention or HTML."""
    return f"`{line(text, 200).replace('`', chr(39))}`"


_MOST_PAGES = 20
_TOO_MANY = "the pull request has more comments than are read, so the existing comment cannot be found"
_UNREAD = "the list of comments cannot be read"


@dataclass(frozen=True)
class FoundComment:
    """Our comment, or None, after all comments were read."""

    comment: Comment | None


def marker(of: str, key: str) -> str:
    """The text of the hidden line of a sync's comment.

    It depends on a key (the inventory's), so that nobody else can post it before us; the oldest comment with it is
    ours, so that copying it later has no effect.
    """
    return f"sagemaker-gitops plan {keyed_digest(key, of)[:32]}"


def upsert(forge: Forge, number: int, mark: str, text: str, *, edit_only: bool = False) -> DeliveryResult:
    """Try once to create or update our comment; with ``edit_only`` only update it.

    Each attempt searches for it, so that a comment whose creation was not confirmed is found. ``text`` must contain the
    hidden line.
    """
    dialect, remote = forge.dialect, forge.remote
    found = _find(forge, number, mark)
    if isinstance(found, DeliveryResult):
        return found
    if found.comment is None and edit_only:
        return UNCHANGED
    if found.comment is None:
        return forge.result_of_response(forge.request(dialect.create(remote, number, text)))
    if _is_equal(found.comment.text, text):
        return UNCHANGED
    return forge.result_of_response(forge.request(dialect.edit(remote, number, found.comment, text)))


def _find(forge: Forge, number: int, mark: str) -> FoundComment | DeliveryResult:
    dialect, page = forge.dialect, forge.dialect.first_page
    ours: list[Comment] = []
    for _ in range(_MOST_PAGES):
        answer = forge.request(dialect.comments(forge.remote, number, page))
        result = forge.result_of_response(answer)
        if result.outcome is not DeliveryOutcome.DONE:
            return result
        listed = dialect.page(read(answer), page) if isinstance(answer, Response) else None
        if listed is None:
            return DeliveryResult(DeliveryOutcome.LATER, _UNREAD)
        ours += [comment for comment in listed.comments if mark in comment.text]
        page = listed.next
        if not page or (ours and dialect.oldest_first):
            return FoundComment(min(ours, key=lambda each: each.id, default=None))
    return DeliveryResult(DeliveryOutcome.FAILED, _TOO_MANY)


def _is_equal(there: str, text: str) -> bool:
    """Whether two texts are equal except for line endings, which providers change."""
    return there.replace("\r\n", "\n").strip() == text.strip()
