"""Commands that write a folder of files: when they refuse, and which files they replace."""

import pytest

from tests.cli.conftest import Shell
from tests.journeys.tree import TREE

WRITERS = {
    "init": ("init", "{}"),
    "schema": ("schema", "-o", "{}"),
    "iam": ("iam", "a.yaml", "-o", "{}"),
    "convert": ("convert", "boto3", "create-experiment.json", "-o", "{}"),
    "export": ("export", "--sandbox", "--kind", "experiment", "-o", "{}"),
}
CREATORS = WRITERS.keys() - {"schema", "iam"}


@pytest.fixture
def shell_with_files(bare_shell: Shell) -> Shell:
    """A shell with a document, a request, and a file at the path of a folder."""
    bare_shell.write("a.yaml", TREE["Experiment"])
    bare_shell.write("create-experiment.json", '{"ExperimentName": "churn"}')
    bare_shell.write("taken", "")
    assert bare_shell.run("apply", "a.yaml", "--sandbox", "--yes").code == 0
    return bare_shell


def _files(shell: Shell, folder: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (shell.folder / folder).iterdir()}


@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_that_cannot_be_written_is_an_error_with_its_name(
    shell_with_files: Shell, name: str
) -> None:
    """If a file is in the way, the command reports that in two lines, without a traceback."""
    ran = shell_with_files.run(*(each.format("taken/made") for each in WRITERS[name]))
    assert ran.code == 1
    assert "taken/made can't be written: Not a directory" in ran.err
    assert "name another folder" in ran.err
    assert "Traceback" not in ran.err + ran.out


@pytest.mark.parametrize("name", WRITERS)
def test_existing_files_are_kept_or_replaced_whole(shell_with_files: Shell, name: str) -> None:
    """Documents are only created, and all or none; policies and schemas are replaced."""
    command = [each.format("made") for each in WRITERS[name]]
    assert shell_with_files.run(*command).code == 0
    before = _files(shell_with_files, "made")
    assert before
    *others, first = sorted(before)  # the first may be .gitignore, which is not changed
    (shell_with_files.folder / "made" / first).write_text("mine", encoding="utf-8")
    for each in others:
        (shell_with_files.folder / "made" / each).unlink()
    ran = shell_with_files.run(*command)
    if name in CREATORS:
        assert ran.code == 1
        assert f"made has {first} already" in ran.err
        assert _files(shell_with_files, "made") == {first: "mine"}
    else:
        assert ran.code == 0
        assert _files(shell_with_files, "made") == before
