"""The users' pages: names in them exist, and their commands work on the sandbox."""

import os
import re
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from controller.cli.main import main
from controller.cli.parser import parse
from controller.gitops.settings_model import SettingsModel
from tests.docs.pages import PageFile, sagectl_lines, steps
from tests.journeys.stage import document_text
from tests.programs.forked import command_folder
from tests.repo.files import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
WALKED = ("getting-started", "environments")
QUICK = {  # so that an endpoint takes no time
    **dict.fromkeys(("plan", "status"), ("--sandbox-pace", "5000")),
    **dict.fromkeys(("apply", "destroy"), ("--sandbox-pace", "5000", "--poll", "0.05s")),
}
GROUP = document_text("ModelPackageGroup", "fraud", "modelPackageGroupDescription: versions")
JOBS = {  # the jobs of each recipe in the order in which they run, and the key of their commands
    ".github/workflows/sagemaker.yaml": ("preview", "plan", "apply"),
    ".gitlab-ci.yml": ("preview", "plan", "apply"),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_understood(page: Path) -> None:
    """Each line of `sagectl` in a block of a page has an existing command and existing options."""
    for line in sagectl_lines(page):
        with suppress(SystemExit):  # of --help
            parse([{"KIND": "model"}.get(word, word) for word in line])


def test_lines_of_commands_are_found() -> None:
    """The pages have many, so that an ineffective search is found."""
    found = {page.stem: len(sagectl_lines(page)) for page in PAGES}
    assert found["getting-started"] > 8
    assert found["ci"] >= 6
    assert sum(found.values()) > 70


def test_every_page_is_in_the_readme() -> None:
    """A reader of the README finds each page for users."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [page.name for page in PAGES if f"(docs/{page.name})" not in readme]


def test_every_setting_is_described() -> None:
    """The page of settings has a row for each setting of `sagectl.yaml`, and no others."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(field.alias or "" for field in SettingsModel.model_fields.values())
    (example,) = (step for step in steps(ROOT / "docs" / "settings.md") if isinstance(step, PageFile))
    SettingsModel.model_validate(yaml.safe_load(example.text))


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _run(folder: Path, line: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of a shell, as CI does, without AWS settings of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {
        "PATH": f"{command_folder()}:{os.environ['PATH']}",
        "CI": "true",
        "GITHUB_OUTPUT": str(folder / "outputs"),
    }
    return subprocess.run(
        ["bash", "-ec", line], cwd=folder, env={**kept, **own}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", WALKED)
def test_what_a_page_has_the_reader_do_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a page are written and its commands are run in order on the sandbox, with the documented results."""
    monkeypatch.chdir(tmp_path)
    for variable in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    run = 0
    if name != "getting-started":  # which instructs the reader to write the settings
        _write(tmp_path, "ml/sagectl.yaml", "sandbox: true\n")
    for step in steps(ROOT / "docs" / f"{name}.md"):
        if isinstance(step, PageFile):
            local = "sandbox: true\n" if step.path.endswith("sagectl.yaml") else ""
            _write(tmp_path, step.path, step.text + local)
            continue
        _, command, *rest = shlex.split(step.line, comments=True)
        assert main([command, *rest, *QUICK.get(command, ())]) == step.code, step.line
        run += 1
    assert run >= 5


def _commands(job: dict[str, object]) -> list[str]:
    """The shell lines of a job of GitHub Actions or GitLab."""
    script = job.get("script", [])
    listed = job.get("steps", [])
    assert isinstance(script, list)
    assert isinstance(listed, list)
    return [*script, *(step["run"] for step in listed if "run" in step)]


@pytest.mark.parametrize("file", JOBS)
def test_a_recipe_for_ci_plans_and_applies(file: str, tmp_path: Path) -> None:
    """The jobs of a recipe, one after the other, write the comment and apply the plan; a second apply is refused."""
    (recipe,) = (
        yaml.safe_load(step.text)
        for step in steps(ROOT / "docs" / "ci.md")
        if isinstance(step, PageFile) and step.path == file
    )
    jobs = recipe.get("jobs", recipe)
    _write(tmp_path, "ml/sagectl.yaml", "sandbox: true\n")
    _write(tmp_path, "ml/fraud.yaml", GROUP)
    for name in JOBS[file]:
        for line in _commands(jobs[name]):
            done = _run(tmp_path, line)
            assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
    assert "ModelPackageGroup/fraud" in (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert _run(tmp_path, "sagectl apply --plan plan.json").returncode == 3  # the plan was applied
