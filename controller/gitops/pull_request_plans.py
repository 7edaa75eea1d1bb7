"""Plans of open pull requests: which ones to plan, and the read-only plan."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from controller.core.cloud import Call, CloudError, CloudWrapper, Fault, Json
from controller.core.finding import Code, Finding
from controller.engine.plan import Plan, PlanResult
from controller.engine.reconcile import reconcile
from controller.engine.shared_reads import SharedReads
from controller.gitops.account import Account, allowed_secrets
from controller.gitops.apply_pass import counts, order_of
from controller.gitops.artifact import InvalidRevision, SourceArtifact, compile_snapshot, here
from controller.gitops.sync import Sync, SyncContext
from controller.inventory.model import InventoryError
from controller.notify.comments import comment_text, marker, refusal_text
from controller.notify.delivery import DeliveryResult
from controller.notify.provider import CommitState, Status
from controller.notify.pull_requests import PullRequest
from controller.notify.repository import Forge, open_pull_requests
from controller.output.redact import Redactor
from controller.runtime.throttling import LONG
from controller.source.git.errors import RetryTrigger, SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector


@dataclass(frozen=True)
class Unplanned:
    """Why there is no plan of a revision; ``passes``: the cause may be transient."""

    revision: str
    findings: tuple[Finding, ...]
    passes: bool = False


@dataclass(frozen=True)
class ReadOnlyCloud(CloudWrapper):
    """A read-only cloud: it refuses every changing call."""

    def call(self, call: Call) -> Json:
        """Make one read call.

        Raises:
            CloudError: AWS refused it, or it would change something.

        """
        if call.changes:
            raise CloudError(Fault.DENIED, "ReadOnly", "a plan changes nothing", call.operation)
        return self.cloud.call(call)


def head_of(sync: Sync, context: SyncContext, request: PullRequest) -> SourceArtifact | Unplanned:
    """The documents at the head of a pull request."""
    source = replace(sync.source, selector=RevisionSelector(RevisionForm.REF, request.ref))
    found = context.mirrors.fetch_snapshot(source, stop=context.stop)
    if isinstance(found, SourceFailure):
        return Unplanned(
            found.revision or request.sha, found.findings, found.retry_trigger is RetryTrigger.RETRY_SOON
        )
    tree = compile_snapshot(found, source, sync.variables, sync.advice, sync.default_tags)
    return Unplanned(tree.revision, tree.findings) if isinstance(tree, InvalidRevision) else tree


def preview(sync: Sync, context: SyncContext, tree: SourceArtifact, *, fork: bool) -> Plan:
    """Plan a pull request's documents. Those of a fork read no secret, whatever the sync allows.

    Raises:
        CloudError: the identity could not be read.
        InventoryError: the inventory can't be read.

    """
    nothing = frozenset[str]()
    reader = replace(sync, secret_env=nothing, secret_files=nothing, secret_names=nothing) if fork else sync
    store, cloud = context.host.inventory_reader(sync), ReadOnlyCloud(context.host.cloud(sync, LONG))
    secrets, now = allowed_secrets(reader, context), context.clock.wall()
    account = Account(
        cloud,
        store,
        context.tool,
        secrets,
        context.concurrency,
        SharedReads(context.clock.now),
        now,
        context.restrictions,
        preflight=context.preflight,
    )
    order = order_of(sync, tree, account, prune=sync.prune)
    return reconcile(tree.bundle, cloud, store, lambda _: False, order).plan


_MOST = 20  # plans in one pass of a sync: each costs a fetch and reads of the account
_NOTHING = "no change"
_STATES = {
    PlanResult.NO_CHANGES: CommitState.SUCCESS,
    PlanResult.CHANGES: CommitState.SUCCESS,
    PlanResult.BLOCKED: CommitState.FAILURE,
    PlanResult.ERRORED: CommitState.FAILURE,
}
_BRANCHES = "refs/heads/"


@dataclass(frozen=True)
class PullRequestSettings:
    """Where a sync's plans of pull requests are reported, under which name, and whether those of forks are."""

    forge: Forge
    context: str
    forks: bool
    redactor: Callable[[], Redactor]


@dataclass(frozen=True)
class PullRequestReport:
    """The report on a pull request: a comment (which may only go over an older one), and a commit's status."""

    number: int
    mark: str
    text: str
    status: Status | None
    edit_only: bool = False


@dataclass
class Review:
    """The planning of one sync's pull requests. ``base`` returns the sync's current desired state, for comparison."""

    sync: Sync
    context: SyncContext
    rules: PullRequestSettings
    base: Callable[[], SourceArtifact | None]
    due: float = 0.0
    _seen: dict[int, tuple[str, str]] = field(default_factory=dict)
    _key: str = ""

    def pass_over(self) -> tuple[PullRequestReport, ...] | DeliveryResult:
        """Plan the new and changed open pull requests.

        Raises:
            CloudError: the identity could not be read.
            InventoryError: the inventory can't be read, or is in use.

        """
        base = self.base()
        if base is None:
            return ()
        found = open_pull_requests(self.rules.forge)
        if isinstance(found, DeliveryResult):
            return found
        ours = [each for each in found if self._is_reviewed(each)]
        self._seen = {each.number: self._seen[each.number] for each in ours if each.number in self._seen}
        unplanned = [each for each in ours if self._seen.get(each.number) != (each.sha, base.key)]
        return tuple(self._pull_request_report(each, base) for each in unplanned[:_MOST])

    def _is_reviewed(self, request: PullRequest) -> bool:
        ours = followed_branch(self.sync.source.selector) == request.base
        return ours and (self.rules.forks or not request.fork)

    def _pull_request_report(self, request: PullRequest, base: SourceArtifact) -> PullRequestReport:
        tree = head_of(self.sync, self.context, request)
        plan = tree if isinstance(tree, Unplanned) else self._plan_tree(tree, fork=request.fork)
        if isinstance(plan, Unplanned):
            report = self._refusal(request, plan)
        else:
            same = isinstance(tree, SourceArtifact) and tree.key == base.key
            report = self._plan(request, plan, tree.revision, edit_only=same)
        if not (isinstance(plan, Unplanned) and plan.passes):
            self._seen[request.number] = (request.sha, base.key)
        return report

    def _plan_tree(self, tree: SourceArtifact, *, fork: bool) -> Plan | Unplanned:
        try:
            return preview(self.sync, self.context, tree, fork=fork)
        except (CloudError, InventoryError) as error:
            return Unplanned(tree.revision, (Finding(Code.UNREACHABLE, str(error)),), passes=True)

    def _plan(self, request: PullRequest, plan: Plan, revision: str, *, edit_only: bool) -> PullRequestReport:
        redactor, dialect = self.rules.redactor(), self.rules.forge.dialect
        mark = self._mark()
        text = comment_text(plan, redactor, revision=revision, mark=mark, of=dialect)
        status = self._status(revision, _STATES[plan.result], summary(plan))
        return PullRequestReport(request.number, mark, text, status, edit_only=edit_only)

    def _refusal(self, request: PullRequest, why: Unplanned) -> PullRequestReport:
        redactor, dialect = self.rules.redactor(), self.rules.forge.dialect
        lines = [redactor.text(str(finding)) for finding in why.findings]
        mark = self._mark()
        text = refusal_text(self.sync.owner, lines, revision=why.revision, mark=mark, dialect=dialect)
        status = self._status(why.revision, CommitState.FAILURE, here("; ".join(lines), why.revision))
        return PullRequestReport(request.number, mark, text, status)

    def _status(self, revision: str, state: CommitState, text: str) -> Status | None:
        try:
            return Status(revision, self.rules.context, state, text)
        except ValueError:  # Bitbucket Cloud shows only a part of the id, and the head could not be read
            return None

    def _mark(self) -> str:
        """The hidden line of our comments. It depends on the inventory's key, so a new inventory is saved first."""
        if not self._key:
            host = self.context.host
            store, who = host.inventory_reader(self.sync), host.cloud(self.sync, LONG).identity
            with store.lock():
                held = store.load(who.account, who.region)
                if not held.entries:
                    store.save(held)
            self._key = held.key
        return marker(self.sync.owner, self._key)


def followed_branch(selector: RevisionSelector) -> str:
    """The branch that a sync follows; empty where it follows something else."""
    if selector.by is RevisionForm.REF and selector.name.startswith(_BRANCHES):
        return selector.name.removeprefix(_BRANCHES)
    return selector.name if selector.by is RevisionForm.BRANCH else ""


def summary(plan: Plan) -> str:
    """The summary of a plan: its actions, the number of blocked steps, and the confirmations that it needs."""
    blocked = f"blocked {len(plan.blocked)}" if plan.blocked else ""
    message = ", ".join(filter(None, [counts(plan.after_approval), blocked])) or _NOTHING
    return "; ".join([message, *(required.message.partition(";")[0] for required in plan.confirmations)])
