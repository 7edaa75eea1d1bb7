"""The summary of a run after its last pass."""

from controller.core.phase import Action, Convergence
from controller.engine.report import Outcome, Report, Result
from controller.output.action_words import DONE
from controller.output.terminal import Style

_BAD = (Result.FAILED, Result.SKIPPED)


def summary_text(report: Report, counts: dict[Action, int], style: Style, took: float) -> str:
    """The summary as text. The report must have gone through ``Redactor.report``."""
    lines: list[str] = []
    for outcome in report.outcomes:
        if outcome.result in _BAD:
            lines += _problem(outcome, style)
    if report.convergence is Convergence.WAITING:
        lines += unfinished_lines(report, style)
    finished = [f"{counts[action]} {word}" for action, word in DONE.items() if counts.get(action)]
    done = ", ".join([*finished, *_unfinished_counts(report)]) if finished else ""
    head = {
        Convergence.SETTLED: style.paint("Done:", "green")
        if done
        else style.paint("Nothing to do.", "green"),
        Convergence.STUCK: style.paint("Failed:", "red"),
        Convergence.WAITING: style.paint("Timed out:", "yellow"),
    }[report.convergence]
    message = done or ("" if report.convergence is Convergence.SETTLED else _nothing_finished(report))
    lines += [
        *([""] if lines else []),
        f"{head} {message}{'.' if message else ''} ({took:.0f} s)".replace("  ", " "),
    ]
    return "\n".join(lines) + "\n"


def _unfinished_counts(report: Report) -> list[str]:
    """The numbers of unfinished steps, without zeros."""
    counts = {
        "failed": len(report.of(Result.FAILED)),
        "skipped": len(report.of(Result.SKIPPED)),
        "unfinished": len(report.of(Result.STARTED)) + len(report.of(Result.WAITING)),
    }
    return [f"{count} {word}" for word, count in counts.items() if count]


def _nothing_finished(report: Report) -> str:
    """The line if no step was finished."""
    begun = any(outcome.calls and outcome.result not in _BAD for outcome in report.outcomes)
    return (
        "no change is complete yet; AWS continues the requests it accepted"
        if begun
        else "no changes were made"
    )


def unfinished_lines(report: Report, style: Style) -> list[str]:
    """The changes that AWS, or a later run, has yet to finish."""
    lines: list[str] = []
    for outcome in report.outcomes:
        if outcome.result in (Result.STARTED, Result.WAITING):
            why = outcome.message or outcome.step.status or "waiting for AWS"
            lines += style.wrap(why, "    ", f"  … {outcome.step.id} is unfinished: ")
    return lines


def _problem(outcome: Outcome, style: Style) -> list[str]:
    word = "failed" if outcome.result is Result.FAILED else "was skipped"
    why = outcome.message or outcome.step.detail
    return style.wrap(why, "    ", f"  {style.sign('!')} {outcome.step.id} {word}: ")
