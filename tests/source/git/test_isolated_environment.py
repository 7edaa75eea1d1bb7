"""The environment of git: no configuration of the user, the machine or the repository has an effect."""

import shutil
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.source.git.snapshot import Mirrors
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.keys import Ssh, push_signed
from tests.source.git.repository import Repository


@pytest.fixture
def trap_program(tmp_path: Path) -> Path:
    """A program that writes a file when it runs."""
    program = tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    program.chmod(0o755)
    return program


def test_a_persons_settings_do_not_count(
    forge: Forge,
    repository: Repository,
    mirrors: Mirrors,
    trap_program: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings, helpers, hooks and variables of the user have no effect."""
    tmp_path = trap_program.parent
    home = tmp_path / "home"
    home.mkdir()
    evil = f'[url "https://127.0.0.1:1/"]\n    insteadOf = https://\n[core]\n    hooksPath = {tmp_path}\n'
    (home / ".gitconfig").write_text(
        f"{evil}    askPass = {trap_program}\n    sshCommand = {trap_program}\n"
        f"[credential]\n    helper = {trap_program}\n"
    )
    variables = {
        "HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": home / ".gitconfig",
        "GIT_DIR": "/nowhere",
        "GIT_ASKPASS": trap_program, "SSH_ASKPASS": trap_program, "GIT_SSH": trap_program, "GIT_EXEC_PATH": tmp_path,
        "GIT_TRACE": tmp_path / "trace",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.sslVerify", "GIT_CONFIG_VALUE_0": "false",
        "GIT_SSL_NO_VERIFY": "1",
        "GIT_OBJECT_DIRECTORY": tmp_path, "GIT_ALTERNATE_OBJECT_DIRECTORIES": tmp_path,
        "GIT_PROXY_COMMAND": trap_program,
        "https_proxy": "http://127.0.0.1:1", "LD_PRELOAD_": "", "LC_ALL": "de_DE.UTF-8",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    repository.commit({"a.yaml": "a"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    refusal_of(mirrors.fetch_snapshot(git_source(forge, ca="")), Code.UNTRUSTED_SERVER)
    forge.user = "somebody"
    refusal_of(mirrors.fetch_snapshot(git_source(forge)), Code.LOGIN)
    assert not (tmp_path / "sprung").exists()
    assert not (tmp_path / "trace").exists()


def test_hooks_and_settings_in_the_cache_do_not_run(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path, trap_program: Path
) -> None:
    """Row 8: hooks and settings in the cache's repository are ignored."""
    repository.commit({"a.yaml": "1"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    git = mirrors._mirror(git_source(forge)).store.git
    hooks = git / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-update", "post-checkout", "pre-auto-gc"):
        (hooks / name).symlink_to(trap_program)
    with (git / "config").open("a") as config:
        config.write(
            f'[core]\n    hooksPath = {hooks}\n    fsmonitor = {trap_program}\n[alias]\n    fetch = "!{trap_program}"\n'
        )
    repository.commit({"a.yaml": "2"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    assert not (tmp_path / "sprung").exists()


def test_no_file_of_the_repository_is_written_out(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 8: there is no work tree: the cache holds git's own files and none by a name from the repository."""
    repository.commit({"unmistakable.yaml": "a", ".gitmodules": "", "hooks/post-checkout": "#!/bin/sh\n"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    names = {path.name for path in (tmp_path / "cache").rglob("*")}
    assert not {"unmistakable.yaml", ".gitmodules", "post-checkout", "index", ".git"} & names


def test_a_server_that_sends_clients_elsewhere_is_not_followed(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """Row 8: a bundle that the server recommends is not fetched: it could be at any address."""
    repository.commit({"a.yaml": "a"})
    repository.set("uploadpack.advertiseBundleURIs", "true")
    repository.set("bundle.version", "1")
    repository.set("bundle.mode", "all")
    repository.set("bundle.one.uri", f"https://127.0.0.1:{forge.port}/bundle")
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    assert all(path.startswith("/fleet.git") for path, _, _ in forge.requests)


def test_programs_that_are_not_there_are_named(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without git, with an old one, or without ssh-keygen is reported, and needs a person."""
    key = Ssh.make(tmp_path / "id")
    push_signed(repository, {"a.yaml": "a"}, key)
    real = shutil.which("git")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    git = folder / "git"
    source = git_source(forge, signers=(key.signer,))
    fields = {
        "": "git is not installed",
        "git version 2.31.9": "git 2.32 is needed",
        "hello": "git 2.32 is needed",
    }
    for printed, message in fields.items():
        if printed:
            git.write_text(f"#!/bin/sh\necho {printed}\n")
            git.chmod(0o755)
        outcome = Mirrors(tmp_path / "cache").fetch_snapshot(source)
        assert message in refusal_of(outcome, Code.SOURCE).findings[0].message
    git.unlink()
    git.symlink_to(str(real))
    assert (
        "ssh-keygen is not installed"
        in refusal_of(mirrors.fetch_snapshot(source), Code.SOURCE).findings[0].message
    )
