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
def opened(options: Options, tree: Bundle, out: Output, *, destroy: bool = False) -> Iterator[Opened]:
    """Connect, see that it is the right account, and find the inventory, or the tree's part of it.

    Raises:
        CloudError: who we are could not be asked.
        Refused: it is another account than the tree's settings name, or the inventory can't be trusted.

    """
    if options.part:
        out.warn(
            f"a part of the tree that {options.guard.file} is for: what else its set holds is left alone"
        )
    with account(options) as cloud:
        order = Order(
            set=options.set,
            prune=options.prune,
            destroy=destroy,
            confirm_deletes=options.confirm_deletes,
            confirm_delete=frozenset(options.confirm_delete),
            at=time.time(),
            coverage=Paths.of(options.paths),
            part=options.part,
            restrictions=Restrictions(default_tags=options.default_tags, ignored_tags=options.ignore_tags),
            secrets=out.secrets,
            bound=bound(options),
        )
        try:
            whole = memory(options, cloud, options.set)
            if found := next(filter(Path.exists, whole.places), None):
                out.warn(f"{found} holds what an earlier run could not write; it is read with the inventory")
            kept = Part(whole, frozenset(tree.resources)) if options.part else whole
            yield Opened(guarded(cloud, kept), kept, order)
        except InventoryError as error:
            hint = "" if "in use" in str(error) else "name another with --inventory, or another --set"
            raise refused(Code.INVENTORY, str(error), hint) from error


@contextmanager
def account(options: Options) -> Iterator[Cloud]:
    """Connect, and see that it is the right account.

    Raises:
        CloudError: who we are could not be asked.
        Refused: it is another account than the settings name.

    """
    with _cloud(options) as cloud:
        _guard(options, cloud.identity)
        yield cloud


@contextmanager
def _cloud(options: Options) -> Iterator[Cloud]:
    from controller.aws import connect

    if not options.sandbox:
        yield connect(
            region=options.region,
            profile=options.profile,
            role_arn=options.role_arn,
            external_id=options.external_id,
            endpoint_url=options.endpoint_url,
        )
        return
    with embedded(options.region, options.guard.account, options.sandbox_pace) as cloud:
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


def _guard(options: Options, who: Identity) -> None:
    settings = options.guard
    for what, wanted, found in (
        ("account", settings.account, who.account),
        ("region", settings.region, who.region),
    ):
        if wanted and wanted != found:
            message = f"{settings.file} is for {what} {wanted}, and the credentials lead to {found}"
            raise refused(Code.WRONG_ACCOUNT, message, "choose others with --profile or --role-arn")


def memory(options: Options, cloud: Cloud, of: str) -> Recovering:
    """Where a set's inventory is kept: a file or an object, by its name or in a folder for several.

    Raises:
        Refused: it can't be kept there.

    """
    inventory = options.inventory or f"{STATE}/"
    if inventory.endswith("/"):
        inventory += _file(cloud.identity, of, sandbox=options.sandbox)
    if not inventory.startswith("s3://"):
        file = FileMemory(Path(inventory), of)
        return recovering(file, inventory, file.target(), STATE)
    from controller.inventory.s3_store import S3Memory, parse_s3_location

    try:
        return recovering(S3Memory(cloud, parse_s3_location(inventory), of), inventory, None, STATE)
    except ValueError as error:
        raise refused(Code.INVENTORY, str(error), f"--inventory says {inventory}") from None


def _file(who: Identity, of: str, *, sandbox: bool) -> str:
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in of)
    return f"inventory-{safe}-{who.account}-{who.region}{'-sandbox' if sandbox else ''}.json"
