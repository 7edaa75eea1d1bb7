"""The packages and the image: their content, and the quick start from each without the repository."""

import os
import re
import shlex
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from docs.dev.release import differences, main, notes, version
from tests.deploy.locked_index import locked_index
from tests.programs import virtual_environment
from tests.repo.files import ROOT

_STAGE = re.compile(r"^FROM \S+ AS build\n(.*?)^FROM ", re.MULTILINE | re.DOTALL)
_QUICK = ("--sandbox", "--sandbox-pace", "5000")


def _run(line: list[str], folder: Path, **more: str) -> str:
    """Run a command without the repository on its path.

    Raises:
        AssertionError: it failed; the message holds what it printed.

    """
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "AWS_", "COVERAGE"))
    }
    done = subprocess.run(
        line, cwd=folder, env={**kept, **more}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"$ {shlex.join(line)}\n{done.stdout}{done.stderr}"
    return done.stdout


def _quick_start(sagectl: Path, tree: Path, folder: Path) -> None:
    """Validate, apply, plan, which must be empty, and destroy."""
    assert version() in _run([str(sagectl), "version"], folder)
    _run([str(sagectl), "validate", str(tree)], folder)
    _run([str(sagectl), "apply", str(tree), *_QUICK, "--poll", "0.05s", "--yes"], folder)
    assert "No changes" in _run([str(sagectl), "plan", str(tree), *_QUICK], folder)
    confirmed = [word for name in ("Endpoint/fraud",) for word in ("--confirm-delete", name)]
    _run([str(sagectl), "destroy", str(tree), *_QUICK, "--poll", "0.05s", "--yes", *confirmed], folder)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built packages."""
    out = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "hatchling", "build", "--directory", str(out)], ROOT)
    return out


def _names(path: Path) -> set[str]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return set(wheel.namelist())
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_holds_the_program_and_nothing_else(dist: Path) -> None:
    """It has every file of ``controller`` in git, the examples that ``sagectl init`` uses, and no test."""
    (wheel,) = dist.glob("*.whl")
    line = ["git", "ls-files", "controller", "examples"]
    listed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    expected = {name if name.startswith("controller/") else f"controller/{name}" for name in listed}
    assert {name for name in _names(wheel) if ".dist-info/" not in name} == expected


def test_the_source_distribution_makes_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    """A wheel built from it has the files of the one built from the repository."""
    (source,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "--directory", str(tmp_path)], tree)
    (again,) = tmp_path.glob("*.whl")
    assert _names(again) == _names(wheel)
    assert not [name for name in _names(source) if name.startswith((".venv", ".sagectl", "dist/", "site/"))]


def test_the_quick_start_runs_from_the_image(tmp_path: Path) -> None:
    """The steps of the Dockerfile's build stage create an environment in which the quick start runs.

    They are run as a builder would run them, on the files that ``.dockerignore`` lets through; no builder is needed.
    """
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stage = _STAGE.search(text)
    assert stage
    app, source = tmp_path / "app", tmp_path / "src"
    with locked_index() as index:
        for line in stage[1].splitlines():
            word, _, rest = line.partition(" ")
            if word == "COPY":
                *names, _ = rest.split()
                source.mkdir(exist_ok=True)
                for name in names:
                    _run(["cp", "-r", str(ROOT / name), str(source)], tmp_path)
            elif word == "RUN":
                command = rest.replace("/app", str(app)).replace(
                    "python -m venv", f"{sys.executable} {virtual_environment.__file__}"
                )
                _run(
                    ["sh", "-ec", command],
                    source if source.exists() else tmp_path,
                    PIP_CACHE_DIR=str(tmp_path / "pip"),
                    PIP_COMPILE="0",  # the quick start imports a third of the installed packages
                    **index,
                )
    assert not (app / "bin" / "pip").exists()
    copied = tmp_path / "quickstart"
    _run(["cp", "-r", str(ROOT / "examples" / "quickstart"), str(copied)], tmp_path)
    _quick_start(app / "bin" / "sagectl", copied, tmp_path)


def test_a_release_is_refused_where_versions_differ(tmp_path: Path) -> None:
    """Tag, project, chart and changelog name one version; each difference is listed."""
    (tmp_path / "charts" / "sagemaker-gitops").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")
    chart = tmp_path / "charts" / "sagemaker-gitops" / "Chart.yaml"
    chart.write_text("version: 1.2.0\nappVersion: 1.1.0\n", encoding="utf-8")
    log = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n\n- More.\n\n## [1.1.0]\n\n- First.\n"
    (tmp_path / "CHANGELOG.md").write_text(log, encoding="utf-8")
    assert notes(tmp_path) == ("1.2.0", "- More.")
    assert differences("v1.2.0", tmp_path) == ["the chart's appVersion is 1.1.0, pyproject.toml 1.2.0"]
    assert len(differences("v1.3.0", tmp_path)) == 2


def test_the_commands_of_a_release_work(capsys: pytest.CaptureFixture[str]) -> None:
    """The notes of this version are printed; a tag of another version ends the workflow."""
    assert main(["notes"]) == 0
    assert "- " in capsys.readouterr().out
    assert main(["check", "v0.0.1"]) == 1
    assert "the tag is 0.0.1" in capsys.readouterr().out
    assert main([]) == 2
