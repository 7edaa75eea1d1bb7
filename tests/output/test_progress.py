from dataclasses import replace

import pytest

from controller.cli.apply import Tally
from controller.cli.consent import Yes
from controller.core.phase import Action, Standing
from controller.core.reason import Reason
from controller.engine.converge import PlanMoved
from controller.engine.plan import Plan
from controller.engine.report import Event, Happening, Outcome, Report, Result
from controller.output.progress import Progress, ending
from controller.output.redact import Redactor
from controller.output.terminal import Style
from tests.output import plans

GROWING = replace(plans.WAIT, detail="status: Creating", status="Creating")


class Scene:
    """Progress with a clock moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0
        self.lines: list[str] = []
        self.progress = Progress(self.lines.append, lambda: self.time, Style(), Redactor)

    def end_pass(self, *outcomes: Outcome, after: float = 0.0) -> list[str]:
        """What is said at the end of a turn, so many seconds after the last."""
        self.time += after
        before = len(self.lines)
        steps = plans.plan(*(outcome.step for outcome in outcomes))
        self.progress.pass_ended(Report(steps, outcomes, Standing.WAITING))
        return self.lines[before:]


CREATED = replace(GROWING, action=Action.CREATE, why=Reason.ABSENT, detail="", status="")
BEGUN = Outcome(CREATED, Result.STARTED, "", 1)
GROWS = Outcome(GROWING, Result.WAITING, "status: Creating")
READY = Outcome(replace(CREATED, action=Action.NOOP, status="InService"), Result.UNCHANGED)


def test_lines_come_on_change_only() -> None:
    """On a pipe a line is said when something changed, and none when nothing did."""
    scene = Scene()
    scene.progress.listen(Event(Happening.STARTED, CREATED))
    assert scene.lines == ["+ Endpoint/fraud: creating …"]
    assert scene.end_pass(BEGUN) == ["+ Endpoint/fraud: request accepted, waiting for AWS"]
    assert scene.end_pass(GROWS, after=10) == ["+ Endpoint/fraud: waiting (status: Creating)"]
    assert scene.end_pass(GROWS, after=10) == []
    assert scene.end_pass(READY, after=10) == ["+ Endpoint/fraud: created after 30 s"]
    assert scene.end_pass(READY, after=100) == []


def test_silence_is_broken_every_30_seconds() -> None:
    """While nothing changes, what is waited for is said, at most every 30 seconds."""
    scene = Scene()
    scene.end_pass(BEGUN)
    scene.end_pass(GROWS)
    lines = [line for _ in range(10) for line in scene.end_pass(GROWS, after=10)]
    assert lines == [f"still waiting for Endpoint/fraud (Creating, {s} s)" for s in (30, 60, 90)]


def test_many_are_counted() -> None:
    """Of many that are waited for, five are named and the others counted."""
    scene = Scene()
    many = [Outcome(replace(GROWING, id=f"Endpoint/e{i}"), Result.WAITING, "x") for i in range(9)]
    scene.end_pass(*many)
    assert scene.progress.unfinished().endswith("Endpoint/e4 (Creating, 0 s) and 4 more")


def test_a_deleted_resource_is_told_when_it_is_gone() -> None:
    """A deletion that AWS took time for is told when the step is no longer there."""
    scene = Scene()
    scene.end_pass(Outcome(plans.PRUNE, Result.STARTED, "", 1))
    assert scene.end_pass(after=5) == ["- Endpoint/old@old: deleted after 5 s"]


def test_turns_add_up() -> None:
    """What was begun in one turn and finished in a later one counts once, as what it was."""
    tally = Tally()
    for outcomes in ((BEGUN, Outcome(plans.PRUNE, Result.STARTED, "", 1)), (GROWS,), (READY,)):
        tally.add(Report(plans.plan(), tuple(outcomes), Standing.SETTLED))
    assert tally.counts() == {Action.CREATE: 1, Action.DELETE: 1}
    report = tally.report()
    assert report is not None
    assert ending(report, tally.counts(), Style(), 9.6) == "Done: 1 created, 1 deleted. (10 s)\n"


def test_the_end_names_what_failed() -> None:
    """The last words name each failure with its reason, and never say that all is done."""
    report = Report(plans.plan(), (Outcome(CREATED, Result.FAILED, "no such image"),), Standing.STUCK)
    text = ending(report, {}, Style(), 1)
    assert "Endpoint/fraud failed: no such image" in text
    assert "Failed: no changes were made." in text


def test_yes_shows_before_it_agrees() -> None:
    """--yes shows a later plan that would do more before it agrees, and agrees to no new deletion."""
    shown: list[Plan] = []
    consent = Yes(shown.append)
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
