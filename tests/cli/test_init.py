"""``sagectl init`` and ``sagectl schema``: a first tree that works, and schemas for its editor."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from controller.cli.examples import names
from controller.kinds import KINDS
from tests.cli.conftest import Shell
from tests.repo.files import ROOT

QUICK = ("--sandbox-pace", "5000")


def test_a_first_tree_is_planned_and_applied(bare_shell: Shell) -> None:
    """The command that init prints plans the tree, and apply settles it, without an account."""
    ran = bare_shell.run("init", "ml")
    assert ran.code == 0
    assert "Next: sagectl plan ml" in ran.out
    assert bare_shell.run("plan", "ml", *QUICK).code == 2
    assert bare_shell.run("apply", "ml", "--yes", "--poll", "0.05s", *QUICK).code == 0
    assert bare_shell.run("plan", "ml", *QUICK).code == 0


@pytest.mark.parametrize("name", names())
def test_every_example_can_be_initialized(bare_shell: Shell, name: str) -> None:
    """Each example folder becomes a tree with settings whose documents validate."""
    assert bare_shell.run("init", "my tree", "--from", name).code == 0
    written = {path.name for path in (bare_shell.folder / "my tree").iterdir()}
    assert written == {
        ".gitignore",
        "sagectl.yaml",
        *(path.name for path in (ROOT / "examples" / name).glob("*.yaml")),
    }
    ran = bare_shell.run("validate", "my tree", "--var", "image=x:1")
    assert "Traceback" not in ran.err
    assert "SG002" not in ran.out


def test_nothing_is_written_over(bare_shell: Shell) -> None:
    """An existing file or link leaves the whole folder unchanged; a wrong name gets a suggestion."""
    bare_shell.write("ml/fraud.yaml", "mine\n")
    ran = bare_shell.run("init", "ml")
    assert ran.code == 1
    assert "fraud.yaml already" in ran.err
    assert [path.name for path in (bare_shell.folder / "ml").iterdir()] == ["fraud.yaml"]
    (bare_shell.folder / "other").mkdir()
    (bare_shell.folder / "other" / "fraud.yaml").symlink_to(bare_shell.folder / "elsewhere")
    assert bare_shell.run("init", "other").code == 1
    assert [path.name for path in (bare_shell.folder / "other").iterdir()] == ["fraud.yaml"]
    assert not (bare_shell.folder / "elsewhere").exists()
    assert "quickstart" in bare_shell.run("init", "x", "--from", "quikstart").err
    assert bare_shell.run("init", "x", "--from", "../examples").code == 1
    assert not (bare_shell.folder / "x").exists()
    bare_shell.write("file", "")
    assert "can't be written" in bare_shell.run("init", "file/ml").err


def test_git_ignores_the_state_of_a_tree(bare_shell: Shell) -> None:
    """Git ignores the files of a first plan beside the documents; an existing .gitignore stays."""
    subprocess.run(["git", "init", "-q"], cwd=bare_shell.folder, check=True)
    bare_shell.write("mine/.gitignore", "*.old\n")
    for tree in ("ml", "mine"):
        assert bare_shell.run("init", tree).code == 0
        assert bare_shell.run("plan", tree, *QUICK).code == 2
    assert (bare_shell.folder / "ml" / ".sagectl").is_dir()
    seen = subprocess.run(
        ["git", "status", "--short", "-uall"],
        cwd=bare_shell.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    files = {line.split()[1] for line in seen.stdout.splitlines()}
    assert {each for each in files if each.startswith("ml/")} == {
        "ml/.gitignore",
        "ml/fraud.yaml",
        "ml/sagectl.yaml",
    }
    assert (bare_shell.folder / "mine" / ".gitignore").read_text(encoding="utf-8") == "*.old\n"


def test_a_mistyped_path_gets_a_guess(bare_shell: Shell) -> None:
    """Commands that read documents suggest the existing folder or file with the most similar name."""
    assert bare_shell.run("init", "receipts").code == 0
    for command in ("validate", "plan", "apply", "graph", "iam"):
        for path, guess in {
            "recipts": "'receipts'?",
            "receipts/frod.yaml": "'fraud.yaml'?",
            "x/frod.yaml": "",
        }.items():
            ran = bare_shell.run(command, path)
            shown = ran.out + ran.err
            assert (f"did you mean {guess}" in shown) if guess else ("did you mean" not in shown)


def test_schemas_accept_the_documents_of_their_kinds(bare_shell: Shell) -> None:
    """The schema of each kind accepts the quick-start documents, and refuses what validate refuses."""
    whole = json.loads(bare_shell.run("schema").out)
    Draft202012Validator.check_schema(whole)
    validator = Draft202012Validator(whole)
    documents = [
        each
        for path in sorted((ROOT / "examples" / "quickstart").glob("*.yaml"))
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    assert len(documents) > 5
    assert [error.message for each in documents for error in validator.iter_errors(each)] == []
    for each in documents:
        assert not validator.is_valid({**each, "kind": "Modell"})
        assert not validator.is_valid({**each, "spec": {**each["spec"], "noSuchField": 1}})
    one = json.loads(bare_shell.run("schema", "endpoint-configs").out)
    assert one["title"] == "EndpointConfig"


def test_schemas_are_written_into_a_folder(bare_shell: Shell) -> None:
    """A folder gets a schema of each kind, of settings and syncs, and a catalog; lines for editors are printed."""
    ran = bare_shell.run("schema", "--out", "s")
    assert "# yaml-language-server: $schema=s/document.schema.json" in ran.out
    files = {path.name for path in Path(bare_shell.folder / "s").iterdir()}
    assert len(files) == len(KINDS) + 5
    same = (ROOT / "docs" / "schemas" / "model.schema.json").read_text(encoding="utf-8")
    assert (bare_shell.folder / "s" / "model.schema.json").read_text(encoding="utf-8") == same
