import io
from dataclasses import replace

import pytest
from rich.console import Console

from controller.cli.apply import RunTotals
from controller.cli.consent import AutoApprove
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.converge import PlanMoved
from controller.engine.plan import Plan
from controller.engine.report import Event, Happening, Outcome, Report, Result
from controller.output.progress import LiveProgress, Progress, RunStage
from controller.output.redact import Redactor
from controller.output.run_summary import summary_text
from controller.output.terminal import Style
from tests.output import plans

GROWING = replace(plans.WAIT, detail="status: Creating", status="Creating")


class ProgressStage:
    """Progress with a clock that the test advances."""

    def __init__(self) -> None:
        self.time = 0.0
        self.lines: list[str] = []
        self.progress = Progress(self.lines.append, lambda: self.time, Style(), Redactor)

    def end_pass(self, *outcomes: Outcome, after: float = 0.0) -> list[str]:
        """The output at the end of a pass, ``after`` seconds after the last."""
        self.time += after
        before = len(self.lines)
        steps = plans.plan(*(outcome.step for outcome in outcomes))
        self.progress.pass_ended(Report(steps, outcomes, Convergence.WAITING))
        return self.lines[before:]


CREATED = replace(GROWING, action=Action.CREATE, why=Reason.ABSENT, detail="", status="")
BEGUN = Outcome(CREATED, Result.STARTED, "", 1)
GROWS = Outcome(GROWING, Result.WAITING, "status: Creating")
READY = Outcome(replace(CREATED, action=Action.NOOP, status="InService"), Result.UNCHANGED)


def test_lines_come_on_change_only() -> None:
    """On a pipe a line is printed after a change, and none without one."""
    scene = ProgressStage()
    scene.progress.listen(Event(Happening.STARTED, CREATED))
    assert scene.lines == ["+ Endpoint/fraud: creating …"]
    assert scene.end_pass(BEGUN) == ["+ Endpoint/fraud: request accepted, waiting for AWS"]
    assert scene.end_pass(GROWS, after=10) == ["+ Endpoint/fraud: waiting (status: Creating)"]
    assert scene.end_pass(GROWS, after=10) == []
    assert scene.end_pass(READY, after=10) == ["+ Endpoint/fraud: created after 30 s"]
    assert scene.end_pass(READY, after=100) == []


def test_silence_is_broken_every_30_seconds() -> None:
    """Without a change, the awaited resources are printed, at most every 30 seconds."""
    scene = ProgressStage()
    scene.end_pass(BEGUN)
    scene.end_pass(GROWS)
    lines = [line for _ in range(10) for line in scene.end_pass(GROWS, after=10)]
    waiting = "1 in progress, waiting for AWS"
    scene.progress.stage = RunStage.WAITING
    lines += scene.end_pass(GROWS, after=20)
    assert lines == [
        f"1 in progress, reading the account, {s} s: still waiting for Endpoint/fraud (Creating, {s} s)"
        for s in (30, 60, 90)
    ] + [f"{waiting}, 120 s: still waiting for Endpoint/fraud (Creating, 120 s)"]


def test_ends_are_counted() -> None:
    """Each planned change that ends is counted, once, whichever pass ends it; what was not planned is not."""
    scene = ProgressStage()
    failing = replace(plans.UPDATE, id="Pipeline/broken")
    scene.progress.start_plan(plans.plan(CREATED, plans.UPDATE, failing, plans.PRUNE, plans.NOOP))
    done = Outcome(plans.UPDATE, Result.DONE, "", 1)
    pruned = Outcome(plans.PRUNE, Result.STARTED, "", 1)
    lines = scene.end_pass(
        BEGUN, done, Outcome(failing, Result.FAILED, "no"), pruned, Outcome(plans.NOOP, Result.UNCHANGED)
    )
    assert [line for line in lines if " of " in line] == [
        "~ Pipeline/train: updated (1 of 4)",
        "~ Pipeline/broken: failed: no (2 of 4)",
    ]
    assert scene.progress.overview() == "1 of 4 done, 1 failed, 2 in progress, applying, 0 s"
    scene.progress.start_plan(plans.plan(failing))
    lines = scene.end_pass(READY, Outcome(failing, Result.DONE, "", 1), after=20)
    assert lines == [
        "+ Endpoint/fraud: created after 20 s (3 of 4)",
        "~ Pipeline/broken: updated (3 of 4)",
        "- Endpoint/old@old: deleted after 20 s (4 of 4)",
    ]
    assert scene.progress.overview() == "4 of 4 done, applying, 20 s"


def test_the_stage_follows_the_run() -> None:
    """The stage is reading until a plan is agreed to, then applying, and waiting while the run sleeps."""
    scene = ProgressStage()
    stages = [scene.progress.stage]
    scene.progress.start_plan(plans.plan(CREATED))
    stages.append(scene.progress.stage)
    scene.progress.wait(0)
    stages.append(scene.progress.stage)
    scene.progress.listen(Event(Happening.OBSERVING))
    stages.append(scene.progress.stage)
    assert stages == [RunStage.READING, RunStage.APPLYING, RunStage.WAITING, RunStage.READING]


def test_a_terminal_shows_counts_below_what_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the last moving line holds counts, stage and time."""
    monkeypatch.setenv("TERM", "xterm-256color")
    live = LiveProgress(print, lambda: 0.0, Style(), Redactor)
    try:
        live.start_plan(plans.plan(CREATED))
        live.pass_ended(Report(plans.plan(CREATED), (BEGUN,), Convergence.WAITING))
        shown = io.StringIO()
        Console(file=shown, width=100).print(live.table())
    finally:
        live.close()
    rows = [line.split() for line in shown.getvalue().splitlines()]
    assert rows[0][:2] == ["+", "Endpoint/fraud"]
    assert " ".join(rows[-1]) == "0 of 1 done, 1 in progress, applying, 0 s"


def test_many_are_counted() -> None:
    """Of many that are waited for, five are named and the others counted."""
    scene = ProgressStage()
    many = [Outcome(replace(GROWING, id=f"Endpoint/e{i}"), Result.WAITING, "x") for i in range(9)]
    scene.end_pass(*many)
    assert scene.progress.in_transition_text().endswith("Endpoint/e4 (Creating, 0 s) and 4 more")


def test_a_deleted_resource_is_told_when_it_is_gone() -> None:
    """A deletion that took time is reported when the step is no longer in the plan."""
    scene = ProgressStage()
    scene.end_pass(Outcome(plans.PRUNE, Result.STARTED, "", 1))
    assert scene.end_pass(after=5) == ["- Endpoint/old@old: deleted after 5 s"]


def test_turns_add_up() -> None:
    """What was begun in one pass and finished in a later one counts once, as what it was."""
    tally = RunTotals()
    for outcomes in ((BEGUN, Outcome(plans.PRUNE, Result.STARTED, "", 1)), (GROWS,), (READY,)):
        tally.add(Report(plans.plan(), tuple(outcomes), Convergence.SETTLED))
    assert tally.counts() == {Action.CREATE: 1, Action.DELETE: 1}
    report = tally.report()
    assert report is not None
    assert summary_text(report, tally.counts(), Style(), 9.6) == "Done: 1 created, 1 deleted. (10 s)\n"


def test_the_end_names_what_failed() -> None:
    """The last lines list each failure with its reason, and never report success."""
    report = Report(plans.plan(), (Outcome(CREATED, Result.FAILED, "no such image"),), Convergence.STUCK)
    text = summary_text(report, {}, Style(), 1)
    assert "Endpoint/fraud failed: no such image" in text
    assert "Failed: no changes were made." in text


def test_the_last_line_has_no_zeros() -> None:
    """The counts of what was done, failed, skipped and unfinished are there where they are not zero."""
    outcomes = [
        Outcome(plans.UPDATE, Result.DONE, "", 1),
        Outcome(CREATED, Result.FAILED, "no such image"),
        Outcome(plans.CARD, Result.SKIPPED),
        Outcome(plans.ADOPT, Result.WAITING),
    ]
    counts = {Action.UPDATE: 1}
    last = []
    for number, shared_account in ((1, Convergence.SETTLED), (2, Convergence.STUCK), (4, Convergence.STUCK)):
        report = Report(plans.plan(), tuple(outcomes[:number]), shared_account)
        last.append(summary_text(report, counts, Style(), 1).splitlines()[-1])
    assert last == [
        "Done: 1 updated. (1 s)",
        "Failed: 1 updated, 1 failed. (1 s)",
        "Failed: 1 updated, 1 failed, 1 skipped, 1 unfinished. (1 s)",
    ]


def test_yes_shows_before_it_agrees() -> None:
    """--yes shows a later plan that would do more before it agrees, and agrees to no new deletion."""
    shown: list[Plan] = []
    consent = AutoApprove(shown.append)
    first, same, more = (
        plans.plan(plans.UPDATE),
        plans.plan(plans.UPDATE),
        plans.plan(plans.UPDATE, plans.SECRET),
    )
    assert consent(first)
    assert consent(same)
    assert consent(more)
    assert shown == [first, more]
    with pytest.raises(PlanMoved):
        consent(plans.plan(plans.PRUNE))
