"""The files for contributors refer to existing files."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.repo.files import ROOT, files

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def _target(name: str) -> bool:
    return re.search(rf"^{name}:", MAKEFILE, re.MULTILINE) is not None


def test_each_hook_runs_a_target_of_the_makefile() -> None:
    """Hooks are local and run make, so that they use the locked tools that CI uses."""
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    targets = re.findall(r"entry: make --silent (\w+)$", text, re.MULTILINE)
    assert set(targets) == {"format", "types", "layers"}
    assert all(map(_target, targets))
    assert re.findall(r"repo: (\S+)", text) == ["local"]


def test_the_container_installs_what_ci_installs() -> None:
    """The devcontainer ends with `make dev`, and has the packages that `.ci/run` installs."""
    read = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert read["postCreateCommand"] == "make dev"
    desired = re.findall(r'packages="\$packages (\S+)"', (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert desired
    assert all(each in read["onCreateCommand"].split() for each in desired)


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_an_issue_form_is_complete(form: Path) -> None:
    """Each form has a name, a description and fields with unique ids; the configuration has none of them."""
    read = yaml.safe_load(form.read_text(encoding="utf-8"))
    if "body" not in read:
        assert set(read) == {"blank_issues_enabled"}
        return
    assert read["name"]
    assert read["description"]
    ids = [field["id"] for field in read["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 1


def test_the_guide_describes_the_targets_and_modules_that_exist() -> None:
    """Every `python -m` module of CONTRIBUTING.md is a file; the targets for the daily work are described."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    modules = set(re.findall(r"python -m ([\w.]+)", text))
    known = {str(path.relative_to(ROOT)) for path in files()}
    assert modules
    for path in (name.replace(".", "/") for name in modules):
        assert known & {f"{path}.py", f"{path}/__main__.py"}, path
    for target in ("venv", "dev", "check", "test", "soak", "lock", "record", "crds", "docs"):
        assert f"`make {target}`" in text
        assert _target(target)
