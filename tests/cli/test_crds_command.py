"""``sagectl crds`` prints and writes the definitions."""

from pathlib import Path

from controller.crds import documents
from tests.cli.conftest import Shell


def test_it_prints_definitions_for_kubectl(bare_shell: Shell) -> None:
    """Without a folder all definitions are printed as one stream, without any other output."""
    ran = bare_shell.run("crds")
    assert ran.code == 0
    assert ran.out.split("---\n") == list(documents().values())
    assert not ran.err


def test_it_writes_a_file_for_each_kind_and_removes_former_ones(bare_shell: Shell) -> None:
    """A folder is brought up to date; foreign files stay."""
    old = next(iter(documents().values()))
    bare_shell.write("out/gone.yaml", old)
    bare_shell.write("out/mine.yaml", "kind: ConfigMap\n")
    ran = bare_shell.run("crds", "--write", "out")
    assert ran.code == 0
    assert f"{len(documents())} definitions written, 1 of kinds that are gone removed" in ran.out
    written = {path.name: path.read_text(encoding="utf-8") for path in (bare_shell.folder / "out").iterdir()}
    assert written == {**documents(), "mine.yaml": "kind: ConfigMap\n"}


def test_a_folder_that_cannot_be_written_is_named(bare_shell: Shell, tmp_path: Path) -> None:
    """If a file is in the way, the error names it, without a traceback."""
    bare_shell.write("taken", "")
    ran = bare_shell.run("crds", "--write", "taken")
    assert ran.code == 1
    assert "can't write to taken" in ran.err
