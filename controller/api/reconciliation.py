"""Documents, plans and reconciliation for programs in Python: ``from controller import load, plan, reconcile``.

The functions do what ``sagectl validate``, ``plan`` and ``apply`` do, without reading ``sagectl.yaml`` and without
printing. They are safe to call from any thread, one at a time for each inventory.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.aws import connect
from controller.core.cloud import Cloud
from controller.core.finding import Finding, errors, in_order
from controller.core.secret import SecretError
from controller.engine.converge import later_consent, run
from controller.engine.in_flight import Waiter
from controller.engine.order import Order
from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile as reconcile_once
from controller.engine.report import Report
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import LockedInventoryStore, guard_writes
from controller.inventory.s3_store import S3InventoryStore, parse_s3_location
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load as load_documents
from controller.output.redact import Redactor
from controller.runtime.redaction import SHORTEST

_NO_VALUES: Mapping[str, Any] = {}
_S3 = "s3://"


class DocumentsError(Exception):
    """The documents have errors; ``findings`` holds all of them, with file, line and column."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True)
class AwsConnection:
    """The account to work on; what is left out follows the environment, as in boto3.

    Attributes:
        region: AWS region.
        profile: a profile of the AWS configuration files.
        role_arn: a role to assume for all calls.
        external_id: the external ID that the role requires.
        endpoint_url: an address in place of AWS's, such as that of ``sagectl sandbox``.
        attach: given the botocore session before the first client is made: ``Sandbox().attach`` for a sandbox in this
            process.

    """

    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    attach: Callable[[Any], None] | None = None


_ENVIRONMENT = AwsConnection()


def load(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    variables: Mapping[str, Any] = _NO_VALUES,
) -> Bundle:
    """Read and check documents; AWS is not called.

    Args:
        paths: a file or a folder, or several.
        variables: values for ``${var.NAME}``.

    Returns:
        The documents with their dependencies, in the order of these.

    Raises:
        DocumentsError: something is wrong with them; nothing may be done with such a tree.

    """
    several = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    loaded = load_documents([os.fspath(each) for each in several], variables=variables)
    built = bundle(loaded.documents)
    wrong = errors(in_order((*loaded.findings, *built.findings)))
    if wrong:
        raise DocumentsError(wrong)
    return built


def plan(
    tree: Bundle,
    connection: AwsConnection = _ENVIRONMENT,
    *,
    inventory: str = "inventory.json",
    set: str = "default",  # noqa: A002 - the product's word
    prune: bool = False,
    secrets: Callable[[Mapping[str, Any]], str] | None = None,
) -> Plan:
    """The changes that ``reconcile`` would make, without secrets in them; nothing is changed.

    Args:
        tree: what ``load`` returned.
        connection: the account.
        inventory: the file, or ``s3://BUCKET/KEY``, that records what the set manages.
        set: the owner of the resources.
        prune: whether resources of the set that have no document are deleted.
        secrets: returns the value of a reference such as ``{"env": "NAME"}``.

    Raises:
        CloudError: the account could not be reached (``controller.core.cloud``).
        InventoryError: the inventory can't be read (``controller.inventory.model``).

    """
    cloud, store = _open_account(connection, inventory, set)
    read = _Secrets(secrets)
    order = Order(set=set, prune=prune, at=time.time(), secrets=read)
    return read.redactor.plan(reconcile_once(tree, cloud, store, lambda _: False, order).plan)


def reconcile(
    tree: Bundle,
    connection: AwsConnection = _ENVIRONMENT,
    *,
    approve: Callable[[Plan], bool],
    inventory: str = "inventory.json",
    set: str = "default",  # noqa: A002 - the product's word
    prune: bool = False,
    secrets: Callable[[Mapping[str, Any]], str] | None = None,
    timeout: float = 3600.0,
    poll: float | None = None,
) -> Report:
    """Bring the account to what the documents say, and wait until AWS is done.

    Args:
        tree: what ``load`` returned.
        connection: the account.
        approve: given the plan, without secrets in it; nothing is changed unless it returns True.
        inventory: as for ``plan``.
        set: as for ``plan``.
        prune: as for ``plan``.
        secrets: as for ``plan``.
        timeout: seconds after which waiting ends.
        poll: seconds between reads while AWS works; without it they follow from the time that AWS takes.

    Returns:
        The report of the last pass; its ``convergence`` is whether all is settled.

    Raises:
        PlanMoved: the account changed since the plan was approved (``controller.engine.converge``).
        CloudError, InventoryError: as for ``plan``.

    """
    cloud, store = _open_account(connection, inventory, set)
    read = _Secrets(secrets)
    order = Order(set=set, prune=prune, at=time.time(), secrets=read)
    with store.lock():
        report = reconcile_once(tree, cloud, store, lambda _: False, order)
        if approve(read.redactor.plan(report.plan)):
            consent = later_consent(report.plan)
            report = run(
                lambda earlier: reconcile_once(tree, cloud, store, consent, order, earlier=earlier),
                cloud,
                Waiter(time.monotonic, poll),
                wait=time.sleep,
                timeout=timeout,
            )
    return read.redactor.report(report)


class _Secrets:
    """Reads secrets by the caller's function, and remembers them so that nothing shows them."""

    def __init__(self, read: Callable[[Mapping[str, Any]], str] | None) -> None:
        self._read, self._known = read, set[str]()

    def __call__(self, reference: Mapping[str, Any]) -> str:
        if self._read is None:
            raise SecretError("a document refers to a secret, and no function `secrets` is given")
        text = self._read(reference)
        if len(text) >= SHORTEST:
            self._known.add(text)
        return text

    @property
    def redactor(self) -> Redactor:
        return Redactor(frozenset(self._known))


def _open_account(connection: AwsConnection, inventory: str, of: str) -> tuple[Cloud, LockedInventoryStore]:
    cloud = connect(
        region=connection.region or os.environ.get("AWS_REGION"),  # boto3 reads AWS_DEFAULT_REGION
        profile=connection.profile,
        role_arn=connection.role_arn,
        external_id=connection.external_id,
        endpoint_url=connection.endpoint_url,
        attach=connection.attach,
    )
    store: LockedInventoryStore
    if inventory.startswith(_S3):
        store = S3InventoryStore(cloud, parse_s3_location(inventory), of)
    else:
        store = FileInventoryStore(Path(inventory), of)
    return guard_writes(cloud, store), store
