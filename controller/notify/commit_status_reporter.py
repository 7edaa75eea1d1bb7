"""Commit statuses, sent when they change and not again."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from controller.notify.delivery import DONE, UNCHANGED, DeliveryOutcome, DeliveryResult, read
from controller.notify.provider import CommitState, ForgeStatus, Status
from controller.notify.repository import Forge
from controller.runtime.http_client import Response, Unreachable

_MOST_REMEMBERED = 1000
_DESCRIPTION_LIMIT = 500  # GitHub takes 1000 for a commit and a context, others of our processes included
_BAD_REQUEST, _NOT_FOUND = 400, 404
_MOST_PAGES = 10
_SPENT = "the commit has the maximum number of statuses, one thousand"
_SAME = "Cannot transition status"


@dataclass
class _Known:
    current: ForgeStatus | None
    report_count: int = 0
    doubtful: bool = False


class Statuses:
    """The statuses that were sent for a repository's commits.

    The first status of a commit reads the current state, so that a restart or a job that runs each minute sends nothing
    twice. ``PENDING`` is only sent for a commit without a verdict. Not thread-safe.
    """

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def publish(self, status: Status) -> DeliveryResult:
        """Try once to set a status, if it changed."""
        known = self._known_statuses(status)
        if isinstance(known, DeliveryResult):
            return known
        dialect = self._forge.dialect
        desired = ForgeStatus(dialect.states[status.state], dialect.description(status))
        if known.current == desired or (status.state is CommitState.PENDING and self._has_verdict(known)):
            return UNCHANGED
        if known.report_count >= _DESCRIPTION_LIMIT:
            return DeliveryResult(DeliveryOutcome.FAILED, _SPENT)
        result = self._write_status(status)
        if result.outcome is DeliveryOutcome.DONE:
            known.current, known.report_count = desired, known.report_count + 1
        elif result.outcome is DeliveryOutcome.LATER:
            known.doubtful = True  # it may have been set: read it before the next attempt
        return result

    def _known_statuses(self, status: Status) -> "_Known | DeliveryResult":
        key = (status.sha, status.context)
        known = self._known.get(key)
        if known is None or known.doubtful:
            current = self._current_state(status)
            if isinstance(current, DeliveryResult):
                return current
            self._known[key] = _Known(current, known.report_count if known else 0)
        self._known.move_to_end(key)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return self._known[key]

    def _current_state(self, status: Status) -> "ForgeStatus | DeliveryResult | None":
        """The current state; ours may be listed after those of many others."""
        api_request, seen = self._forge.dialect.request(self._forge.remote, status), 0
        for page in range(1, _MOST_PAGES + 1):
            request = (
                replace(api_request, path=f"{api_request.path}&page={page}") if page > 1 else api_request
            )
            answer = self._forge.request(request)
            if isinstance(answer, Response) and answer.status == _NOT_FOUND:
                return None
            result = self._forge.result_of_response(answer)
            if isinstance(answer, Unreachable) or result.outcome is not DeliveryOutcome.DONE:
                return result
            found = self._forge.dialect.current_state(read(answer), status)
            listed, total = _status_counts(answer) if self._forge.dialect.pages else (0, 0)
            seen += listed
            if found or not listed or seen >= total:
                return found
        return None

    def _has_verdict(self, known: _Known) -> bool:
        names = self._forge.dialect.states
        verdicts = {names[CommitState.SUCCESS], names[CommitState.FAILURE]}
        return known.current is not None and known.current.state in verdicts

    def _write_status(self, status: Status) -> DeliveryResult:
        answer = self._forge.request(self._forge.dialect.write(self._forge.remote, status))
        content = self._forge.result_of_response(answer)
        if (
            content.outcome is DeliveryOutcome.FAILED
            and isinstance(answer, Response)
            and self._previous_state(answer, status)
        ):
            return DONE
        return content

    def _previous_state(self, answer: Response, status: Status) -> bool:
        """Whether GitLab refused a status because it is set already (packit-service 741)."""
        if answer.status != _BAD_REQUEST or _SAME.encode() not in answer.body:
            return False
        now = self._current_state(status)
        return isinstance(now, ForgeStatus) and now.state == self._forge.dialect.states[status.state]


def _status_counts(answer: Response) -> tuple[int, int]:
    """The number of statuses of a page, and of all; Gitea's ``total_count`` is that of the page."""
    document = read(answer)
    if not isinstance(document, dict) or not isinstance(document.get("statuses"), list):
        return 0, 0
    total = answer.headers.get("x-total-count") or str(document.get("total_count"))
    return len(document["statuses"]), int(total[:9]) if total.isascii() and total.isdigit() else 0
