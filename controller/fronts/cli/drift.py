"""``sagectl drift``: how the account differs from the documents, and what dangles in it."""

import argparse
from dataclasses import replace

from controller.core.path import dotted
from controller.desired.bundle import Bundle
from controller.engine.accept import Unwritten
from controller.engine.dangling import Looked, look
from controller.engine.drift import Drifted, Field, Tier, drifts
from controller.engine.reconcile import reconcile
from controller.engine.report import Report
from controller.fronts.cli.compiled import compiled
from controller.fronts.cli.exits import CHANGES, FAILED, OK
from controller.fronts.cli.opened import opened
from controller.fronts.cli.options import Options, options
from controller.fronts.cli.output import Output, version
from controller.fronts.render.drift import drift_json, drift_text
from controller.service.contract import contract


def drift(args: argparse.Namespace, out: Output) -> int:
    """Print what differs; 0 nothing, 2 something, 1 if some of it can't be read."""
    asked = options(args)
    tree = compiled(asked, out)
    with opened(asked, out) as run:
        seen = reconcile(tree, run.cloud, run.memory, lambda _: False, run.order)
        looked = look(run.cloud, run.order.concurrency) if args.account_wide else None
    found = drifts(tree, seen)
    shown = tuple(_shown(each, out) for each in found)
    if out.json:
        out.result(drift_json(shown, looked, version()))
    else:
        out.say(drift_text(shown, looked, out.look, verbose=args.verbose))
    for what, error in looked.errors.items() if looked else ():
        out.trouble(f"{what} can't be read: {error}")
    code = _code(found, looked)
    if not args.accept or code == FAILED:
        return code
    left = _accepted(found, tree, seen, asked, out)
    return CHANGES if left else OK


def _accepted(
    found: tuple[Drifted, ...], tree: Bundle, seen: Report, asked: Options, out: Output
) -> list[Unwritten]:
    """Write what can be written; gives what a person must do."""
    from controller.fronts.cli.accept import accept

    lives = seen.world.live if seen.world else {}
    result = accept(found, tree, lives, asked.variables)
    for file, edits in result.written.items():
        for edit in edits:
            out.tell(f"written: {file}: {edit.ref}: {dotted(edit.path)}")
    for each in result.left:
        out.warn(f"left as it is: {each.where}: {each.why}")
    return result.left


def _shown(each: Drifted, out: Output) -> Drifted:
    """What may be shown."""
    told, hide = contract(each.ref.kind), out.redactor
    fields = [Field(tier, change) for tier in Tier for change in hide.changes(each.of(tier), told)]
    return replace(each, fields=tuple(fields), missing=hide.text(each.missing), error=hide.text(each.error))


def _code(found: tuple[Drifted, ...], looked: Looked | None) -> int:
    """What dangles counts where it is a document's; the rest of the account is others' to mend."""
    if any(each.error for each in found) or (looked and looked.errors):
        return FAILED
    ours = {(each.ref.kind, each.name) for each in found}
    dangles = looked is not None and any((each.kind, each.name) in ours for each in looked.dangling)
    return CHANGES if dangles or any(each.drifts for each in found) else OK
