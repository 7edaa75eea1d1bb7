"""The parser of the command line. Only argparse is imported here, because ``--help`` must be quick."""

import argparse
import os
from collections.abc import Callable, Sequence

from controller.cli import controller_options, new_options, read_options, shared_options, usage_errors
from controller.cli.shared_options import connection_options, drawing_options, form, time
from controller.cli.usage_errors import (
    PROGRAM,
    CommandParser,
    Parser,
    UsageError,
    commands,
    guess,
    unknown_options,
)

Fill = Callable[..., None]
_NARROWEST, _WIDEST = 40, 110
_EPILOG = """\
examples:
  sagectl validate ml/                      # offline: what is wrong with the documents
  sagectl plan ml/ --sandbox                # against a local SageMaker, without an AWS account
  sagectl apply ml/ --yes --region eu-west-1

Every command has --help with an example. Exit codes: 0 done or nothing to do, 1 error or failed,
2 (plan, drift) something differs, 3 the plan is stale, 4 still waiting for AWS, 5 (plan) nothing to do but what is
blocked, 130 interrupted.
"""
_EXAMPLES = {
    "init": new_options.INIT_EXAMPLES,
    "doctor": new_options.DOCTOR_EXAMPLES,
    "schema": new_options.SCHEMA_EXAMPLES,
    "validate": "sagectl validate ml/ shared/roles.yaml --var env=prod",
    "plan": "sagectl plan ml/ --set prod --prune --out plan.json\n  sagectl plan ml/ --format html > plan.html",
    "apply": "sagectl apply ml/ --sandbox --yes\n  sagectl apply --plan plan.json --sandbox",
    "destroy": "sagectl destroy ml/ --set preview-17\n"
    "  sagectl plan ml/ --set preview-17 --destroy    # what it would delete",
    "graph": "sagectl graph ml/ --format svg --all > plan.svg",
    "status": "sagectl status ml/ --region eu-west-1",
    "get": read_options.GET_EXAMPLES,
    "search": read_options.SEARCH_EXAMPLES,
    "drift": read_options.DRIFT_EXAMPLES,
    "inventory": "sagectl inventory rebuild ml/            # shows what it found; --yes writes it\n"
    "  sagectl inventory list ml/ --set prod --inventory s3://our-state/prod.json",
    "iam": read_options.IAM_EXAMPLES,
    "export": read_options.EXPORT_EXAMPLES,
    "convert": new_options.CONVERT_EXAMPLES,
    "explain": read_options.EXPLAIN_EXAMPLES,
    "sync": controller_options.EXAMPLES,
    "sandbox": "sagectl sandbox --port 4570 --state .sagectl/sandbox.sqlite",
    "crds": "sagectl crds | kubectl apply --server-side -f -",
    "operator": controller_options.OPERATOR_EXAMPLES,
    "reconcile": controller_options.RECONCILE_EXAMPLES,
    "rbac": "sagectl rbac --write deploy/base/rbac.yaml",
    "completion": "sagectl completion bash > ~/.local/share/bash-completion/completions/sagectl",
    "version": "sagectl version",
}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    Raises:
        UsageError: it is invalid; the message suggests the nearest option.
        SystemExit: help was requested and printed.

    """
    argv = [*argv[1:2], "--help"] if argv[:1] == ["help"] else argv
    root = build(argv)
    try:
        found, unknown = root.parse_known_args(argv)
    except UsageError as error:
        hints = (*error.hints, *(usage_errors.of_option(word) for word in unknown_options(root, argv)))
        raise UsageError(str(error), error.program, hints) from None
    if unknown:
        chosen = commands(root).get(found.command, root)
        raise UsageError(
            f"unknown: {' '.join(unknown)}", chosen.prog, [guess(chosen, word) for word in unknown]
        )
    return found


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in the terminal's width, which is determined without importing shutil."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_width())


def _width() -> int:
    try:
        return max(min(os.get_terminal_size().columns, _WIDEST), _NARROWEST) - 2
    except OSError:
        return _WIDEST - 2


def build(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser: complete for ``sagectl completion``, else with the options of the commands in ``argv``."""
    root = Parser(
        prog=PROGRAM,
        description="Reconcile an AWS account's SageMaker control plane with declared configuration.",
        epilog=_EPILOG,
        formatter_class=_Help,
        allow_abbrev=False,
    )
    root.add_argument("--version", action="store_true", help="print the version and exit")
    root.add_argument("--debug", action="store_true", help="show the traceback of an unexpected error")
    subs = root.add_subparsers(dest="command", metavar="COMMAND", parser_class=CommandParser)
    for name, about, fill in _COMMANDS:
        sub = subs.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            epilog=f"example:\n  {_EXAMPLES[name]}",
            formatter_class=_Help,
            allow_abbrev=False,
        )
        if argv is not None and name not in argv:
            continue
        sub.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        sub.add_argument("--no-color", action="store_true", help="no colors, even on a terminal")
        fill(sub)
        if argv is not None and name in _WIDENED:
            _WIDENED[name](sub, argv)
    return root


def _tree(sub: argparse.ArgumentParser, *forms: str, paths: str = "+", convert: Fill = form) -> None:
    sub.add_argument("paths", nargs=paths, metavar="PATH", help="a file, a folder, or - for standard input")
    given = sub.add_argument_group("documents")
    given.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value for ${var.NAME} (repeatable)",
    )
    given.add_argument("--values", metavar="FILE", help="a YAML file with values for ${var.NAME}")
    given.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        help="no documents, or one of our kinds in another API group, is an error (default where CI is set)",
    )
    convert(sub, *forms)


def _account(sub: argparse.ArgumentParser, *forms: str, paths: str = "+", convert: Fill = form) -> None:
    _tree(sub, *forms, paths=paths, convert=convert)
    sub.add_argument("--set", metavar="NAME", help="set that owns the resources (default: default)")
    sub.add_argument(
        "--inventory",
        metavar="FILE|s3://...",
        help="default: .sagectl/inventory-SET-ACCOUNT-REGION.json beside sagectl.yaml, without one in the working "
        "folder; a name that ends in / is a folder",
    )
    connection_options(sub)


def _plan(sub: argparse.ArgumentParser) -> None:
    _account(sub, "markdown", "html")
    shared_options.selection_options(sub)
    shared_options.length(sub)
    shared_options.prune_option(sub)
    shared_options.destroy_option(sub)
    shared_options.preflight(sub)
    shared_options.refresh(sub)
    shared_options.save_option(sub)


def _changes(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--yes", action="store_true", help="skip the confirmation")
    sub.add_argument(
        "--timeout", type=time, metavar="TIME", help="how long to wait: 90s, 30m, 2h (default 1h)"
    )
    sub.add_argument("--poll", type=time, metavar="TIME", help="fixed interval between status checks")


def _apply(sub: argparse.ArgumentParser) -> None:
    _account(sub, paths="*")
    shared_options.saved_plan_option(sub)
    shared_options.approval(sub)
    shared_options.selection_options(sub)
    shared_options.length(sub)
    shared_options.prune_option(sub)
    shared_options.preflight(sub)
    shared_options.refresh(sub)
    _changes(sub)


def _destroy(sub: argparse.ArgumentParser) -> None:
    _account(sub)
    shared_options.approval(sub)
    shared_options.selection_options(sub)
    shared_options.length(sub)
    shared_options.confirmation_options(sub)
    sub.set_defaults(destroy=True)
    _changes(sub)


def _graph(sub: argparse.ArgumentParser) -> None:
    _account(sub, convert=drawing_options)
    shared_options.selection_options(sub)
    shared_options.prune_option(sub)


def _drift(sub: argparse.ArgumentParser) -> None:
    _account(sub, "html")
    shared_options.refresh(sub)
    read_options.drift(sub)


def _inventory(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "verb", choices=("list", "rebuild"),
        help="list the inventory of a set; or rebuild it from ownership tags, markers and links after a loss",
    )  # fmt: skip
    _account(sub)
    sub.add_argument("--yes", action="store_true", help="write the rebuilt inventory (default: only show it)")


def _iam(sub: argparse.ArgumentParser) -> None:
    _tree(sub)
    read_options.iam(sub)


def _status(sub: argparse.ArgumentParser) -> None:
    _account(sub)
    shared_options.refresh(sub)
    read_options.details(sub)


def _completion(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "shell",
        choices=("bash", "zsh", "tcsh", "fish", "kinds", "targets", "names"),
        metavar="SHELL",
        help="bash, zsh, tcsh or fish; or kinds, targets, names: the list of those of this folder",
    )


def _no_options(_: argparse.ArgumentParser) -> None:
    """Add no options besides those of all commands."""


_COMMANDS: tuple[tuple[str, str, Callable[[argparse.ArgumentParser], None]], ...] = (
    ("init", "write a first tree of documents with its settings", new_options.init),
    ("validate", "check documents offline and print all diagnostics", _tree),
    ("plan", "show the changes that apply would make, with every API call", _plan),
    ("apply", "apply the changes, and wait until AWS reports completion", _apply),
    ("destroy", "delete the declared resources, dependents first", _destroy),
    ("graph", "draw the dependency graph and the planned changes", _graph),
    ("status", "show the status of the declared resources", _status),
    ("get", "list or show the resources of one kind", read_options.get),
    ("search", "search the account", read_options.search),
    ("drift", "show how the account differs from the documents", _drift),
    ("inventory", "list the inventory of a set, or rebuild it after a loss", _inventory),
    ("export", "write documents for existing resources", read_options.export),
    ("convert", "write documents from what another tool declares", new_options.convert),
    ("iam", "print the least IAM policy for the documents", _iam),
    ("explain", "describe a kind or a field, and the effect of a change", read_options.explain),
    ("schema", "print JSON Schemas of documents, for editors", new_options.schema),
    ("doctor", "check credentials, permissions, clock, inventory and cluster", new_options.doctor),
    ("sync", "continuously reconcile SageMaker with Git repositories", controller_options.sync),
    ("sandbox", "serve a local SageMaker for sagectl, boto3 and the AWS CLI", controller_options.sandbox),
    ("crds", "print the custom resource definitions for Kubernetes", controller_options.crds),
    ("operator", "run the Kubernetes operator", controller_options.operator),
    ("reconcile", "request an immediate reconciliation of an object", controller_options.reconcile),
    ("rbac", "print the minimal RBAC rules of the operator, and roles for users", controller_options.rbac),
    ("completion", "print a completion script for a shell", _completion),
    ("version", "print the version", _no_options),
)
# options that a kind on the command line adds
_WIDENED: dict[str, Callable[[argparse.ArgumentParser, Sequence[str]], None]] = {"get": read_options.of_kind}
