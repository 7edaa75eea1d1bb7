"""The plugin for krew: the manifest names the archive, and its content runs ``sagectl``."""

import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from docs.dev.krew import ARCHIVE, MANIFEST, main
from docs.dev.release import version
from tests.programs.forked import command_folder

URL = "https://example.com/v9/kubectl-sagectl.tar.gz"


def test_the_manifest_names_the_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """URL and digest are those of the archive, which is reproducible; it has ``bin`` and its licence."""
    digests = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        assert main([str(folder), URL]) == 0
        digests.add(hashlib.sha256((folder / ARCHIVE).read_bytes()).hexdigest())
    plugin = yaml.safe_load((tmp_path / "one" / MANIFEST).read_text(encoding="utf-8"))
    (platform,) = plugin["spec"]["platforms"]
    assert (platform["uri"], {platform["sha256"]}) == (URL, digests)
    assert plugin["spec"]["version"] == f"v{version()}"
    assert re.fullmatch(r"[\w-]+", plugin["metadata"]["name"])
    with tarfile.open(tmp_path / "one" / ARCHIVE) as tar:
        assert set(tar.getnames()) == {platform["bin"], "LICENSE"}
    assert main([]) == 2
    assert "FOLDER URL" in capsys.readouterr().err


def test_the_plugin_runs_the_program(tmp_path: Path) -> None:
    """Arguments and exit codes are passed on; without ``sagectl`` it prints the command that installs it."""
    main([str(tmp_path), URL])
    with tarfile.open(tmp_path / ARCHIVE) as tar:
        tar.extractall(tmp_path, filter="data")
    installed = f"{command_folder()}{os.pathsep}{os.environ['PATH']}"

    def run(path: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(tmp_path / "kubectl-sagectl"), *arguments],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert run(installed, "version").stdout == f"sagectl {version()}\n"
    refused = run(installed, "validate", "nowhere.yaml")
    assert (refused.returncode, "nowhere.yaml" in refused.stdout + refused.stderr) == (1, True), refused
    missing = run("/usr/bin:/bin", "version")
    assert (missing.returncode, "pipx install sagemaker-gitops" in missing.stderr) == (127, True), missing
