"""``apply --plan FILE``: the options of the saved plan, and consent to that plan only."""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from controller.cli.errors import Refused
from controller.cli.options import Options
from controller.cli.output import Output, version
from controller.cli.saved_plan import NotAPlanError, SavedPlan, bound_inputs, read_plan
from controller.output.plan_diff import AppliedChanges, PlanDifference, context

_FIXED = {
    "prune": "--prune",
    "confirm_deletes": "--confirm-deletes",
    "confirm_delete": "--confirm-delete",
    "targets": "--target",
    "excludes": "--exclude",
}
_SHOWN, _NAMED = 20, 5
_FEW, _LONGEST = 3, 100


def with_saved(args: argparse.Namespace) -> tuple[argparse.Namespace, SavedPlan | None]:
    """The arguments, completed from the saved plan that they name, if any.

    Raises:
        Refused: the file is no plan, or the arguments contradict it.

    """
    file = getattr(args, "plan", None)
    if not file:
        if not args.paths:
            raise Refused("give the PATHs of documents, or a saved plan with --plan FILE")
        return args, None
    if args.approve:
        raise Refused("--plan and --approve exclude each other", "give one of them")
    try:
        saved = read_plan(file)
    except NotAPlanError as error:
        raise Refused(str(error), "`sagectl plan PATH --out FILE` saves one") from None
    given = [option for name, option in _FIXED.items() if getattr(args, name) is not None]
    if given:
        raise Refused(f"the saved plan fixes {', '.join(given)}", "remove the option, or create a new plan")
    fixed = {name: saved.option(name) for name in _FIXED} | {"destroy": saved.option("destroy") is True}
    filled = {
        "paths": args.paths or list(saved.paths),
        "values": args.values or saved.values,
        "set": args.set or saved.document["set"],
        "region": args.region or saved.document["region"],
    }
    _check_named(args, saved)
    if not filled["paths"]:
        raise Refused(f"{file} does not contain the paths of its documents", "give the PATHs")
    return argparse.Namespace(**{**vars(args), **fixed, **filled}), saved


def _check_named(args: argparse.Namespace, saved: SavedPlan) -> None:
    """Check the files that a plan names.

    Raises:
        Refused: one of them must not be read.

    """
    named = (
        *(() if args.paths else saved.paths),
        *(() if args.values or not saved.values else (saved.values,)),
    )
    if beyond := [name for name in named if not _may_be_read(name)]:
        message = ", ".join(repr(name[:_LONGEST]) for name in beyond[:_FEW])
        hint = "a plan may name files below the working folder; give PATH, and --values FILE, yourself"
        raise Refused(f"{saved.file} names what is not below the working folder: {message}", hint)


def _may_be_read(name: str) -> bool:
    """Whether a file that a plan names may be read: below the working folder, and not hidden.

    Otherwise the author of the plan could choose which files are read, and errors quote parts of them.
    """
    if name == "-":
        return True
    try:
        below = Path(name).resolve().relative_to(Path.cwd().resolve())
    except (OSError, RuntimeError, ValueError):
        return False
    return not any(part.startswith(".") for part in below.parts)


def moved_already(saved: SavedPlan, options: Options) -> tuple[PlanDifference, ...]:
    """The changes since the plan that are visible without the documents: tool, set, variables, options."""
    return tuple(context(saved.document, {**bound_inputs(options), "set": options.set}))


def print_moves(what: str, moved: Iterable[PlanDifference], held: AppliedChanges | None, out: Output) -> None:
    """Print the changes since ``what``, whether it was applied already, and that no changes were made."""
    found = tuple(moved)
    if out.json:
        entries = [{"id": m.id, "member": m.member, "before": m.before, "now": m.now} for m in found]
        done = {"done": held.done, "of": held.of} if held else None
        head = {"format_version": "1.0", "tool_version": version(), "stale": True}
        out.result({**head, "moved": entries, "applied": done})
    lines = [line for move in found[:_SHOWN] for line in _lines(move, out)]
    more = [f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    out.error(
        f"{what} is stale, and no changes were made; what changed since: {_sum(found)}", _applied_text(held)
    )
    for line in (*lines, *more):
        out.print_beside(line)


def _sum(moved: Iterable[PlanDifference]) -> str:
    """The changes in one line: documents, resources, and other inputs of the plan."""
    names: dict[str, dict[str, None]] = {}
    for move in moved:
        word = "options" if not move.id else "documents" if move.member.startswith("wanted") else "resources"
        names.setdefault(word, {})[move.id or move.member] = None
    return "; ".join(f"{word} {_first_names(list(found))}" for word, found in sorted(names.items()))


def _first_names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _applied_text(held: AppliedChanges | None) -> str:
    """The text whether the plan was applied already, as far as the account shows."""
    if held is None:
        return "cannot determine whether it was already applied; `sagectl plan` shows what is left to do"
    if held.of and held.done == held.of:
        return f"it was already applied: the account has all of its changes ({held.of})"
    if held.done:
        return f"{held.done} of its {held.of} changes are already applied; create a new plan for the rest"
    return "it was not applied: the account has none of its changes; create a new plan"


def _lines(move: PlanDifference, out: Output) -> list[str]:
    """A change, on one line if it fits."""
    head = f"  {move.id or 'the plan'}: {move.member}:"
    before, now = _value(move.before), _value(move.now)
    if len(line := f"{head} {before} -> {now}") <= out.style.width:
        return [line]
    return [head, f"    {out.style.fit(before, 4)}", f"    -> {out.style.fit(now, 7)}"]


def _value(value: Any) -> str:
    """A value as text; in parentheses where there is none to show."""
    from controller.output.values import scalar

    return value if isinstance(value, str) and re.fullmatch(r"\([a-z ]+\)", value) else scalar(value)
