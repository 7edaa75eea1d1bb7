"""The sources of the rig's programs, and the behaviour without them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kubernetes.rig.programs import NAMES, Programs, kubernetes_recipe, kubernetes_release, programs
from tests.programs.built import MissingError
from tests.repo.files import ROOT


def _put_program(folder: Path) -> Programs:
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return Programs(*(folder / name for name in NAMES))


def test_the_order_of_folders_for_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First KUBEBUILDER_ASSETS, then PATH, then the cache."""
    assets, on_path = _put_program(tmp_path / "assets"), _put_program(tmp_path / "path")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cached = _put_program(kubernetes_recipe().folder)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert programs(print) == assets
    monkeypatch.delenv("KUBEBUILDER_ASSETS")
    assert programs(print) == on_path
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs(print) == cached


def test_a_folder_without_the_programs_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named folder that is incomplete is an error, and is not skipped."""
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(MissingError, match="does not hold kube-apiserver, etcd, kubectl"):
        programs(print)


def test_without_go_the_error_names_two_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without programs and without Go the error names two ways to get them."""
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("tests.programs.built._GO", ("go",))
    with pytest.raises(MissingError, match=r"install Go .* KUBEBUILDER_ASSETS"):
        programs(print)


@pytest.mark.parametrize(("ci", "code", "word"), [("true", 1, "1 error"), ("", 0, "1 skipped")])
def test_missing_programs_fail_in_ci_and_skip_elsewhere(
    ci: str, code: int, word: str, tmp_path: Path
) -> None:
    """In CI a Kubernetes test without its programs fails; elsewhere it is skipped with the reason."""
    test = "tests/kubernetes/test_definitions.py::test_the_api_server_takes_every_definition"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env={**os.environ, "CI": ci, "KUBEBUILDER_ASSETS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert word in done.stdout
    assert "does not hold kube-apiserver, etcd, kubectl" in done.stdout


def test_the_release_is_one() -> None:
    """go.mod names one release of Kubernetes, for the programs and all their modules."""
    text = (Path(__file__).parent / "rig" / "go.mod").read_text(encoding="utf-8")
    parts = {word for line in text.splitlines() if "=>" in line for word in line.split()[-1:]}
    assert parts == {kubernetes_release().replace("v1.", "v0.")}
