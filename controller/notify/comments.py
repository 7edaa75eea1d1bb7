"""One comment on a pull request: found by its hidden line, edited, or made."""

from dataclasses import dataclass

from controller.core.digest import keyed
from controller.notify.delivery import UNCHANGED, DeliveryResult, Fate, read
from controller.notify.provider import Comment
from controller.notify.repository import Forge
from controller.runtime.http_client import Response

_MOST_PAGES = 20
_TOO_MANY = "the pull request has more comments than are read, so the existing comment cannot be found"
_UNREAD = "the list of comments cannot be read"


@dataclass(frozen=True)
class Found:
    """Our comment, or none, after all were read."""

    comment: Comment | None


def marker(of: str, key: str) -> str:
    """The words of the hidden line of a sync's comment.

    They depend on a key (the inventory's), so that nobody can post them before us; the oldest comment that holds
    them is ours, so that nobody gains by repeating them later.
    """
    return f"sagemaker-gitops plan {keyed(key, of)[:32]}"


def upsert(forge: Forge, number: int, mark: str, text: str, *, edit_only: bool = False) -> DeliveryResult:
    """Try once to have a text stand as our one comment; with ``edit_only`` where there is one already.

    The search is part of each attempt: whether a comment that was never confirmed is there is seen, not guessed.
    ``text`` must hold the hidden line.
    """
    dialect, remote = forge.dialect, forge.remote
    found = _find(forge, number, mark)
    if isinstance(found, DeliveryResult):
        return found
    if found.comment is None and edit_only:
        return UNCHANGED
    if found.comment is None:
        return forge.judged(forge.ask(dialect.create(remote, number, text)))
    if _same(found.comment.text, text):
        return UNCHANGED
    return forge.judged(forge.ask(dialect.edit(remote, number, found.comment, text)))


def _find(forge: Forge, number: int, mark: str) -> Found | DeliveryResult:
    dialect, page = forge.dialect, forge.dialect.first_page
    ours: list[Comment] = []
    for _ in range(_MOST_PAGES):
        answer = forge.ask(dialect.comments(forge.remote, number, page))
        result = forge.judged(answer)
        if result.fate is not Fate.DONE:
            return result
        listed = dialect.page(read(answer), page) if isinstance(answer, Response) else None
        if listed is None:
            return DeliveryResult(Fate.LATER, _UNREAD)
        ours += [comment for comment in listed.comments if mark in comment.text]
        page = listed.next
        if not page or (ours and dialect.oldest_first):
            return Found(min(ours, key=lambda each: each.id, default=None))
    return DeliveryResult(Fate.LOST, _TOO_MANY)


def _same(there: str, text: str) -> bool:
    """Whether two texts differ in no more than what forges do to the ends of lines."""
    return there.replace("\r\n", "\n").strip() == text.strip()
