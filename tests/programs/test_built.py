"""Programs are built once for all processes, and a failed build leaves no incomplete result."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.programs.built import MissingError, Recipe, build_once

# Stands for Go: records each call, and writes the requested output to the path after "-o".
_GO = """\
#!/bin/sh
echo run >> {calls}
echo "go: downloading a module" >&2
sleep 0.2
while [ "$1" != -o ]; do shift; done
{end} > "$2one"
"""


@pytest.fixture
def go_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the calls of Go; Go succeeds, and the cache is empty."""
    _install(tmp_path, monkeypatch, "echo program")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "calls"


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    go = folder / "go"
    go.write_text(_GO.format(calls=folder / "calls", end=end), encoding="utf-8")
    go.chmod(0o755)
    monkeypatch.setattr("tests.programs.built._GO", (str(go),))


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """A module of one program."""
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.sum").write_text("one\n", encoding="utf-8")
    return Recipe("thing", module, ("one",), takes="a moment", without_go="install Go")


def test_a_program_is_built_once(go_calls: Path, recipe: Recipe) -> None:
    """Two concurrent requests and a later one share one build; another go.sum is another build."""
    lines: list[str] = []
    both = [threading.Thread(target=build_once, args=(recipe, lines.append)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (build_once(recipe, lines.append) / "one").read_text(encoding="utf-8") == "program\n"
    assert go_calls.read_text(encoding="utf-8") == "run\n"
    assert len(lines) == 1
    (recipe.module / "go.sum").write_text("two\n", encoding="utf-8")
    build_once(recipe, lines.append)
    assert go_calls.read_text(encoding="utf-8") == "run\n" * 2


def test_a_failed_build_is_told_and_tried_again(
    go_calls: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has Go's output; the next request builds again."""
    _install(tmp_path, monkeypatch, "echo no such module >&2; exit 1")
    with pytest.raises(MissingError, match=r"go build failed:\n(.*\n)*no such module"):
        build_once(recipe, print)
    _install(tmp_path, monkeypatch, "echo program")
    assert (build_once(recipe, print) / "one").is_file()


def test_what_finishes_a_build_is_done_before_anybody_sees_it(go_calls: Path, recipe: Recipe) -> None:
    """If finishing fails, there is no program in the cache."""

    def finish(go: str, folder: Path) -> None:
        assert (folder / "one").is_file()
        raise MissingError("its files can't be had")

    with pytest.raises(MissingError, match="its files"):
        build_once(replace(recipe, finish=finish), print)
    assert not recipe.folder.exists()


def test_without_go_the_error_names_two_ways(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Go the error has the recipe's own advice."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tests.programs.built._GO", ("no-such-go",))
    with pytest.raises(MissingError, match="no one: install Go"):
        build_once(recipe, print)
