"""All open pull requests of a repository, or why they can't be told: half a list must not look whole."""

from controller.notify.delivery import DeliveryResult, Fate, read
from controller.notify.pull_requests import PullRequest
from controller.notify.repository import Forge
from controller.runtime.http_client import Response

_MOST_PAGES = 10
_UNREAD = "the list of pull requests cannot be read"


def opened(forge: Forge) -> tuple[PullRequest, ...] | DeliveryResult:
    """Ask for them once; of a repository with more than five hundred, those that the forge tells first."""
    dialect, page = forge.dialect, forge.dialect.first_page
    found: list[PullRequest] = []
    for _ in range(_MOST_PAGES):
        answer = forge.ask(dialect.requests(forge.remote, page))
        result = forge.judged(answer)
        if result.fate is not Fate.DONE:
            return result
        listed = dialect.opened(read(answer), page) if isinstance(answer, Response) else None
        if listed is None:
            return DeliveryResult(Fate.LATER, _UNREAD)
        found += listed.requests
        page = listed.next
        if not page:
            break
    return tuple(found)
