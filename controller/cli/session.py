"""The door to the account and the memory of the set, opened for one run."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.cli.coverage import Paths
from controller.cli.errors import Refused, refused
from controller.cli.options import STATE, Options
from controller.cli.output import Output
from controller.cli.plan_inputs import bound
from controller.core.cloud import Cloud, Identity
from controller.core.finding import Code
from controller.engine.reconcile import Order
from controller.engine.restrictions import Restrictions
from controller.inventory.file_store import FileMemory
from controller.inventory.lock import Keeper, guarded
from controller.inventory.model import InventoryError
from controller.inventory.partial_view import Part
from controller.inventory.recovery import Recovering, recovering
from controller.manifests.bundle import Bundle

_DEFAULT_ACCOUNT, _DEFAULT_REGION = "123456789012", "us-east-1"


@dataclass(frozen=True)
class Opened:
    """What a run works with."""

    cloud: Cloud
    memory: Keeper
    order: Order


@contextmanager
def opened(asked: Options, tree: Bundle, out: Output, *, destroy: bool = False) -> Iterator[Opened]:
    """Connect, see that it is the right account, and find the inventory, or the tree's part of it.

    Raises:
        CloudError: who we are could not be asked.
        Refused: it is another account than the tree's settings name, or the inventory can't be trusted.

    """
    if asked.part:
        out.warn(f"a part of the tree that {asked.guard.file} is for: what else its set holds is left alone")
    with account(asked) as cloud:
        order = Order(
            set=asked.set,
            prune=asked.prune,
            destroy=destroy,
            confirm_deletes=asked.confirm_deletes,
            confirm_delete=frozenset(asked.confirm_delete),
            at=time.time(),
            coverage=Paths.of(asked.paths),
            part=asked.part,
            restrictions=Restrictions(default_tags=asked.default_tags, ignored_tags=asked.ignore_tags),
            secrets=out.secrets,
            bound=bound(asked),
        )
        try:
            whole = memory(asked, cloud, asked.set)
            if found := next(filter(Path.exists, whole.places), None):
                out.warn(
                    f"{found} holds what an earlier run could not write down; it is read with the inventory"
                )
            kept = Part(whole, frozenset(tree.resources)) if asked.part else whole
            yield Opened(guarded(cloud, kept), kept, order)
        except InventoryError as error:
            hint = "" if "in use" in str(error) else "name another with --inventory, or another --set"
            raise refused(Code.INVENTORY, str(error), hint) from error


@contextmanager
def account(asked: Options) -> Iterator[Cloud]:
    """Connect, and see that it is the right account.

    Raises:
        CloudError: who we are could not be asked.
        Refused: it is another account than the settings name.

    """
    with _cloud(asked) as cloud:
        _guard(asked, cloud.identity)
        yield cloud


@contextmanager
def _cloud(asked: Options) -> Iterator[Cloud]:
    from controller.aws import connect

    if not asked.sandbox:
        yield connect(
            region=asked.region,
            profile=asked.profile,
            role_arn=asked.role_arn,
            external_id=asked.external_id,
            endpoint_url=asked.endpoint_url,
        )
        return
    with embedded(asked.region, asked.guard.account, asked.sandbox_pace) as cloud:
        yield cloud


@contextmanager
def embedded(region: str | None, account: str | None, pace: float) -> Iterator[Cloud]:
    """A sandbox inside this process, its state in the working folder."""
    from controller.aws import connect
    from controller.sandbox import Knobs, Sandbox, WallClock

    where = region or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    _writable_state()
    sandbox = Sandbox(
        account=account or _DEFAULT_ACCOUNT,
        region=where,
        clock=WallClock(),
        knobs=Knobs(pace=pace),
        state=STATE / "sandbox.sqlite",
    )
    try:
        yield connect(region=where, attach=sandbox.attach)
    finally:
        sandbox.close()


def _writable_state() -> None:
    """Make the folder of the sandbox's state, or refuse before the database fails in it."""
    try:
        STATE.mkdir(exist_ok=True)
        denied = "" if os.access(STATE, os.W_OK | os.X_OK) else "it may not be written"
    except OSError as error:
        denied = str(error.strerror)
    if denied:
        hint = "change into a folder that may be written; documents are given by their path"
        raise Refused(f"the sandbox keeps its state in {STATE.absolute()}: {denied}", hint)


def _guard(asked: Options, who: Identity) -> None:
    told = asked.guard
    for what, wanted, found in (("account", told.account, who.account), ("region", told.region, who.region)):
        if wanted and wanted != found:
            message = f"{told.file} is for {what} {wanted}, and the credentials lead to {found}"
            raise refused(Code.WRONG_ACCOUNT, message, "choose others with --profile or --role-arn")


def memory(asked: Options, cloud: Cloud, of: str) -> Recovering:
    """Where a set's inventory is kept: a file or an object, by its name or in a folder for several.

    Raises:
        Refused: it can't be kept there.

    """
    told = asked.inventory or f"{STATE}/"
    if told.endswith("/"):
        told += _file(cloud.identity, of, sandbox=asked.sandbox)
    if not told.startswith("s3://"):
        file = FileMemory(Path(told), of)
        return recovering(file, told, file.target(), STATE)
    from controller.inventory.s3_store import S3Memory, place

    try:
        return recovering(S3Memory(cloud, place(told), of), told, None, STATE)
    except ValueError as error:
        raise refused(Code.INVENTORY, str(error), f"--inventory says {told}") from None


def _file(who: Identity, of: str, *, sandbox: bool) -> str:
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in of)
    return f"inventory-{safe}-{who.account}-{who.region}{'-sandbox' if sandbox else ''}.json"
