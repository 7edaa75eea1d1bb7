"""``sagectl iam``: the minimal IAM policy for a tree, without an account."""

import argparse
import json
from pathlib import Path

from controller.cli.exit_codes import OK
from controller.cli.folder import replace_files
from controller.cli.load_bundle import compile_tree
from controller.cli.options import Options, options
from controller.cli.output import Output
from controller.insight.external_permissions import external_permissions, queue_permissions
from controller.insight.permissions import ANY, ArnScope, permissions
from controller.output.iam_policy import LARGEST, policies

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def iam(args: argparse.Namespace, out: Output) -> int:
    """Print the policy, or several if one would be too large for IAM."""
    run_options = options(args)
    tree = compile_tree(run_options, out)
    scope = _arn_scope(args, run_options)
    needed = permissions(tree, scope, read_only=args.read_only)
    if run_options.preflight:
        needed |= external_permissions(tree, scope)
    if args.events is not None:
        needed |= queue_permissions(args.events.name, args.events.account, scope)
    made = policies(needed)
    if args.output:
        _files(made, Path(args.output), out)
    else:
        out.result(made[0] if len(made) == 1 else list(made))
    if len(made) > 1:
        out.warn(f"{len(made)} policies, for IAM takes at most {LARGEST} characters in one; attach all")
    return OK


def _arn_scope(args: argparse.Namespace, options: Options) -> ArnScope:
    region = args.region or options.guard.region or ANY
    account = args.account or options.guard.account or ANY
    known = [name for start, name in _PARTITIONS.items() if region.startswith(start)]
    return ArnScope(known[0] if known else ANY if region == ANY else "aws", region, account)


def _files(made: list[dict[str, object]], folder: Path, out: Output) -> None:
    files = {
        f"sagectl-{number}.json": json.dumps(policy, indent=2) + "\n"
        for number, policy in enumerate(made, start=1)
    }
    replace_files(folder, files)
    for name in files:
        out.print_line(str(folder / name))
