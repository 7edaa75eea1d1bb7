"""``sagectl doctor``: checks of the machine, the credentials and the inventory, with hints."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

from controller.cli.errors import Refused, error_text, inventory_hint
from controller.cli.exit_codes import FAILED, OK
from controller.cli.options import Options, options
from controller.cli.output import Output
from controller.cli.session import account, inventory_store
from controller.core.cloud import Cloud, CloudError, Fault
from controller.inventory.model import InventoryError
from controller.kinds import KINDS
from controller.manifests.load import load
from controller.output.terminal import escape_unprintable
from controller.runtime.http_client import HttpClient, Request, Response
from controller.schema.contract import contract
from controller.schema.shape import recorded_from

# AWS refuses a request whose time is more than five minutes away from its own (IAM User Guide, Signature Version 4).
_SKEW, _NEAR = 300.0, 60.0
_PAGE = 1


class CheckResult(Enum):
    """The result of a check; the value is printed."""

    GOOD = "ok"
    DOUBTFUL = "warning"
    BAD = "error"
    LEFT_OUT = "skipped"


@dataclass(frozen=True)
class Check:
    """One check: its name, result, details, and hint."""

    name: str
    verdict: CheckResult
    found: str
    hint: str = ""


def doctor(args: argparse.Namespace, out: Output) -> int:
    """Print every check; 1 if one of them is an error."""
    checks = list(_checks(args))
    if out.json:
        out.result([_json(each) for each in checks])
    else:
        for each in checks:
            hint = f"\n{'':12}{escape_unprintable(each.hint)}" if each.hint else ""
            out.write(f"{each.verdict.value:<8} {each.name}: {escape_unprintable(each.found)}{hint}\n")
    return FAILED if any(each.verdict is CheckResult.BAD for each in checks) else OK


def _json(each: Check) -> dict[str, str]:
    return {"check": each.name, "result": each.verdict.value, "found": each.found, "hint": each.hint}


def _checks(args: argparse.Namespace) -> Iterator[Check]:
    yield _versions()
    try:
        run = options(args)
    except Refused as refused:
        yield Check("settings", CheckResult.BAD, _sentence(refused), refused.hint)
        return
    file = run.guard.file
    if missing := [path for path in run.paths if path != "-" and not Path(path).exists()]:
        yield Check("settings", CheckResult.BAD, f"{missing[0]} does not exist", "check the path")
        return
    yield Check(
        "settings",
        CheckResult.GOOD,
        str(file) if file else "no sagectl.yaml above the path: options and defaults",
    )
    yield from _account(run)
    yield _cluster(args)


def _sentence(refused: Refused) -> str:
    return refused.message or "; ".join(map(str, refused.findings))


def _versions() -> Check:
    names = ("sagemaker-gitops", "boto3", "botocore", "pydantic", "PyYAML")
    try:
        found = ", ".join(f"{name} {installed(name)}" for name in names)
    except PackageNotFoundError as missing:
        hint = "reinstall sagemaker-gitops, in an environment of its own"
        return Check("versions", CheckResult.BAD, f"{missing.name} is not installed", hint)
    return Check(
        "versions",
        CheckResult.GOOD,
        f"Python {platform.python_version()}, {found}; model of {recorded_from()}",
    )


def _account(run: Options) -> Iterator[Check]:
    """Check region, credentials, clock, permissions and inventory; without credentials only the first two."""
    try:
        with account(run) as cloud:
            who = cloud.identity
            yield Check("region", CheckResult.GOOD, who.region)
            yield Check("credentials", CheckResult.GOOD, f"account {who.account} ({who.partition})")
            yield _clock(run, who.region)
            yield _rights(run, cloud)
            yield _inventory(run, cloud)
    except CloudError as error:
        message, hint = error_text(error)
        name = "region" if error.code == "NoRegion" else "credentials"
        yield Check(
            name,
            CheckResult.BAD,
            message,
            hint or "see `sagectl --help` for --region, --profile and --role-arn",
        )
        if run.region:
            yield _clock(run, run.region)
    except Refused as refused:
        yield Check("credentials", CheckResult.BAD, _sentence(refused), refused.hint)


def _clock(run: Options, region: str) -> Check:
    """Check the difference between this clock and AWS's, by the Date header of a response."""
    if run.sandbox:
        return Check("clock", CheckResult.LEFT_OUT, "the sandbox has this machine's clock")
    url = run.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or f"https://sts.{region}.amazonaws.com"
    answer = HttpClient(plain=None)(Request("GET", f"{url.rstrip('/')}/", {}, {}))
    if not isinstance(answer, Response):
        return Check(
            "clock", CheckResult.DOUBTFUL, f"not compared: {answer.reason}", "is there a proxy or a firewall?"
        )
    try:
        seconds = time.time() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return Check("clock", CheckResult.LEFT_OUT, "the endpoint does not send its time")
    return skew(seconds)


def skew(seconds: float) -> Check:
    """The check of a clock that is some seconds ahead of AWS's."""
    ahead = f"{abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'} AWS"
    if abs(seconds) > _SKEW:
        return Check(
            "clock", CheckResult.BAD, ahead, "AWS refuses such requests: set the clock, for instance with NTP"
        )
    if abs(seconds) > _NEAR:
        return Check(
            "clock", CheckResult.DOUBTFUL, ahead, "from 300 seconds on AWS refuses requests: set the clock"
        )
    return Check("clock", CheckResult.GOOD, "less than a minute away from AWS")


def _rights(run: Options, cloud: Cloud) -> Check:
    """Check the permission to List each kind of the tree, or every kind if there are no documents."""
    declared = (
        {each.ref.kind for each in load(run.paths, variables=run.variables).documents} if run.paths else set()
    )
    refused: list[tuple[str, CloudError]] = []
    kinds = [kind for kind in KINDS if (not declared or kind in declared) and _is_plain(kind)]
    for kind in kinds:
        lists = contract(kind).lists
        if lists is None:
            continue
        try:
            cloud.call(lists.call({"MaxResults": _PAGE}))
        except CloudError as error:
            refused.append((lists.name, error))
    denied = ", ".join(name for name, error in refused if error.fault is Fault.DENIED)
    if denied:
        hint = "attach what `sagectl iam PATH` prints to the role or user"
        return Check("permissions", CheckResult.BAD, f"denied: {denied}", hint)
    if refused:
        name, failure = refused[0]
        verdict = CheckResult.LEFT_OUT if failure.fault is Fault.UNSUPPORTED else CheckResult.DOUBTFUL
        return Check("permissions", verdict, f"{name}: {failure.message}", "the others can be read")
    return Check(
        "permissions",
        CheckResult.GOOD,
        f"{len(kinds)} kinds can be read; `sagectl iam` prints what writing needs",
    )


def _is_plain(kind: str) -> bool:
    """Whether its List takes a limit, and requires no other parameter."""
    from controller.schema.shape import shape

    lists = contract(kind).lists
    takes = shape(lists.input) if lists else None
    return takes is not None and "MaxResults" in takes.members and not takes.required


def _inventory(run: Options, cloud: Cloud) -> Check:
    who = cloud.identity
    try:
        store = inventory_store(run, cloud, run.set)
        entries = len(store.load(who.account, who.region).entries)
    except Refused as error:
        return Check("inventory", CheckResult.BAD, _sentence(error), error.hint or "check --inventory")
    except InventoryError as error:
        lost = "`sagectl inventory rebuild PATH` rebuilds it from AWS"
        return Check("inventory", CheckResult.BAD, str(error), inventory_hint(error, lost))
    count = f"{entries} entr{'y' if entries == 1 else 'ies'}"
    local = not entries and not (run.inventory or "").startswith("s3://")
    alone = "; a fresh CI runner needs a shared one: --inventory s3://BUCKET/KEY" if local else ""
    return Check("inventory", CheckResult.GOOD, f"set {run.set}: {count}{alone}")


def _cluster(args: argparse.Namespace) -> Check:
    """The API server of the kubeconfig, if there is one, and whether the definitions are there."""
    named = args.kubeconfig or args.context or os.environ.get("KUBECONFIG")
    if not named and not Path("~/.kube/config").expanduser().exists():
        return Check("cluster", CheckResult.LEFT_OUT, "there is no kubeconfig; only the operator needs one")
    return _run_check(lambda: _definitions(args))


def _run_check(check: Callable[[], Check]) -> Check:
    from controller.operator.kube.access import AccessError
    from controller.operator.kube.api import ApiError

    hint = "check --kubeconfig and --context, and `kubectl version`"
    try:
        return check()
    except (AccessError, ApiError) as error:
        return Check("cluster", CheckResult.BAD, str(error), hint)


def _definitions(args: argparse.Namespace) -> Check:
    from controller.manifests.envelope import API_VERSION
    from controller.operator.kube.access import access
    from controller.operator.kube.api import Api
    from controller.operator.kube.request import ApiPath

    reached = access(args.kubeconfig, args.context)
    found = Api(reached, connections=1).get(ApiPath(("apis", *API_VERSION.split("/"))))
    there = {each.get("kind") for each in found.get("resources", ())}
    missing = sorted(set(KINDS) - there)
    if missing:
        hint = "`sagectl crds | kubectl apply --server-side -f -`"
        return Check("cluster", CheckResult.BAD, f"definitions are missing: {', '.join(missing)}", hint)
    return Check("cluster", CheckResult.GOOD, f"{reached.server}: {len(KINDS)} definitions")
