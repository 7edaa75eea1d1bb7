"""The programs that tests start are built before the first test, and announced."""

from dataclasses import replace
from pathlib import Path

from tests.programs.built import MissingError, Recipe, Report
from tests.programs.prepare import Program, needed, prepare
from tests.repo.files import ROOT, python_files


def _program(folder: Path, name: str, minutes: str, built: list[str], *, fails: bool = False) -> Program:
    module = folder / name
    module.mkdir()
    (module / "go.sum").write_text(name, encoding="utf-8")

    def get(report: Report) -> None:
        report(f"building {name}")
        built.append(name)
        if fails:
            raise MissingError("no Go")

    return Program(Recipe(name, module, (name,), takes=minutes, without_go="install Go"), get)


def test_what_is_missing_is_announced_before_it_is_built(tmp_path: Path) -> None:
    """All builds are listed with their durations first; a failure stops no other; existing ones are not built."""
    lines: list[str] = []
    built: list[str] = []
    one = _program(tmp_path, "one", "four minutes", built, fails=True)
    two = _program(tmp_path, "two", "half a minute", built)
    there = replace(_program(tmp_path, "there", "a day", built), installed=True)
    prepare((one, there, two), lines.append)
    assert built == ["one", "two"]
    assert lines[1:3] == ["  one: four minutes", "  two: half a minute"]
    assert lines.index("building one") > 2
    assert any("no Go" in line for line in lines)
    prepare((there,), lines.clear)  # type: ignore[arg-type]  # it would be called with a text
    assert built == ["one", "two"]


def test_every_recipe_is_prepared() -> None:
    """Each module that has a recipe is among the prepared programs; ``python -m tests.clients`` is run by hand."""
    files = {
        path.parent
        for path in python_files("tests")
        if not path.is_relative_to(ROOT / "tests" / "clients")
        and ("= Recipe(" in (text := path.read_text(encoding="utf-8")) or "return Recipe(" in text)
    }
    prepared = {each.recipe.module for each in needed()}
    known = {module if module in files else module.parent for module in prepared}
    assert files - {ROOT / "tests" / "programs"} == known
