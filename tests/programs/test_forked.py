"""A command that the fork server starts behaves as one that an interpreter starts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs.forked import ForkedProcess, Process, command_folder, run_to_end, start_forked

PROBE = "tests.programs.probe"
ENVIRONMENT = {"PATH": os.environ["PATH"], "ONLY": "this"}


def run_probe(forked: bool, folder: Path, *arguments: str) -> tuple[int, str, list[str]]:
    """The exit code, standard output and lines of standard error of the probe, which reads its standard input."""
    (folder / "in").write_text("a line ü\n", encoding="utf-8")
    with (folder / "in").open() as read, (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = start_forked(
            arguments,
            module=PROBE,
            cwd=folder,
            env=ENVIRONMENT,
            stdin=read,
            stdout=out,
            stderr=err,
            forked=forked,
        )
        code = process.wait(60)
    errors = (folder / "err").read_text(encoding="utf-8").splitlines()
    # between the first lines and the exception is a traceback, which has other frames
    return code, (folder / "out").read_text(encoding="utf-8"), [*errors[:2], errors[-1]]


@pytest.mark.parametrize("end", ["return", "exit", "message", "raise", "thread", "kill"])
def test_a_fork_ends_as_an_interpreter_does(tmp_path: Path, end: str) -> None:
    """Arguments, environment, folder, streams, signal handlers, descriptors and each way to end are the same."""
    real, forked = run_probe(False, tmp_path, end, "b"), run_probe(True, tmp_path, end, "b")
    assert forked == real
    assert "a line ü" in real[1]


def start_waiting_probe(folder: Path) -> Process:
    """The probe, waiting for a signal."""
    with (folder / "out").open("w") as out:
        process = start_forked(["wait"], module=PROBE, cwd=folder, env=ENVIRONMENT, stdout=out)
    _until(lambda: "waiting" in (folder / "out").read_text(encoding="utf-8"))
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_reaches_the_fork_alone(tmp_path: Path, number: signal.Signals) -> None:
    """The exit code is that of the signal, and the next command is served."""
    process, other = start_waiting_probe(tmp_path), start_waiting_probe(tmp_path)
    assert process.poll() is None
    process.send_signal(number)
    assert process.wait(60) == (-number if number != signal.SIGINT else 130)
    assert other.poll() is None
    other.kill()
    assert other.wait(60) == -signal.SIGKILL


def test_waiting_ends_with_its_time(tmp_path: Path) -> None:
    """``wait`` raises what ``subprocess`` raises, a second ``wait`` gives the exit code again."""
    process = start_waiting_probe(tmp_path)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.terminate()
    assert [process.wait(60), process.wait(60), process.poll()] == [-signal.SIGTERM] * 3
    process.kill()  # no process has its id now


def test_a_command_is_run_to_its_end(tmp_path: Path) -> None:
    """``ran`` gives the exit code and both outputs of ``sagectl``."""
    done = run_to_end(["validate", "missing"], cwd=tmp_path, env=ENVIRONMENT)
    assert done.returncode == 1
    assert "missing" in done.stdout + done.stderr


def run_in_shell(folder: Path, line: str) -> "subprocess.CompletedProcess[str]":
    """A line of a shell that finds the forked ``sagectl``, with a file ``in`` beside it."""
    (folder / "in").write_text("a line ü\n", encoding="utf-8")
    environment = {**ENVIRONMENT, "PATH": f"{command_folder()}:{ENVIRONMENT['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "line",
    [
        "sagectl version",
        "sagectl validate missing; echo $?",
        "cat in | sagectl plan - 2>&1 | grep -c in",
        "mkdir -p inner && cd inner && NO_COLOR=1 sagectl validate 'a b' \"$HOME\" > ../out; echo $?; cat ../out",
    ],
)
def test_a_shell_runs_the_fork_as_it_runs_the_command(tmp_path: Path, line: str) -> None:
    """Arguments, folder, environment, pipes and exit code are those of the installed command."""
    forked = run_in_shell(tmp_path, line)
    installed = run_in_shell(tmp_path, f"PATH='{Path(sys.executable).parent}':$PATH; {line}")
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        installed.returncode,
        installed.stdout,
        installed.stderr,
    )


def test_a_shell_ends_the_fork(tmp_path: Path) -> None:
    """A signal to the command that a shell runs in the background ends the fork normally."""
    line = (
        "sagectl sandbox --port 0 > out & "
        "while ! grep -q http out; do sleep 0.02; done; kill $!; wait $!; echo $?"
    )
    done = run_in_shell(tmp_path, line)
    assert done.stdout == "0\n", done


def test_coverage_measures_an_interpreter_of_its_own(tmp_path: Path) -> None:
    """With coverage's environment variable an interpreter is started, which coverage can measure."""
    with (tmp_path / "out").open("w") as out:
        given = {**ENVIRONMENT, "COVERAGE_PROCESS_CONFIG": ""}
        process = start_forked(["return"], module=PROBE, env=given, stdout=out)
    assert process.wait(60) == 0
    assert not isinstance(process, ForkedProcess)


def _until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)
