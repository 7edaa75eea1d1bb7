"""The addressees of a sync's reports, by its settings: the repository's Git provider, and a configured address.

Plain values, so that a change, such as a new token, is detected by comparison.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.gitops.commit_statuses import MessageRoute, StatusReporter, status_reporter
from controller.gitops.pull_request_plans import PullRequestSettings, followed_branch
from controller.gitops.sync import Sync
from controller.gitops.sync_file import SyncFileReader
from controller.notify.provider import Remote
from controller.notify.repository import PUBLIC, Forge, GitProvider, allowed
from controller.notify.webhook_message import Target
from controller.output.redact import Redactor
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import HttpClient, Send, tls_context

if TYPE_CHECKING:
    from controller.gitops.settings_syncs import SyncModel

Through = Callable[[Send], Send]


def _unchanged_send(send: Send) -> Send:
    return send


@dataclass(frozen=True)
class AllowedHosts:
    """The hosts that the operator of this process allows, as ``HOST`` or ``HOST:PORT``.

    Attributes:
        messages: allowed hosts of messages.
        reports: allowed hosts of Git providers' APIs, besides the public ones; None for all, where the settings belong
            to the person who runs this process.

    """

    messages: frozenset[str] = frozenset()
    reports: frozenset[str] | None = None

    def reports_to(self, host: GitProvider, api: str) -> bool:
        """Whether commit statuses may be sent to a Git provider at this address."""
        public = frozenset({PUBLIC[host]} if host in PUBLIC else ())
        return self.reports is None or allowed(api, self.reports | public)


@dataclass(frozen=True)
class Reporting:
    """Where commit statuses go, and plans of pull requests; ``context`` is the name of the statuses."""

    host: GitProvider
    remote: Remote
    ca: str
    context: str
    requests: bool = False
    forks: bool = False

    def forge(self, through: Through = _unchanged_send) -> Forge:
        """The repository at the Git provider; ``through`` may delay its requests.

        Raises:
            ValueError: ``ca`` is no certificate.

        """
        return Forge(self.host, self.remote, through(HttpClient(tls_context(self.ca))))

    def status_reporter(
        self, hide: Callable[[str], str], through: Through = _unchanged_send
    ) -> StatusReporter:
        """The reporter of commit statuses, with secrets removed by ``hide``."""
        return status_reporter(self.forge(through), self.context, hide)

    def rules(
        self, redactor: Callable[[], Redactor], through: Through = _unchanged_send
    ) -> PullRequestSettings:
        """How pull requests are reported."""
        return PullRequestSettings(self.forge(through), f"{self.context}/plan", self.forks, redactor)


@dataclass(frozen=True)
class Addressees:
    """All addressees of a sync."""

    report: Reporting | None = None
    message: Target | None = None

    def post(self, hide: Callable[[str], str], through: Through = _unchanged_send) -> MessageRoute | None:
        """Where messages go, if configured."""
        return MessageRoute(self.message, through(HttpClient()), hide) if self.message else None


@dataclass(frozen=True)
class ReportSettings:
    """``report`` of a sync; ``token`` and ``ca`` are references to secrets, the latter empty for the system's."""

    host: str
    api: str
    repository: str
    token: Mapping[str, Any]
    ca: Mapping[str, Any]
    user: str = ""
    context: str = ""
    pull_requests: bool = False
    forks: bool = False


@dataclass(frozen=True)
class MessageSettings:
    """``message`` of a sync; ``secret`` is a reference to the key that signs messages."""

    url: str
    secret: Mapping[str, Any]


@dataclass(frozen=True)
class Outgoing:
    """The report and message settings of a sync, by its name."""

    name: str
    report: ReportSettings | None = None
    message: MessageSettings | None = None


def addressees_of(
    model: "SyncModel", sync: Sync | None, reading: SyncFileReader, hosts: AllowedHosts
) -> Addressees:
    """The addressees of a sync of a file."""
    given, message = model.report, model.message
    report = (
        given
        if given is None
        else ReportSettings(
            given.host,
            given.api,
            given.repository,
            reading.reference(given.token),
            reading.reference(given.ca or model.ca),
            given.user,
            given.context,
            given.pull_requests,
            given.forks,
        )
    )
    target = message if message is None else MessageSettings(message.url, reading.reference(message.secret))
    return addressees(Outgoing(model.name, report, target), sync, reading, hosts)


def addressees(
    desired: Outgoing, sync: Sync | None, reading: SyncFileReader, hosts: AllowedHosts
) -> Addressees:
    """The addressees of a sync; ``hosts`` are the allowed ones. Errors are added to ``reading``."""
    name = desired.name
    made = _report(name, desired.report, reading, hosts) if desired.report else None
    target = _message(name, desired.message, reading, hosts.messages) if desired.message else None
    if made is not None and made.requests and sync is not None and not followed_branch(sync.source.selector):
        reading.report(f"sync {name}: pull requests are planned only for a sync that follows a branch")
    return Addressees(made, target)


def _report(
    name: str, report: ReportSettings, reading: SyncFileReader, hosts: AllowedHosts
) -> Reporting | None:
    what = f"sync {name}: report"
    if not hosts.reports_to(GitProvider(report.host), report.api):
        message = f"{what}: api has a host that is not allowed"
        reading.report(
            message, "the operator's --report-host, and allow.reportHosts of its tenants file, allow hosts"
        )
        return None
    try:
        token = SecretText(reading.secret_text(report.token, what))
        remote = Remote(report.api, report.repository, token, report.user)
        ca = reading.secret_text(report.ca, what)
        context = report.context or f"sagectl/{name}"
        found = Reporting(GitProvider(report.host), remote, ca, context, report.pull_requests, report.forks)
        found.forge()
    except ValueError as error:
        reading.report(f"{what}: {error}")
        return None
    return found


def _message(
    name: str, message: MessageSettings, reading: SyncFileReader, hosts: frozenset[str]
) -> Target | None:
    what = f"sync {name}: message"
    try:
        return Target(message.url, SecretText(reading.secret_text(message.secret, what)), hosts)
    except ValueError as error:
        reading.report(f"{what}: {error}", "messageHosts lists the hosts that are allowed")
        return None
