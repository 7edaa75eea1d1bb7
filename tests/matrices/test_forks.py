"""Cells that are forks of one process end as they do alone, and whatever one of them does, the others go on."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from controller.sandbox import Answer
from tests.matrices.call_outcomes import WAYS
from tests.matrices.cells import Cell, Interposition
from tests.matrices.forks import run_alone, run_forked
from tests.matrices.traced_plays import PLAYS

_FEW = 2  # cells of each scenario


@pytest.mark.parametrize("name", PLAYS)
def test_a_cell_ends_in_a_fork_as_it_does_alone(name: str) -> None:
    """The same calls at the same times with the same responses, the same resources, files, objects and counts."""
    chance = random.Random(name)

    def few(plain: Interposition) -> list[Cell]:
        ways = ["killed after the call", *chance.sample(list(WAYS), _FEW - 1)]
        return [Cell(chance.randrange(plain.seen), way) for way in ways]

    found = run_forked(PLAYS[name], few)
    assert not found.failures, str(found)
    for cell, end in found.ends.items():
        assert run_alone(PLAYS[name], cell)[0] == end, cell


_FAILS, _HANGS, _DIES = "500, not carried out", "503, not carried out", "TooManyRequestsException"


def _play_three_requests(folder: Path, interposition: Interposition) -> str:
    """Three requests, each written into a file; the process ends otherwise at some responses."""
    file = folder / "answers"
    interposition.begin()
    for _ in range(3):
        answer = interposition.answer("DescribeModel", 0.0, lambda: Answer(200, {}, b"{}"))
        assert answer.status != 500, "not that"
        if answer.status == 503:
            time.sleep(60)
        if answer.status == 429:
            os.kill(os.getpid(), signal.SIGKILL)
        file.write_text(f"{file.read_text() if file.exists() else ''}{answer.status} ")
    return file.read_text()


def test_a_cell_that_fails_hangs_or_dies_stops_no_other_cell() -> None:
    """Each is reported with its reason; later ones find the files as they were at their request."""
    cells = [Cell(at, way) for at in (0, 1) for way in (_FAILS, _HANGS, _DIES, "AccessDeniedException")]
    found = run_forked(_play_three_requests, lambda _: cells, bound=0.5)
    assert list(found.ends) == cells
    good = {cell.at: end for cell, end in found.ends.items() if cell not in found.failures}
    assert good == {0: "400 200 200 ", 1: "200 400 200 "}
    reasons = {cell.way: text for cell, text in found.failures.items()}
    assert len(found.failures) == 6
    assert "AssertionError: not that" in reasons[_FAILS]
    assert reasons[_HANGS] == "it did not end within 0 s"
    assert reasons[_DIES] == "its process ended with status 9 and no report"
    assert str(found).startswith("6 of 8 cells failed")


def test_the_next_request_and_later_ones_end_in_the_ways_of_a_cell() -> None:
    """A cell may define how the next request ends, and for how long others end like the first."""
    cells = [
        Cell(0, "AccessDeniedException", then="ResourceInUse"),
        Cell(1, "AccessDeniedException", lasting=1.0),
        Cell(2, "AccessDeniedException", lasting=1.0),
    ]
    found = run_forked(_play_three_requests, lambda _: cells)
    assert list(found.ends.values()) == ["400 400 200 ", "200 400 400 ", "200 200 400 "]


def test_a_scenario_with_varying_requests_is_refused(tmp_path: Path) -> None:
    """A request's number identifies it only if the scenario makes the same requests each time."""
    again = tmp_path / "again"

    def play(folder: Path, interposition: Interposition) -> str:
        end = _play_three_requests(folder, interposition)
        if again.exists():
            interposition.answer("DescribeModel", 0.0, lambda: Answer(200, {}, b"{}"))
        again.touch()
        return end

    with pytest.raises(AssertionError, match="another each time"):
        run_forked(play, lambda _: [])
