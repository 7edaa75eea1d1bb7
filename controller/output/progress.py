"""The progress of a run."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from controller.engine.plan import Plan, Step
from controller.engine.report import Event, Happening, Outcome, Report, Result
from controller.output.action_words import DOING, DONE
from controller.output.redact import Redactor
from controller.output.terminal import Style, escape_unprintable, sign_of

_ENDS = (Result.DONE, Result.UNCHANGED, Result.FAILED, Result.SKIPPED)
_QUIET_SECONDS = 30.0
_NAMED = 5


@dataclass(frozen=True)
class ResourceInTransition:
    """A resource in transition: the step that began it, its status in AWS, and since when."""

    step: Step
    status: str
    since: float


class RunStage(Enum):
    """The stage of a run."""

    READING = "reading the account"
    APPLYING = "applying"
    WAITING = "waiting for AWS"


@dataclass
class Progress:
    """Progress as lines on each change; every 30 seconds without one, a line about what is still in transition.

    Fields:
        planned: the ids of the acting steps of the run's approved plans.
        ended: the result of those that are finished.
        began: when the run began, in seconds of ``now``.
    """

    write: Callable[[str], None]
    now: Callable[[], float]
    style: Style
    redactor: Callable[[], Redactor]
    moving: dict[str, ResourceInTransition] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    reported_at: float = 0.0
    planned: set[str] = field(default_factory=set)
    ended: dict[str, Result] = field(default_factory=dict)
    stage: RunStage = RunStage.READING
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.now()

    def start_plan(self, plan: Plan) -> None:
        """Record a plan that will be executed."""
        self.planned |= {step.id for step in plan.acting}
        self.stage = RunStage.APPLYING

    def listen(self, event: Event) -> None:
        """Handle an event of a pass."""
        if event.happening is Happening.OBSERVING:
            self.stage = RunStage.READING
        if event.happening is Happening.STARTED and event.step is not None:
            self._line(event.step, f"{DOING.get(event.step.action, 'working')} …")

    def overview(self) -> str:
        """The number of finished changes, the stage, and the duration of the run so far."""
        results = Counter(self.ended.values())
        done = results[Result.DONE]
        counts = [f"{done} of {len(self.planned)} done"] if self.planned else []
        for word, count in (
            ("failed", results[Result.FAILED]),
            ("skipped", results[Result.SKIPPED]),
            ("in progress", len(self.moving)),
        ):
            counts += [f"{count} {word}"] if count else []
        return ", ".join([*counts, self.stage.value, f"{self.now() - self.began:.0f} s"])

    def pass_ended(self, report: Report) -> None:
        """Handle the end of a pass."""
        for raw in report.outcomes:
            outcome = replace(raw, message=self.redactor().text(raw.message))  # the only part that is shown
            key = outcome.step.id
            message = self._outcome_text(outcome)
            self._count(outcome)
            if message and self.shown.get(key) != message:
                first = self.moving.get(key)
                self._line(first.step if first else outcome.step, message, outcome.result)
            if message:
                self.shown[key] = message
            if outcome.result in (Result.STARTED, Result.WAITING):
                before = self.moving.get(key, ResourceInTransition(outcome.step, "", self.now()))
                status = outcome.step.status or outcome.message or "accepted"
                self.moving[key] = replace(before, status=escape_unprintable(status))
            else:
                self.moving.pop(key, None)
        for key in set(self.moving) - {outcome.step.id for outcome in report.outcomes}:
            gone = self.moving.pop(key)
            if key in self.planned:
                self.ended[key] = Result.DONE
            self._line(gone.step, self._finished_text(gone, "gone"), Result.DONE)
        self._still_waiting()

    def wait(self, seconds: float) -> None:
        """Sleep, and print what is still in transition meanwhile."""
        self.stage = RunStage.WAITING
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            time.sleep(min(left, _QUIET_SECONDS))
            self._still_waiting()

    def pause_display(self, show: Callable[[], None]) -> None:
        """Permit other output within the block."""
        show()

    def close(self) -> None:
        """End the display."""

    def _count(self, outcome: Outcome) -> None:
        """Record the result of a planned change; a failed one may succeed in a later pass."""
        key, result = outcome.step.id, outcome.result
        if key not in self.planned:
            return
        if result is Result.UNCHANGED and key in self.moving:
            result = Result.DONE
        if result in (Result.DONE, Result.FAILED, Result.SKIPPED):
            self.ended[key] = result

    def _outcome_text(self, outcome: Outcome) -> str:
        step, message = outcome.step, escape_unprintable(outcome.message)
        tail = f": {message}" if message else ""
        since = self.moving.get(step.id)
        if outcome.result is Result.UNCHANGED and since is not None:
            return self._finished_text(since, "ready")
        if outcome.result is Result.SKIPPED and step.id not in self.shown:
            return ""
        return {
            Result.DONE: DONE.get(step.action, "done") + tail,
            Result.STARTED: "request accepted, waiting for AWS" + tail,
            Result.WAITING: f"waiting ({message or f'status: {step.status}'})",
            Result.FAILED: "failed" + tail,
            Result.SKIPPED: "skipped" + tail,
        }.get(outcome.result, "")

    def _finished_text(self, moving: ResourceInTransition, otherwise: str) -> str:
        return f"{DONE.get(moving.step.action, otherwise)} after {self.now() - moving.since:.0f} s"

    def _line(self, step: Step, message: str, result: Result | None = None) -> None:
        style = "red" if result is Result.FAILED else "green" if result is Result.DONE else ""
        self.reported_at = self.now()
        counted = f" ({self._counter()})" if step.id in self.ended and result in _ENDS else ""
        self.write(
            f"{self.style.sign(sign_of(step.action)) or ' '} {step.id}: "
            f"{self.style.paint(message, style)}{counted}"
        )

    def _counter(self) -> str:
        return f"{len(self.ended)} of {len(self.planned)}"

    def _still_waiting(self) -> None:
        if not self.moving or self.now() - self.reported_at < _QUIET_SECONDS:
            return
        self.reported_at = self.now()
        self.write(f"{self.overview()}: still waiting for {self.in_transition_text()}")

    def in_transition_text(self) -> str:
        """A short text about the resources in transition."""
        named = [
            f"{key} ({each.status}, {self.now() - each.since:.0f} s)"
            for key, each in sorted(self.moving.items())
        ]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        return ", ".join(named[:_NAMED]) + more


class LiveProgress(Progress):
    """Lines as in ``Progress``, and below them a live line for each resource in transition."""

    def __init__(
        self, _write: Callable[[str], None], now: Callable[[], float], style: Style, redactor: Any
    ) -> None:
        from rich.console import Console
        from rich.live import Live as Display

        super().__init__(self._print_above, now, style, redactor)
        console = Console(no_color=not style.colour, highlight=False)
        self._display = Display(
            get_renderable=self.table,
            console=console,
            refresh_per_second=4,
            transient=True,
            redirect_stderr=False,
        )
        self._display.start()

    def pause_display(self, show: Callable[[], None]) -> None:
        """Hide the live lines within the block."""
        self._display.stop()
        show()
        self._display.start()

    def close(self) -> None:
        """Remove the live lines."""
        self._display.stop()

    def _print_above(self, text: str) -> None:
        from rich.text import Text

        self._display.console.print(Text.from_ansi(self.redactor().text(text)))

    def _still_waiting(self) -> None:
        """Do nothing: the live lines show it."""

    def table(self) -> Any:
        """The live lines: resources in transition, and below them the counts."""
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for key, each in sorted(self.moving.copy().items()):
            cells = (sign_of(each.step.action), key, each.status, f"{self.now() - each.since:.0f} s")
            table.add_row(*(Text(cell) for cell in cells))
        table.add_row("", Text(self.overview(), style="bold"))
        return table


class NoProgress(Progress):
    """Shows no progress, for ``--format json``."""

    def listen(self, event: Event) -> None:
        """Say nothing."""

    def _line(self, step: Step, message: str, result: Result | None = None) -> None:
        """Say nothing."""

    def _still_waiting(self) -> None:
        """Say nothing."""
