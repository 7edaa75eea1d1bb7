"""``sagectl apply`` and ``sagectl destroy``: consent to a plan, then passes until AWS is done."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeAlias

from controller.cli.apply_saved_plan import moved_already, print_moves, with_saved
from controller.cli.consent import (
    AutoApprove,
    FingerprintConsent,
    PlanStale,
    SavedPlanConsent,
    confirm_deletions,
)
from controller.cli.exit_codes import FAILED, INTERRUPTED, OK, STALE, WAITING
from controller.cli.load_bundle import compile_tree
from controller.cli.options import Options, options
from controller.cli.output import Output, version
from controller.cli.plan import as_data, show
from controller.cli.saved_plan import SavedPlan
from controller.cli.session import RunSession, open_run
from controller.cli.targets import narrowed_order
from controller.core.phase import Action, Convergence
from controller.engine.converge import PlanMoved, PlanUnread, later_consent, run
from controller.engine.in_flight import Waiter
from controller.engine.plan import Plan, PlanResult
from controller.engine.reconcile import reconcile
from controller.engine.report import Outcome, Report, Result
from controller.inventory.model import InventoryError, UnrecordedError
from controller.manifests.bundle import Bundle
from controller.output.action_words import header
from controller.output.progress import LiveProgress, NoProgress, Progress
from controller.output.run_summary import summary_text, unfinished_lines


@dataclass
class RunTotals:
    """Totals of the passes of a run; a step that acted in an early pass keeps its name in later ones."""

    plan: Plan | None = None
    ends: dict[str, Outcome] = field(default_factory=dict)
    convergence: Convergence = Convergence.SETTLED
    consented: bool = True

    def add(self, report: Report) -> None:
        """Add the report of a pass."""
        self.plan = self.plan or report.plan
        self.convergence, self.consented = report.convergence, report.consented
        there = {outcome.step.id for outcome in report.outcomes}
        for gone in set(self.ends) - there:
            if self.ends[gone].result in (Result.STARTED, Result.WAITING):
                self.ends[gone] = replace(self.ends[gone], result=Result.DONE, message="")
        for outcome in report.outcomes:
            self.ends[outcome.step.id] = _merge_outcomes(self.ends.get(outcome.step.id), outcome)

    def report(self) -> Report | None:
        """The whole run as one report, without observations; None before the first pass."""
        if self.plan is None:
            return None
        return Report(self.plan, tuple(self.ends.values()), self.convergence, None, self.consented)

    def counts(self) -> dict[Action, int]:
        """The number of finished steps of each action."""
        counts: dict[Action, int] = {}
        for outcome in self.ends.values():
            if outcome.calls and outcome.result is Result.DONE:
                counts[outcome.step.action] = counts.get(outcome.step.action, 0) + 1
        return counts


def _merge_outcomes(before: Outcome | None, now: Outcome) -> Outcome:
    if before is None or not before.calls:
        return now
    step = now.step if now.calls and not before.step.action.acts else before.step
    result = Result.DONE if now.result is Result.UNCHANGED else now.result
    return Outcome(step, result, now.message, before.calls + now.calls, used=now.used)


Consent: TypeAlias = Callable[[Plan], bool]
_CODES = {Convergence.SETTLED: OK, Convergence.STUCK: FAILED, Convergence.WAITING: WAITING}


def apply(args: argparse.Namespace, out: Output) -> int:
    """Apply the documents, or a saved plan."""
    return _carry_out(args, out)


def destroy(args: argparse.Namespace, out: Output) -> int:
    """Delete the declared resources."""
    return _carry_out(args, out)


def _carry_out(args: argparse.Namespace, out: Output) -> int:
    args, saved = with_saved(args)
    run_options = options(args)
    given = _consent_given(saved, args.approve, out)
    if saved and (moved := moved_already(saved, run_options)):
        print_moves(saved.file, moved, None, out)
        return STALE
    tree = compile_tree(run_options, out)
    if not (given or run_options.by_approval or args.yes or _is_interactive(out)):
        return _show_unconfirmed(tree, run_options, args, out)
    signal.signal(signal.SIGTERM, _interrupt)
    with open_run(run_options, tree, out, destroy=run_options.destroy) as bare, bare.store.lock():
        run = replace(bare, order=narrowed_order(run_options, tree, bare))
        if given:
            what = saved.file if saved else "the approval"
            return _as_agreed(given, tree, run, run_options, out, what=what)
        if run_options.by_approval:
            return _show_unapproved(tree, run, args, out)
        if args.yes:
            return _make_passes(tree, run, run_options, None, out)
        return _confirm(tree, run, run_options, out)


def _confirm(tree: Bundle, opened: RunSession, options: Options, out: Output) -> int:
    """Show the plan at the terminal, and apply it after a confirmation."""
    plan = reconcile(tree, opened.cloud, opened.store, lambda _: False, opened.order).plan
    show(plan, out)
    names = confirm_deletions(plan, opened.order, out)
    if names is None:
        out.print_line("No changes were made.")
        return FAILED
    order = replace(opened.order, confirm_delete=opened.order.confirm_delete | names)
    return _make_passes(tree, replace(opened, order=order), options, later_consent(plan), out)


def _is_interactive(out: Output) -> bool:
    """Whether a confirmation can be requested: input and output are terminals."""
    return not out.json and sys.stdin.isatty() and out.on_terminal


def _show_unconfirmed(tree: Bundle, options: Options, args: argparse.Namespace, out: Output) -> int:
    """Show the plan and how to confirm it, without changes and without a lease."""
    with open_run(options, tree, out, destroy=options.destroy) as run:
        plan = reconcile(tree, run.cloud, run.store, lambda _: False, narrowed_order(options, tree, run)).plan
    show(plan, out)
    if plan.result is PlanResult.NO_CHANGES:
        return OK
    option = " --destroy" if options.destroy else ""
    out.error(
        f"{args.command} needs a confirmation, and standard input is not a terminal; no changes were made",
        f"--yes confirms it, --approve {plan.fingerprint} to this plan alone; "
        f"`sagectl plan{option} --out FILE` saves it for `sagectl apply --plan FILE`",
    )
    return FAILED


def _consent_given(saved: SavedPlan | None, fingerprint: str | None, out: Output) -> Consent | None:
    """The consent from the command line, if any."""
    if saved:
        return SavedPlanConsent(saved.document, lambda plan: as_data(plan, out))
    return FingerprintConsent(fingerprint) if fingerprint else None


def _as_agreed(
    given: Consent, tree: Bundle, opened: RunSession, options: Options, out: Output, *, what: str
) -> int:
    """Apply with a consent from the command line, or make no changes."""
    try:
        return _make_passes(tree, opened, options, given, out)
    except PlanStale as stale:
        print_moves(what, stale.moved, stale.held, out)
        return STALE


def _show_unapproved(tree: Bundle, opened: RunSession, args: argparse.Namespace, out: Output) -> int:
    """Show the plan of a set that requires an approval, and how to approve it."""
    plan = reconcile(tree, opened.cloud, opened.store, lambda _: False, opened.order).plan
    show(plan, out)
    if not plan.acting:
        return OK
    hint = f"the same command with --approve {plan.fingerprint} applies exactly this plan, or fails"
    out.error(f"set {plan.set} is in mode Plan, so {args.command} needs an approval", hint)
    return FAILED


def _auto_approve(progress: Progress, out: Output) -> Consent:
    return AutoApprove(lambda plan: progress.pause_display(lambda: None if out.json else show(plan, out)))


def _make_passes(
    tree: Bundle, opened: RunSession, options: Options, given: Consent | None, out: Output
) -> int:
    """Make passes; without a consent from the command line, each plan is shown and then executed."""
    tally, began = RunTotals(), time.monotonic()
    with closing(_start_progress(out)) as progress:
        consent = _with_progress(given or _auto_approve(progress, out), progress)

        def reconcile_once(earlier: Report | None) -> Report:
            report = reconcile(
                tree,
                opened.cloud,
                opened.store,
                consent,
                opened.order,
                listen=progress.listen,
                earlier=earlier,
            )
            tally.add(report)
            progress.pass_ended(report)
            return report

        try:
            waiter = Waiter(time.monotonic, options.poll)
            run(reconcile_once, opened.cloud, waiter, wait=progress.wait, timeout=options.timeout)
        except PlanUnread as unread:
            progress.close()
            return _print_unread(unread, out)
        except PlanMoved as moved:
            progress.close()
            return _print_stale(moved, out)
        except InventoryError as error:
            progress.close()
            return _print_unwritten(error, opened, tally, out)
        except KeyboardInterrupt:
            progress.close()
            return _print_interrupted(tally, out)
    return _print_result(tally, out, time.monotonic() - began)


def _with_progress(decision: Consent, progress: Progress) -> Consent:
    """The consent, which passes each agreed plan to the progress display."""

    def consent(plan: Plan) -> bool:
        consented = decision(plan)
        if consented:
            progress.start_plan(plan)
        return consented

    return consent


def _start_progress(out: Output) -> Progress:
    kind = NoProgress if out.json else LiveProgress if out.on_terminal else Progress
    return kind(out.print_line, time.monotonic, out.style, lambda: out.redactor)


def _print_result(tally: RunTotals, out: Output, took: float) -> int:
    report = tally.report()
    if report is None:
        return FAILED
    shown = out.redactor.report(report)
    if out.json:
        from controller.output.plan_json import report_json

        out.result(report_json(shown, version()))
    else:
        out.write("\n" + summary_text(shown, tally.counts(), out.style, took))
    return _CODES[report.convergence]


def _print_stale(moved: PlanMoved, out: Output) -> int:
    changes = "; ".join(header(step) for step in moved.steps)
    out.error(
        f"{moved}: {changes}",
        "run the command again to see the new plan; the inventory holds what was done so far",
    )
    return STALE


def _print_unread(unread: PlanUnread, out: Output) -> int:
    out.error(
        str(unread), "run it again; --exclude KIND/NAME excludes what cannot be read and its dependents"
    )
    return FAILED


def _print_unwritten(error: InventoryError, opened: RunSession, tally: RunTotals, out: Output) -> int:
    """Print the changes that were made before the inventory could not be written; only the error if there are none."""
    done = [outcome for outcome in tally.ends.values() if outcome.calls]
    if not done and not isinstance(error, UnrecordedError):
        raise error
    message = error.kept_by(opened.store) if isinstance(error, UnrecordedError) else str(error)
    out.error(message, "make the inventory writable, then run the command again")
    for outcome in done:
        out.print_beside(
            f"  done before: {outcome.step.id} ({outcome.step.action.verb}, {outcome.result.value})"
        )
    return FAILED


def _print_interrupted(tally: RunTotals, out: Output) -> int:
    report = tally.report()
    left = unfinished_lines(out.redactor.report(report), out.style) if report else []
    out.error("interrupted; the inventory holds what was done, and the next run continues from there")
    for line in left:
        out.print_line(line)
    return INTERRUPTED


def _interrupt(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt
