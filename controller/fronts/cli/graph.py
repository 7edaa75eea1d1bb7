"""``sagectl graph``: the documents as a picture, coloured by what would be done."""

import argparse

from controller.engine.plan import Plan
from controller.engine.reconcile import reconcile
from controller.fronts.cli.choice import ordered
from controller.fronts.cli.compiled import compiled
from controller.fronts.cli.exits import OK
from controller.fronts.cli.opened import opened
from controller.fronts.cli.options import options
from controller.fronts.cli.output import Output
from controller.fronts.render.picture import Picture, picture


def graph(args: argparse.Namespace, out: Output) -> int:
    """Draw the plan; 1 only where it can't be made."""
    asked = options(args)
    tree = compiled(asked, out)
    with opened(asked, tree, out) as run:
        plan = reconcile(tree, run.cloud, run.memory, lambda _: False, ordered(asked, tree, run)).plan
    drawn = _picture(plan, out, everything=args.all)
    out.say(_written(drawn, args.format))
    return OK


def _picture(plan: Plan, out: Output, *, everything: bool) -> Picture:
    drawn = picture(out.redactor.plan(plan), everything=everything)
    if not drawn.nodes:
        out.warn(f"nothing changes, so the picture is empty; --all draws all {drawn.left} resources")
    return drawn


def _written(drawn: Picture, form: str) -> str:
    match form:
        case "svg":
            from controller.fronts.render.svg import svg

            return svg(drawn)
        case "mermaid":
            from controller.fronts.render.mermaid import mermaid

            return mermaid(drawn)
        case _:
            from controller.fronts.render.dot import dot

            return dot(drawn)
