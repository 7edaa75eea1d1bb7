"""``sagectl status``: print the state of the declared resources."""

import argparse
from datetime import UTC, datetime

from controller.cli.exit_codes import FAILED, OK
from controller.cli.load_bundle import compile_tree
from controller.cli.options import options
from controller.cli.output import Output, version
from controller.cli.session import open_run
from controller.engine.discovery import details_of_all
from controller.engine.reconcile import account_view
from controller.output.status import lines, more_json, more_of, more_text, status_json, status_text


def status(args: argparse.Namespace, out: Output) -> int:
    """Print a table of all documents; 1 if something is missing, failed or can't be read."""
    run_options = options(args)
    tree = compile_tree(run_options, out)
    with open_run(run_options, tree, out) as run:
        observed = account_view(tree, run.cloud, run.store, run.order)
        everything = args.verbose or out.json
        details = details_of_all(observed, run.cloud, steps=args.steps, everything=everything)
    more = more_of(observed, details, out.redactor)
    rows = lines(tree, observed, run_options.set)
    if out.json:
        out.result(status_json(rows, observed, run_options.set, version(), more_json(more)))
    else:
        out.write(status_text(rows, out.style) + more_text(more, out.style, datetime.now(UTC)))
    return FAILED if any(row.is_unhealthy for row in rows) else OK
