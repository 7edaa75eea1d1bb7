"""What would be done if a pull request were merged: read only, by the sync's own settings, never by the request's."""

from dataclasses import dataclass, replace

from controller.core.cloud import Call, Cloud, CloudError, Fault, Identity, Json
from controller.core.finding import Finding
from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile
from controller.gitops.account import Account
from controller.gitops.allowed_secrets import allowed
from controller.gitops.apply_pass import order_of
from controller.gitops.artifact import Tree, Unfit, compiled
from controller.gitops.context import SyncContext
from controller.gitops.sync_spec import Sync
from controller.notify.pull_requests import PullRequest
from controller.source.git.errors import Again, Refused
from controller.source.git.wanted_revision import By, Wanted


@dataclass(frozen=True)
class Unplanned:
    """Why there is no plan, and of which revision; ``passes``: it may go better at the next look."""

    revision: str
    findings: tuple[Finding, ...]
    passes: bool = False


@dataclass(frozen=True)
class Reading:
    """A cloud that is only read: a change is refused here, whatever asks for it."""

    cloud: Cloud

    @property
    def identity(self) -> Identity:
        """The account and region."""
        return self.cloud.identity

    def call(self, call: Call) -> Json:
        """Make one call that changes nothing.

        Raises:
            CloudError: AWS refused it, or it would change something.

        """
        if call.changes:
            raise CloudError(Fault.DENIED, "ReadOnly", "a plan changes nothing", call.operation)
        return self.cloud.call(call)


def head_of(sync: Sync, context: SyncContext, request: PullRequest) -> Tree | Unplanned:
    """The documents at the head of a pull request."""
    source = replace(sync.source, wanted=Wanted(By.REF, request.ref))
    found = context.mirrors.fetch_snapshot(source, stop=context.stop)
    if isinstance(found, Refused):
        return Unplanned(found.revision or request.sha, found.findings, found.again is Again.SOON)
    tree = compiled(found, source, sync.variables, sync.advice, sync.default_tags)
    return Unplanned(tree.revision, tree.findings) if isinstance(tree, Unfit) else tree


def preview(sync: Sync, context: SyncContext, tree: Tree, *, fork: bool) -> Plan:
    """Plan a pull request's documents. What comes from a fork reads no secret, whatever the sync allows.

    Raises:
        CloudError: who we are could not be asked.
        InventoryError: the inventory can't be read.

    """
    nothing = frozenset[str]()
    reader = replace(sync, secret_env=nothing, secret_files=nothing, secret_names=nothing) if fork else sync
    memory, cloud = context.memory(sync), Reading(context.cloud(sync))
    secrets, now = allowed(reader, context), context.clock.wall()
    account = Account(cloud, memory, context.tool, secrets, now, context.restrictions)
    order = order_of(sync, tree, account, prune=sync.prune)
    return reconcile(tree.bundle, cloud, memory, lambda _: False, order).plan
