"""``make kind``: its files for every kind of botocore that the project lacks."""

import shutil
from pathlib import Path

import pytest

from controller.kinds import KINDS
from controller.kinds.kind import Kind
from tests.repo.files import ROOT, files
from tests.scaffold.__main__ import main, registered_lines, write
from tests.scaffold.facts import UnknownKindError, facts, model
from tests.scaffold.texts import MARK, case_module, row_module, sandbox_module, snake

LACKED = sorted(
    name
    for operation in model()["operations"]
    if operation.startswith("Create") and (name := operation.removeprefix("Create")) not in KINDS
    if f"Describe{name}" in model()["operations"]
)


@pytest.mark.parametrize("kind", LACKED)
def test_every_lacked_kind_is_written_as_modules_that_load(kind: str) -> None:
    """The row is a ``Kind`` of that name; the other two are valid modules; each has questions."""
    of = facts(kind)
    found: dict[str, object] = {}
    for text in (row_module(of), sandbox_module(of), case_module(of)):
        assert MARK in text
        assert all(len(line) <= 120 for line in text.splitlines() if line.startswith(("#", '"""')))
        exec(compile(text, kind, "exec"), found)  # noqa: S102 - the text is ours
        if text == row_module(of):
            assert found[snake(kind).upper()] == Kind(name=kind)


def test_a_kind_is_entered_where_all_are_listed(tmp_path: Path) -> None:
    """The catalog names the new module, two registers import and list its constant; nothing is overwritten."""
    for name in registered_lines("ClusterExtension"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    written = write("ClusterExtension", tmp_path)
    assert all(path.is_file() for path in written)
    for name in registered_lines("ClusterExtension"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        compile(text, name, "exec")
        entries: tuple[str, ...] = ("CLUSTER_EXTENSION\n", "CLUSTER_EXTENSION,")
        if name == "controller/kinds/catalog.py":
            entries = ('"ClusterExtension": "cluster_extension",\n',)
        assert [text.count(entry) for entry in entries] == [1] * len(entries)
    with pytest.raises(FileExistsError):
        write("ClusterExtension", tmp_path)


def test_what_cannot_be_written_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A kind with a row, a name that botocore lacks, and no name at all."""
    with pytest.raises(UnknownKindError, match="Model has a row"):
        facts("Model")
    assert main(["Nothing"]) == 1
    assert "no CreateNothing" in capsys.readouterr().err
    assert main([]) == 2
    assert "make kind NAME=" in capsys.readouterr().err


def test_no_question_is_left_unanswered() -> None:
    """No file has a line of a scaffold that was to be answered and removed."""
    own = {"tests/scaffold/texts.py", "tests/scaffold/__main__.py"}
    left = [
        str(path.relative_to(ROOT))
        for path in files()
        if path.suffix == ".py"
        and str(path.relative_to(ROOT)) not in own
        and any(line.lstrip().startswith(MARK) for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert left == []
