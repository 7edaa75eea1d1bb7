"""Settings from the command line, else from the tree's ``sagectl.yaml``, else the default."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.cli.errors import Refused, refusal_of
from controller.core.finding import Code, errors
from controller.gitops.settings import NO_SETTINGS, Settings, read_settings, read_values
from controller.manifests.document import NO_TAGS, IgnoredTags, Mode
from controller.manifests.files import reads
from controller.manifests.interpolation import with_sensitive

_HOUR = 3600.0
_PACE = 90.0  # an endpoint of the sandbox takes two seconds instead of three minutes
_OFF = frozenset({"", "0", "false"})  # of the variable CI
STATE = Path(".sagectl")


@dataclass(frozen=True)
class Options:
    """The options of a command, with defaults filled in. Times are in seconds.

    ``poll`` is None where the time between status checks follows from how long they have gone on.
    """

    paths: tuple[str, ...]
    variables: Mapping[str, Any]
    set: str = "default"
    inventory: str | None = None
    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    rate_limits: Mapping[str, float] = field(default_factory=dict)
    sandbox: bool = False
    sandbox_pace: float = _PACE
    prune: bool = False
    destroy: bool = False
    mode: str = Mode.APPLY.value
    confirm_deletes: int | None = None
    confirm_delete: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    values: str | None = None
    timeout: float = _HOUR
    poll: float | None = None
    part: bool = False
    default_tags: Mapping[str, str] = field(default_factory=dict)
    ignore_tags: IgnoredTags = NO_TAGS
    strict: bool = False
    preflight: bool = False
    refresh: bool = False
    observation_interval: float = 0.0
    guard: Settings = NO_SETTINGS
    state: Path = STATE

    @property
    def by_approval(self) -> bool:
        """Whether the set changes nothing but what was approved."""
        return self.mode == Mode.PLAN.value


def options(args: argparse.Namespace) -> Options:
    """Combine options and settings.

    Raises:
        Refused: the settings or values can't be read, or contradict the command line.

    """
    settings = _settings(args)
    document = {name: value for name, value in vars(args).items() if value is not None and value is not False}
    given = {**_environment_text(), **settings.chosen(), **document}
    if (settings.part and not document.get("prune")) or document.get("destroy"):
        given["prune"] = False  # what the paths leave out is not gone, and a destruction deletes by document
    _check(given, document, settings, args.paths)
    given["rate_limits"] = dict(given.get("rate_limits", {}))
    for name in ("targets", "excludes", "confirm_delete"):
        given[name] = tuple(sorted(set(given.get(name, ()))))
    names = set(Options.__dataclass_fields__) - {"paths", "variables", "guard", "part", "strict", "state"}
    return Options(
        paths=tuple(args.paths),
        variables=with_sensitive(
            {**settings.variables, **given_variables(args)}, settings.sensitive_variables
        ),
        part=settings.part and not given.get("prune"),
        strict=_is_strict(args),
        guard=settings,
        state=_state(settings, sandbox=bool(document.get("sandbox"))),
        **{name: given[name] for name in names if name in given},
    )


def _settings(args: argparse.Namespace) -> Settings:
    settings, findings = read_settings(args.paths)
    if errors(findings):
        raise Refused(findings=findings)
    return settings


def _state(settings: Settings, *, sandbox: bool) -> Path:
    """The folder of the state: beside the tree's settings; where there are none, or for --sandbox, where one works."""
    here = not settings.file or (sandbox and not settings.given.get("sandbox"))
    return STATE if here else Path(settings.file).parent / STATE


def _environment_text() -> dict[str, str]:
    """AWS_REGION, which the AWS CLI and the other SDKs read and boto3 does not."""
    region = os.environ.get("AWS_REGION")
    return {"region": region} if region else {}


def _is_strict(args: argparse.Namespace) -> bool:
    """Whether skipped documents are errors: by ``--strict``, else where CI is set, as all CI systems do."""
    chosen: bool | None = getattr(args, "strict", None)
    return os.environ.get("CI", "").casefold() not in _OFF if chosen is None else chosen


def given_variables(args: argparse.Namespace) -> dict[str, Any]:
    """The values of ``--values`` and ``--var``."""
    values: dict[str, Any] = {}
    if args.values:
        values, findings = read_values(Path(args.values))
        if errors(findings):
            raise Refused(findings=findings)
    for pair in args.var:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Refused(f"--var takes NAME=VALUE, and not '{name}'", "for example --var env=prod")
        values[name] = value
    return values


def _check(
    given: Mapping[str, Any], options: Mapping[str, Any], settings: Settings, paths: Sequence[str]
) -> None:
    if settings.region and given.get("region") not in (None, settings.region):
        message = f"{settings.file} is for region {settings.region}, and this run is for {given['region']}"
        raise refusal_of(Code.WRONG_ACCOUNT, message, "no request was sent to AWS")
    if settings.part and given.get("prune") and "-" not in paths:
        tree = Path(settings.file).parent
        raise Refused(
            f"--prune deletes resources without a document, and the paths are only part of the tree {tree}",
            f"give {tree}",
        )
    if given.get("destroy") and (options.get("prune") or options.get("confirm_deletes") is not None):
        raise Refused(
            "--destroy permanently deletes the declared resources, --prune and --confirm-deletes what has none",
            "remove these options",
        )
    _check_inventory(given.get("inventory"), settings, paths)
    if given.get("sandbox") and given.get("endpoint_url"):
        raise Refused("--sandbox and --endpoint-url exclude each other", "give one of them")


def _check_inventory(inventory: str | None, settings: Settings, paths: Sequence[str]) -> None:
    """An inventory inside the tree would be read as a document the next time."""
    if not inventory or "://" in inventory:
        return
    tree = [str(Path(settings.file).parent)] if settings.file else []
    if reads((*paths, *tree), Path(inventory, "x.json") if inventory.endswith("/") else Path(inventory)):
        raise refusal_of(
            Code.SETTINGS,
            f"the inventory {inventory} is inside the tree and would be read as a document the next time",
            f"keep it in a hidden folder of the tree: .sagectl/{Path(inventory).name}",
        )
