"""``sagectl graph``: a graph of the documents, coloured by planned action."""

import argparse

from controller.cli.exit_codes import OK
from controller.cli.load_bundle import compile_tree
from controller.cli.options import options
from controller.cli.output import Output
from controller.cli.session import open_run
from controller.cli.targets import narrowed_order
from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile
from controller.output.graph import Picture, picture


def graph(args: argparse.Namespace, out: Output) -> int:
    """Draw the plan; 1 only if it can't be made."""
    run_options = options(args)
    tree = compile_tree(run_options, out)
    with open_run(run_options, tree, out) as run:
        plan = reconcile(
            tree, run.cloud, run.store, lambda _: False, narrowed_order(run_options, tree, run)
        ).plan
    drawn = _picture(plan, out, everything=args.all)
    out.write(_graph_text(drawn, args.format))
    return OK


def _picture(plan: Plan, out: Output, *, everything: bool) -> Picture:
    drawn = picture(out.redactor.plan(plan), everything=everything)
    if not drawn.nodes:
        out.warn(f"no changes, so the graph is empty; --all draws all {drawn.left} resources")
    return drawn


def _graph_text(drawn: Picture, form: str) -> str:
    match form:
        case "svg":
            from controller.output.svg import svg

            return svg(drawn)
        case "mermaid":
            from controller.output.graph import mermaid

            return mermaid(drawn)
        case _:
            from controller.output.graph import dot

            return dot(drawn)
