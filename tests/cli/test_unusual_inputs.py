"""Unusable paths, plans, encodings and folders: an error with a hint, and neither a wait nor a crash."""

import json
import os
import socket
from pathlib import Path

import pytest

from controller.cli.main import main
from controller.core.finding import Code
from controller.manifests.load import load
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP

FOREIGN = "apiVersion: {}\nkind: Model\nmetadata: {{name: a}}\nspec: {{}}\n"


def test_a_special_file_is_a_finding(tmp_path: Path) -> None:
    """A FIFO without a writer, a socket and a device are not waited for, as an argument or in a folder."""
    os.mkfifo(tmp_path / "fifo.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.yaml"))
        for path in (tmp_path / "fifo.yaml", tmp_path / "s.yaml", Path("/dev/zero")):
            (found,) = load([str(path)]).findings
            assert found.code is Code.UNREADABLE_FILE, path
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: \xe4\n".encode("latin-1"))
    codes = {finding.code for finding in load([str(tmp_path)]).findings}
    assert Code.SYNTAX in codes
    assert codes <= {Code.SYNTAX, Code.UNREADABLE_FILE}


def test_a_pipe_of_the_shell_is_read(tmp_path: Path) -> None:
    """A pipe opened by the caller, as by a shell for ``<(command)``, is read to its end."""
    reading, writing = os.pipe()
    os.write(writing, GROUP.encode())
    os.close(writing)
    assert [each.ref.kind for each in load([f"/dev/fd/{reading}"]).documents] == ["ModelPackageGroup"]
    os.close(reading)
    assert load([str(tmp_path)]).documents == ()


@pytest.mark.parametrize(
    "text", ["spec: {a: ${var.x}}", "spec: {a: [1, ${var.x}]}", "spec: {\n  a: ${var.x},\n  b: 1}"]
)
def test_a_reference_in_flow_style_has_a_hint(text: str, tmp_path: Path) -> None:
    """The YAML reader's error recommends quotes for such a string."""
    (tmp_path / "a.yaml").write_text(text)
    (found,) = load([str(tmp_path / "a.yaml")]).findings
    assert found.code is Code.SYNTAX
    assert "must be quoted" in found.hint


@pytest.mark.parametrize(
    ("version", "ci", "option", "code"),
    [
        ("sagemaker.services.k8s.aws/v1alpha1", "", [], 0),
        ("sagemaker.services.k8s.aws/v1alpha1", "true", [], 1),
        ("sagemaker.services.k8s.aws/v1alpha1", "false", [], 0),
        ("sagemaker.services.k8s.aws/v1alpha1", "true", ["--no-strict"], 0),
        ("sagemaker.services.k8s.aws/v1alpha1", "", ["--strict"], 1),
        ("sagemaker.gitop.dev/v1alpha1", "", ["--no-strict"], 1),
        ("v1alpha1", "", ["--no-strict"], 1),
        ("", "", [], 0),
        ("", "1", [], 1),
        ("", "1", ["--no-strict"], 0),
    ],
)
def test_skipped_documents_are_an_error_in_ci(
    version: str, ci: str, option: list[str], code: int, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kind of the same name in another group, or no documents, fails if CI is set; a similar group always fails."""
    monkeypatch.setenv("CI", ci)
    if version:
        (tmp_path / "a.yaml").write_text(FOREIGN.format(version))
    assert main(["validate", str(tmp_path), *option]) == code


def test_other_objects_of_a_tree_stay_warnings(tmp_path: Path) -> None:
    """A Deployment beside documents is no error, also with ``--strict``."""
    (tmp_path / "a.yaml").write_text(
        FOREIGN.format("apps/v1").replace("Model", "Deployment") + "---\n" + GROUP
    )
    assert main(["validate", str(tmp_path), "--strict"]) == 0


def test_a_saved_plan_reads_nothing_elsewhere(shell: Shell, tmp_path: Path) -> None:
    """A forged plan names files outside of the folder, hidden ones and links out of it: none is read or printed."""
    shell.write("group.yaml", GROUP)
    assert shell.run("plan", "group.yaml", "--out", "plan.json").code == 2
    secret = tmp_path.parent / f"{tmp_path.name}-secret.yaml"
    secret.write_text("hunter2: {")
    shell.write(".aws/credentials", "hunter2: {")
    (shell.folder / "link.yaml").symlink_to(secret)
    document = json.loads((shell.folder / "plan.json").read_text())
    for path in (
        str(secret),
        f"../{secret.name}",
        ".aws/credentials",
        "link.yaml",
        "/proc/self/environ",
        "a\0b",
    ):
        for source in ({"paths": [path]}, {"paths": ["group.yaml"], "values": path}):
            shell.write("plan.json", json.dumps({**document, "source": source}))
            ran = shell.run("apply", "--plan", "plan.json")
            assert ran.code == 1, path
            assert "not below the working folder" in ran.err
            assert "hunter2" not in ran.out + ran.err
    shell.write("plan.json", json.dumps({**document, "source": {"paths": [str(secret)]}}))
    assert shell.run("apply", "--plan", "plan.json", "group.yaml", "--poll", "0.05s").code == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_output_works(
    encoding: str, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Characters that the encoding of standard output lacks are replaced, and nothing fails."""
    shell.write("g.yaml", GROUP.replace("scores", "\u00e4\u6f22\u2192"))
    with (tmp_path / "out").open("w", encoding=encoding) as out:
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.chdir(shell.folder)
        for command in (
            ["plan", "g.yaml", "--sandbox"],
            ["validate", "none.yaml"],
            ["graph", "g.yaml", "--sandbox"],
        ):
            assert main(command) in (0, 1, 2)
    assert "g.yaml" in (tmp_path / "out").read_text(encoding=encoding) or (tmp_path / "out").stat().st_size


def test_a_sandbox_without_a_folder_to_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If .sagectl can't be created, the error names the folder of the sandbox's state."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "g.yaml").write_text(GROUP)
    (tmp_path / ".sagectl").write_text("")
    assert main(["plan", "g.yaml", "--sandbox"]) == 1
    shown = capsys.readouterr().err
    assert "the sandbox keeps its state in" in shown
    assert "bug" not in shown
