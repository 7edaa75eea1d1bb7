import re
from dataclasses import replace

from controller.core.phase import Action
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, PIPELINE, SERVING
from tests.output.golden_files import assert_golden
from tests.output.plans import BLOCKED, EVERYTHING, NOOP, REPLACE, SHOWN_STEPS, UPDATE, plan


def text_of(of: object = EVERYTHING, style: Style | None = None) -> str:
    """The text of a plan."""
    return plan_text(Redactor().plan(of), style or Style(100))  # type: ignore[arg-type]


def test_every_action_has_its_words() -> None:
    """A plan with a step of every action equals the golden file."""
    assert {step.action for step in EVERYTHING.steps} == set(Action)
    assert_golden(text_of(), "every-action.txt")


def test_a_real_plan(local_shell: Shell) -> None:
    """A plan that the engine made of changed documents reads as the golden file does."""
    local_shell.write("a.yaml", SERVING)
    local_shell.write("b.yaml", PIPELINE)
    assert local_shell.run("apply", ".", "--yes").code == 0
    local_shell.write("a.yaml", SERVING.replace("one.tar.gz", "two.tar.gz").replace("risk", "fraud"))
    local_shell.write("b.yaml", PIPELINE.replace("ERROR", "other"))
    assert_golden(local_shell.run("plan", ".").out, "real.txt")


def test_the_calls_of_a_step_that_waits_for_inputs() -> None:
    """A replacement names its deletion too; an update has calls that depend on its inputs."""
    awaited = text_of(plan(replace(REPLACE, calls=()), replace(UPDATE, calls=())))
    calls = [line.strip() for line in awaited.splitlines() if "calls: " in line]
    assert calls == [
        "calls: DeleteWorkteam, CreateWorkteam, once its inputs are known",
        "calls: not known until its inputs are",
    ]


def test_the_same_plan_gives_the_same_bytes() -> None:
    """Nothing in the text depends on anything but the plan."""
    assert text_of() == text_of()


def test_nothing_to_do() -> None:
    """A plan without changes is one line."""
    text = text_of(plan(NOOP))
    assert (
        text
        == "No changes. The account matches the configuration (account 123456789012, us-east-1, set default).\n"
    )


def test_an_ended_run_that_differs_is_not_no_changes() -> None:
    """What only a run in progress takes is named, and the summary counts the run."""
    ended = replace(NOOP, detail="description differs, which only a run in progress takes")
    text = text_of(plan(ended))
    assert "description differs" in text
    assert (
        "Nothing can be changed: 1 ended run differs (account 123456789012, us-east-1, set default)." in text
    )
    assert "No changes" not in text


def test_blocked_is_not_no_changes() -> None:
    """A plan with a blocked step never reads "No changes"."""
    assert "No changes" not in text_of(plan(NOOP, BLOCKED))


def test_colours_only_if_asked() -> None:
    """Colours change nothing but colours, and are off unless requested."""
    plain, coloured = text_of(), text_of(style=Style(100, colour=True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_no_value_reaches_the_terminal_as_a_command() -> None:
    """Control characters in values are written as escapes."""
    assert "\x1b" not in text_of()
    assert "\\u001b[2J" in text_of()
    blocked = replace(BLOCKED, detail="\x1b]0;title\x07")
    assert "\x1b" not in text_of(plan(blocked))


def test_narrow_terminals_cut_long_values() -> None:
    """A long value is cut to the width, with its length."""
    lines = text_of(plan(UPDATE), Style(60)).splitlines()
    cut = [line for line in lines if "aaa" in line or "bbb" in line]
    assert len(cut) == 2
    assert all(len(line) <= 60 and line.endswith("… (90 characters)") for line in cut)


def test_every_step_that_does_something_is_shown() -> None:
    """No step but one that is in step is left out of the text."""
    text = text_of()
    assert all(step.id in text for step in SHOWN_STEPS)
    assert NOOP.id not in text


def test_the_canary_is_not_shown() -> None:
    """A sensitive document is neither shown nor are its members named."""
    assert CANARY not in text_of()
    assert "overview" not in text_of()
