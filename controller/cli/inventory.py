"""``sagectl inventory``: show the inventory of a set, and rebuild a lost one from the account."""

import argparse
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import CHANGES, FAILED, OK
from controller.cli.load_bundle import compile_tree
from controller.cli.options import Options, options
from controller.cli.output import Output, version
from controller.cli.session import RunSession, open_run
from controller.core.ref import Ref
from controller.engine.ownership_search import OwnershipProof
from controller.engine.reconcile import rebuild
from controller.engine.recover import Recovery
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle
from controller.output.terminal import table

_HEADS = ("DOCUMENT", "AWS NAME", "PROOF", "OLDER", "NOTE")
_PROOFS = {
    OwnershipProof.TAG: "ownership tag",
    OwnershipProof.MARKER: "ownership marker",
    OwnershipProof.LINK: "linked, equal to its document",
}


def inventory(args: argparse.Namespace, out: Output) -> int:
    """List or rebuild the inventory: 0 if written or complete, 2 if entries are missing, 1 if reads failed."""
    run_options = options(args)
    tree = compile_tree(run_options, out)
    if args.verb == "list":
        with open_run(run_options, tree, out) as run:
            return _print_entries(_load_inventory(run), out)
    if run_options.part:
        hint = f"name all that {run_options.guard.file} is for, or the entries of the rest would lack their documents"
        raise Refused("the inventory is rebuilt for a whole tree", hint)
    with open_run(run_options, tree, out) as run, run.store.lock():
        return _rebuild(tree, run, run_options, args, out)


def _load_inventory(run: RunSession) -> Inventory:
    return run.store.load(run.cloud.identity.account, run.cloud.identity.region)


def _print_entries(held: Inventory, out: Output) -> int:
    rows = [_row(held, ref) for ref in sorted(held.entries)]
    if out.json:
        out.result({**_inventory_facts(held), "entries": rows})
    else:
        cells = [(row["address"], row["aws_name"], "", ", ".join(row["older"]), "") for row in rows]
        out.write(table(_HEADS, cells, out.style) if cells else f"set {held.set}: the inventory is empty\n")
    return OK


def _rebuild(tree: Bundle, run: RunSession, options: Options, args: argparse.Namespace, out: Output) -> int:
    held = _load_inventory(run)
    made = rebuild(tree, run.cloud, held, run.order)
    complete = not made.recovery.errors
    changes = bool(made.recovery.proofs) or held.fresh
    written = complete and changes and args.yes
    if written:
        run.store.save(made.inventory)
    if out.json:
        out.result(_as_data(made.inventory, made.recovery, tree, written=written))
    else:
        out.write(_as_text(made.inventory, made.recovery, tree, out))
    for what, error in made.recovery.errors.items():
        out.error(f"{what} can't be read: {error}")
    for kind, error in made.recovery.unlisted.items():
        out.error(f"{kind} can't be listed, so that none without a document is found: {error}")
    if not complete:
        out.error("nothing was written: an inventory without what cannot be read would be incomplete")
        return FAILED
    if changes and not written:
        out.print_line("Nothing was written; the same command with --yes writes it.")
        return CHANGES
    out.print_line(f"set {options.set}: written." if written else f"set {options.set}: nothing is missing.")
    return OK


def _as_text(held: Inventory, recovery: Recovery, tree: Bundle, out: Output) -> str:
    cells = []
    for ref, proof in recovery.proofs.items():
        row = _row(held, ref)
        note = "" if ref in tree.resources else "no document"
        cells.append((row["address"], row["aws_name"], _PROOFS[proof], ", ".join(row["older"]), note))
    cells += [(str(each.ref), each.name, "left out", "", "") for each in recovery.unproved]
    text = table(_HEADS, cells, out.style, kept=3) if cells else ""
    reasons = [f"{each.ref}, {each.name}: {each.why}" for each in recovery.unproved]
    single = sum(ref not in tree.resources for ref in recovery.proofs)
    counts = {"to add": len(recovery.proofs), "in all": len(held.entries), "left out": len(reasons)}
    counted = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing found"
    lines = [*reasons, f"{counted}."]
    if single:
        lines.append(
            f"{single} without a document: to keep one, restore its document; `apply --prune` permanently deletes "
            "those that --confirm-delete KIND/NAME names."
        )
    return text + "".join(f"{line}\n" for line in lines)


def _as_data(held: Inventory, recovery: Recovery, tree: Bundle, *, written: bool) -> dict[str, Any]:
    found = [
        {**_row(held, ref), "proof": proof.value, "has_document": ref in tree.resources}
        for ref, proof in recovery.proofs.items()
    ]
    left = [
        {"address": str(each.ref), "aws_name": each.name, "message": each.why} for each in recovery.unproved
    ]
    return {**_inventory_facts(held), "added": found, "left_out": left, "written": written}


def _inventory_facts(held: Inventory) -> dict[str, Any]:
    where = {"account_id": held.account, "region": held.region, "set": held.set}
    return {"tool_version": version(), **where, "count": len(held.entries)}


def _row(held: Inventory, ref: Ref) -> dict[str, Any]:
    entry = held.of(ref)
    older = [each.name for each in entry.old]
    deletion = entry.deletion.value if entry.deletion else None
    return {
        "address": str(ref),
        "aws_name": entry.name,
        "arn": entry.arn,
        "older": older,
        "deletion": deletion,
    }
