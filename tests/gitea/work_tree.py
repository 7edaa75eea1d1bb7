"""A user's work tree, pushed with the ordinary git."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.gitea.repository import GiteaRepository


@dataclass(frozen=True)
class GitUser:
    """A user of a work tree; ``over`` is the address for pushes."""

    hosted: GiteaRepository
    folder: Path
    over: str
    known_hosts: str

    @classmethod
    def over_https(cls, repository: GiteaRepository, folder: Path) -> "GitUser":
        """A user who pushes with the token."""
        with_token = repository.https.replace("://", f"://{repository.owner}:{repository.token}@")
        return cls(repository, folder, with_token, "")

    @classmethod
    def over_ssh(cls, repository: GiteaRepository, folder: Path) -> "GitUser":
        """A user who pushes with a key, to a server whose host key is pinned."""
        return cls(repository, folder, repository.ssh, repository.access.known_hosts)

    def push(self, files: Mapping[str, str], branch: str = "main") -> str:
        """Push a commit on top of main that has only these files; returns its digest."""
        revision = self.commit(files, branch)
        done = self.send(branch)
        assert done.returncode == 0, done.stderr
        return revision

    def commit(self, files: Mapping[str, str], branch: str = "main") -> str:
        """Commit only these files, on top of what is checked out."""
        tree = self.folder / "tree"
        if not tree.exists():
            tree.mkdir(parents=True)
            self._git("init", "--quiet", "--initial-branch=main")
        if branch != "main":
            self._git("checkout", "--quiet", "-B", branch)
        for each in tree.iterdir():
            if each.name != ".git":
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        for name, text in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text, encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "Change")
        return self._git("rev-parse", "HEAD").strip()

    def send(self, branch: str = "main") -> "subprocess.CompletedProcess[str]":
        """``git push``; the caller checks the exit code."""
        return self._run("push", "--quiet", self.over, f"HEAD:refs/heads/{branch}")

    def _git(self, *arguments: str) -> str:
        done = self._run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        hosts = self.folder / "known_hosts"
        self.folder.mkdir(parents=True, exist_ok=True)
        hosts.write_text(self.known_hosts, encoding="utf-8")
        pinned = (
            f"-o UserKnownHostsFile={hosts} -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes"
        )
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSL_CAINFO": self.hosted.access.authority,
            "GIT_SSH_COMMAND": f"ssh -F none -i {self.hosted.key.file} -o IdentitiesOnly=yes {pinned}",
            **{f"GIT_{who}_NAME": "A GitUser" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "person@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        line = ["git", *command]
        return subprocess.run(
            line, cwd=self.folder / "tree", env=env, capture_output=True, text=True, check=False, timeout=60
        )
