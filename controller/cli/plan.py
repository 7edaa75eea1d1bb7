"""``sagectl plan``: shows what would be done, call by call, without changes."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import BLOCKED, CHANGES, FAILED, OK
from controller.cli.load_bundle import compile_tree
from controller.cli.options import options
from controller.cli.output import Output, version
from controller.cli.saved_plan import source
from controller.cli.session import open_run
from controller.cli.targets import narrowed_order
from controller.core.finding import errors
from controller.engine.plan import Plan, PlanResult
from controller.engine.reconcile import reconcile
from controller.manifests.files import reads

_CODES = {
    PlanResult.NO_CHANGES: OK,
    PlanResult.CHANGES: CHANGES,
    PlanResult.BLOCKED: BLOCKED,
    PlanResult.ERRORED: FAILED,
}
_NO_SOURCE: Mapping[str, Any] = MappingProxyType({})


def plan(args: argparse.Namespace, out: Output) -> int:
    """Print the plan; 0 no changes, 2 changes, 5 only blocked steps, 1 if a read or a preflight failed."""
    run_options = options(args)
    _check_out(args.out, run_options.paths)
    tree = compile_tree(run_options, out)
    with open_run(run_options, tree, out, destroy=run_options.destroy) as run:
        report = reconcile(
            tree, run.cloud, run.store, lambda _: False, narrowed_order(run_options, tree, run)
        )
    show(report.plan, out)
    failed_checks = errors(report.plan.preflight)
    code = FAILED if failed_checks else _CODES[report.plan.result]
    if run_options.by_approval and out.form == "text" and code == CHANGES:
        verb = "destroy" if run_options.destroy else "apply"
        out.print_line(
            f"\nSet {run_options.set} is in mode Plan. `sagectl {verb} --approve {report.plan.fingerprint}` does this."
        )
    if args.out:
        _save(
            args.out,
            report.plan,
            out,
            source(run_options),
            complete=report.plan.result is not PlanResult.ERRORED,
        )
    return code


def show(plan: Plan, out: Output) -> None:
    """Print a plan in the requested format."""
    if out.json:
        out.result(as_data(plan, out))
        return
    shown = out.redactor.plan(plan)
    if out.form == "markdown":
        from controller.output.markdown import plan_markdown

        out.write(plan_markdown(shown, version()))
    elif out.form == "html":
        from controller.output.html.plan_page import plan_page

        out.write(plan_page(shown, version(), full=out.full))
    else:
        from controller.output.plan_text import plan_text

        out.write(plan_text(shown, out.style, full=out.full))


def as_data(plan: Plan, out: Output, where: Mapping[str, Any] = _NO_SOURCE) -> dict[str, Any]:
    """A plan as JSON data, without secrets."""
    from controller.output.plan_json import dump, plan_json

    document: dict[str, Any] = json.loads(
        out.redactor.text(dump(plan_json(out.redactor.plan(plan), version(), where)))
    )
    return document


def _save(file: str, plan: Plan, out: Output, where: Mapping[str, Any], *, complete: bool) -> None:
    from controller.cli.saved_plan import write_plan
    from controller.output.plan_json import dump

    if not complete:
        raise Refused(f"{file} was not written: not all of the account could be read")
    try:
        write_plan(file, dump(as_data(plan, out, where)))
    except OSError as error:
        raise Refused(f"{file} can't be written: {error.strerror}") from error
    if out.form == "text":
        out.print_line(
            f"\nSaved to {file}. `sagectl apply --plan {file}` applies exactly this plan, or fails."
        )


def _check_out(file: str | None, paths: tuple[str, ...]) -> None:
    """Refuse to write a plan inside the tree, where it would be read as a document."""
    if file and reads(paths, Path(file)):
        hint = f"write it beside the tree, or as {Path(file).with_suffix('.plan')}"
        raise Refused(f"{file} is inside the tree and would be read as a document the next time", hint)
