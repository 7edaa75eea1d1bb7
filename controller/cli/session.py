"""The session of one run: account, inventory, and the covered sources.

The name of a path inside a git repository consists of the repository (its ``origin``, else nothing) and the path in it;
elsewhere it is the path below the working folder, or else absolute. Standard input has one name.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from controller.cli.errors import Refused, inventory_hint, refusal_of
from controller.cli.options import STATE, Options
from controller.cli.output import Output
from controller.cli.saved_plan import bound_inputs
from controller.core.cloud import Cloud, Identity
from controller.core.finding import Code
from controller.engine.order import Order
from controller.engine.restrictions import Restrictions
from controller.inventory.file_store import FileInventoryStore, Recovering, with_recovery
from controller.inventory.model import InventoryError, LockedInventoryStore, guard_writes
from controller.inventory.observation_cache import (
    SUFFIX,
    ObservationCache,
    ObservationFile,
    ObservationObject,
)
from controller.inventory.views import PartialView
from controller.manifests.bundle import Bundle
from controller.manifests.files import STDIN
from controller.runtime.tracing import trace_cloud

_log = logging.getLogger("sagectl.observation")
_STDIN = "stdin:"
_ORIGIN = re.compile(r'^\[remote "origin"\]\s*$(?:\n(?!\[).*)*?\n\s*url\s*=\s*(\S+)', re.MULTILINE)


@dataclass(frozen=True)
class Paths:
    """A ``Coverage`` of files and folders, each with its path and its machine-independent name."""

    roots: tuple[tuple[Path, str], ...] = ()
    stdin: bool = False

    @classmethod
    def of(cls, paths: Iterable[str]) -> "Paths":
        """The coverage of the paths of a command line."""
        given = tuple(paths)
        files = (Path(path).resolve() for path in given if path != "-")
        return cls(tuple((path, _sandbox_address(path)) for path in files), "-" in given)

    def source(self, file: str) -> str:
        """The machine-independent name of a file, by the path through which it was read."""
        if file == STDIN:
            return _STDIN
        path = Path(file).resolve()
        for root, name in self.roots:
            if path.is_relative_to(root):
                return "/".join([name.rstrip("/"), *path.relative_to(root).parts])
        return _sandbox_address(path)

    def covers(self, source: str) -> bool:
        """Whether a file of that name is one of the paths, or below one."""
        if source == _STDIN:
            return self.stdin
        return any(source == name or source.startswith(f"{name.rstrip('/')}/") for _, name in self.roots)


def _sandbox_address(path: Path) -> str:
    above = (path, *path.parents)
    repository = next((each for each in above if (each / ".git").exists()), None)
    if repository is not None:
        return "/".join([f"repo:{_origin_name(repository)}", *path.relative_to(repository).parts])
    here = Path.cwd()
    if path.is_relative_to(here):
        return "/".join(["file:.", *path.relative_to(here).parts])
    return f"file:{path.as_posix()}"


def _origin_name(repository: Path) -> str:
    """The name of the repository's origin, which is the same for ssh and https."""
    try:
        text = _config(repository / ".git").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = _ORIGIN.search(text)
    return re.split(r"[/:]", found[1].rstrip("/"))[-1].removesuffix(".git") if found else ""


def _config(marker: Path) -> Path:
    """The config file of a clone, a work tree or a submodule (gitrepository-layout(5)).

    Raises:
        OSError: it can't be read.

    """
    if marker.is_dir():
        return marker / "config"
    message = marker.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
    folder = marker.parent / message
    common = folder / "commondir"
    return (folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder) / "config"


_DEFAULT_ACCOUNT, _DEFAULT_REGION = "123456789012", "us-east-1"


@dataclass(frozen=True)
class RunSession:
    """The cloud, inventory and order of one run."""

    cloud: Cloud
    store: LockedInventoryStore
    order: Order


@contextmanager
def open_run(options: Options, tree: Bundle, out: Output, *, destroy: bool = False) -> Iterator[RunSession]:
    """Connect, check the account, and open the inventory, or the tree's part of it.

    Raises:
        CloudError: the identity could not be read.
        Refused: it is another account than the tree's settings name, or the inventory can't be trusted.

    """
    if options.part:
        out.warn(
            f"only a part of the tree of {options.guard.file}: other resources of its set are not changed"
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
            bound=bound_inputs(options),
            preflight=options.preflight,
            observation_interval=options.observation_interval,
        )
        try:
            whole = inventory_store(options, cloud, options.set)
            if left := _left_behind(options, cloud):
                out.warn(left)
            if found := next(filter(Path.exists, whole.recovery_paths), None):
                out.warn(f"{found} holds what an earlier run could not write; it is read with the inventory")
            kept = PartialView(whole, frozenset(tree.resources)) if options.part else whole
            order = replace(order, observations=observation_cache(options, cloud, options.set, out.warn))
            yield RunSession(guard_writes(cloud, kept), kept, order)
        except InventoryError as error:
            other = "" if "in use" in str(error) else "name another with --inventory, or another --set"
            raise refusal_of(Code.INVENTORY, str(error), inventory_hint(error, other)) from error


@contextmanager
def account(options: Options) -> Iterator[Cloud]:
    """Connect, and check the account.

    Raises:
        CloudError: the identity could not be read.
        Refused: it is another account than the settings name.

    """
    with _cloud(options) as cloud:
        _guard(options, cloud.identity)
        yield trace_cloud(cloud)


@contextmanager
def _cloud(options: Options) -> Iterator[Cloud]:
    from controller.aws import connect, rate_limiters

    if not options.sandbox:
        yield connect(
            region=options.region,
            profile=options.profile,
            role_arn=options.role_arn,
            external_id=options.external_id,
            endpoint_url=options.endpoint_url,
            limiters=rate_limiters(options.endpoint_url, options.rate_limits),
        )
        return
    with local_sandbox(options.region, options.guard.account, options.sandbox_pace, options.state) as cloud:
        yield cloud


@contextmanager
def local_sandbox(
    region: str | None, account: str | None, pace: float, state: Path = STATE
) -> Iterator[Cloud]:
    """A sandbox inside this process, its state in the given folder."""
    from controller.aws import connect
    from controller.sandbox import Knobs, Sandbox, StateFileError, WallClock

    where = region or os.environ.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    _make_writable(state)
    try:
        sandbox = Sandbox(
            account=account or _DEFAULT_ACCOUNT,
            region=where,
            clock=WallClock(),
            knobs=Knobs(pace=pace),
            state=state / "sandbox.sqlite",
        )
    except StateFileError as error:
        raise Refused(str(error), "move the file away to begin with an empty sandbox") from None
    try:
        yield connect(region=where, attach=sandbox.attach)
    finally:
        sandbox.close()


def _make_writable(state: Path) -> None:
    """Create the folder of the sandbox's state, or refuse it before the database fails."""
    try:
        state.mkdir(exist_ok=True)
        denied = "" if os.access(state, os.W_OK | os.X_OK) else "it may not be written"
    except OSError as error:
        denied = str(error.strerror)
    if denied:
        hint = "change into a folder that may be written, and call it with --sandbox and the path of the documents"
        if state != STATE:
            hint = "sagectl.yaml has `sandbox: true`: copy its folder to where it may be written"
        raise Refused(f"the sandbox keeps its state in {state.absolute()}: {denied}", hint)


def _guard(options: Options, who: Identity) -> None:
    settings = options.guard
    for what, desired, found in (
        ("account", settings.account, who.account),
        ("region", settings.region, who.region),
    ):
        if desired and desired != found:
            message = f"{settings.file} is for {what} {desired}, and the credentials lead to {found}"
            raise refusal_of(Code.WRONG_ACCOUNT, message, "choose others with --profile or --role-arn")


def inventory_store(options: Options, cloud: Cloud, of: str) -> Recovering:
    """The store of a set's inventory: a file or an S3 object, by its name or in a folder for several sets.

    Raises:
        Refused: it can't be stored there.

    """
    inventory = _address(options, cloud, of)
    if not inventory.startswith("s3://"):
        file = FileInventoryStore(Path(inventory), of)
        return with_recovery(file, inventory, file.target(), options.state)
    from controller.inventory.s3_store import S3InventoryStore, parse_s3_location

    try:
        store = S3InventoryStore(cloud, parse_s3_location(inventory), of)
        return with_recovery(store, inventory, None, options.state)
    except ValueError as error:
        raise refusal_of(Code.INVENTORY, str(error), f"--inventory says {inventory}") from None


def _left_behind(options: Options, cloud: Cloud) -> str:
    """The message if an earlier version left the tree's inventory in the working folder; empty if it did not."""
    here = STATE / _file(cloud.identity, options.set, sandbox=options.sandbox)
    there = options.state / here.name
    if options.inventory or there.exists() or not here.exists():
        return ""
    return f"{here} is not read: the inventory of {options.guard.file} is {there}; move the file if it is this tree's"


def observation_cache(
    options: Options, cloud: Cloud, of: str, warn: Callable[[str], None] = _log.warning
) -> ObservationCache:
    """The observations of earlier runs of a set, stored beside its inventory."""
    inventory = _address(options, cloud, of)
    if inventory.startswith("s3://"):
        from controller.inventory.s3_store import parse_s3_location

        address = parse_s3_location(inventory + SUFFIX).address
        return ObservationCache(ObservationObject(cloud, address), warn, options.refresh)
    target = FileInventoryStore(Path(inventory), of).target()
    return ObservationCache(ObservationFile(target.with_name(target.name + SUFFIX)), warn, options.refresh)


def _address(options: Options, cloud: Cloud, of: str) -> str:
    """The name of a set's inventory: a file, or an object in S3."""
    inventory = options.inventory or f"{options.state}/"
    if inventory.endswith("/"):
        inventory += _file(cloud.identity, of, sandbox=options.sandbox)
    return inventory


def _file(who: Identity, of: str, *, sandbox: bool) -> str:
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in of)
    return f"inventory-{safe}-{who.account}-{who.region}{'-sandbox' if sandbox else ''}.json"
