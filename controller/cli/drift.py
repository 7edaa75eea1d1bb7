"""``sagectl drift``: differences between account and documents, and dangling references."""

import argparse
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from controller.cli.exit_codes import CHANGES, FAILED, OK
from controller.cli.load_bundle import compile_tree
from controller.cli.options import Options, options
from controller.cli.output import Output, version
from controller.cli.session import open_run
from controller.core.path import dotted_path
from controller.engine.reconcile import reconcile
from controller.engine.report import Report
from controller.insight.dangling import DanglingReport, search_account
from controller.insight.drift import DriftCategory, DriftedField, DriftedResource, drifts
from controller.manifests.bundle import Bundle
from controller.output.drift import accepted_json, drift_json, drift_text
from controller.schema.contract import contract

if TYPE_CHECKING:  # ruamel.yaml is imported only where files are written
    from controller.cli.drift_accept import Accepted


def drift(args: argparse.Namespace, out: Output) -> int:
    """Print the drift; 0 if there is none, 2 if there is, 1 if a resource can't be read."""
    run_options = options(args)
    tree = compile_tree(run_options, out)
    with open_run(run_options, tree, out) as run:
        order = replace(run.order, now=time.time())
        seen = reconcile(tree, run.cloud, run.store, lambda _: False, order)
        looked = search_account(run.cloud, order.concurrency) if args.account_wide else None
    found = drifts(tree, seen)
    code = _code(found, looked)
    result = _write_accepted(found, tree, seen, run_options) if args.accept and code != FAILED else None
    _print_drift(
        tuple(_redacted_drift(each, out, _sensitive(each, seen)) for each in found),
        looked,
        result,
        out,
        verbose=args.verbose,
    )
    if result is None:
        return code
    return CHANGES if result.left or _has_dangling(found, looked) else OK


def _write_accepted(
    found: tuple[DriftedResource, ...], tree: Bundle, seen: Report, options: Options
) -> "Accepted":
    """Write the accepted drift into the files."""
    from controller.cli.drift_accept import write_drift

    return write_drift(found, tree, seen.observed.live if seen.observed else {}, options.variables)


def _print_drift(
    shown: tuple[DriftedResource, ...],
    looked: DanglingReport | None,
    result: "Accepted | None",
    out: Output,
    *,
    verbose: bool,
) -> None:
    """Print the drift, then what was written."""
    written = [(file, edit) for file, edits in result.written.items() for edit in edits] if result else []
    left = result.left if result else []
    if out.json:
        out.result({**drift_json(shown, looked, version()), "accepted": accepted_json(written, left)})
    elif out.form == "html":
        from controller.output.html.drift_page import drift_page

        out.write(drift_page(shown, looked, version(), verbose=verbose))
    else:
        out.write(drift_text(shown, looked, out.style, verbose=verbose))
    for file, edit in written:
        out.print_line(f"written: {file}: {edit.ref}: {dotted_path(edit.path)}")
    for each in left:
        out.warn(f"left as it is: {each.where}: {each.why}")
    for what, error in looked.errors.items() if looked else ():
        out.error(f"{what} can't be read: {error}")


def _sensitive(each: DriftedResource, seen: Report) -> frozenset[str]:
    """The patterns of a document's sensitive values."""
    resolved = seen.observed.resolved.get(each.ref) if seen.observed else None
    return resolved.resource.sensitive if resolved else frozenset()


def _redacted_drift(each: DriftedResource, out: Output, sensitive: frozenset[str]) -> DriftedResource:
    """The drift without sensitive values."""
    kind_contract, hide = contract(each.ref.kind), out.redactor
    fields = [
        DriftedField(tier, change)
        for tier in DriftCategory
        for change in hide.changes(each.of(tier), kind_contract, sensitive)
    ]
    contended = tuple(map(hide.text, each.contended))
    missing, error, left = hide.text(each.missing), hide.text(each.error), hide.text(each.left)
    return replace(each, fields=tuple(fields), missing=missing, error=error, left=left, contended=contended)


def _code(found: tuple[DriftedResource, ...], looked: DanglingReport | None) -> int:
    """The exit code; dangling references count only if a document has them."""
    if any(each.error for each in found) or (looked and looked.errors):
        return FAILED
    return CHANGES if _has_dangling(found, looked) or any(each.drifts for each in found) else OK


def _has_dangling(found: tuple[DriftedResource, ...], looked: DanglingReport | None) -> bool:
    ours = {(each.ref.kind, each.name) for each in found}
    return looked is not None and any((each.kind, each.name) in ours for each in looked.dangling)
