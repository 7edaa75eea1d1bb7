"""The git server of the tests returns the same refs as ``git http-backend``, also from its cache."""

import os
import subprocess
from collections.abc import Callable

import pytest

from tests.source.git.forge import Forge, _Handler
from tests.source.git.repository import DOCUMENT, Repository

CHANGES: dict[str, Callable[[Repository, str, str], object]] = {
    "a commit": lambda repository, _, __: repository.commit({"b.yaml": DOCUMENT % "b"}),
    "a branch": lambda repository, first, _: repository.point("refs/heads/other", first),
    "a branch moved back": lambda repository, first, _: repository.point("refs/heads/main", first),
    "a branch deleted": lambda repository, _, __: repository.delete("refs/heads/side"),
    "an annotated tag": lambda repository, first, _: repository.tag("v1", first, annotated=True),
    "packed refs": lambda repository, _, __: subprocess.run(
        ["git", f"--git-dir={repository.path}", "pack-refs", "--all"], check=True
    ),
    "hidden refs": lambda repository, _, __: repository.set("transfer.hideRefs", "refs/heads/side"),
    "another HEAD": lambda repository, _, __: (repository.path / "HEAD").write_text(
        "ref: refs/heads/side\n", encoding="utf-8"
    ),
    "no repository": lambda repository, _, __: repository.vanish(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_kept_is_what_git_answers(
    forge: Forge, repository: Repository, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """After each change of a repository, the refs listed are those that a server without a cache lists."""
    first = repository.commit({"a.yaml": DOCUMENT % "a"})
    second = repository.commit({"a.yaml": DOCUMENT % "c"})
    repository.point("refs/heads/side", first)
    before = _list_remote(forge)
    assert _list_remote(forge) == before
    CHANGES[change](repository, first, second)
    kept = _list_remote(forge)
    monkeypatch.setattr(_Handler, "_remembered", _Handler._backend)
    assert kept == _list_remote(forge)
    assert kept != before or change == "packed refs"


def test_a_repeated_poll_starts_no_backend(
    forge: Forge, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polls of a repository that has not changed are counted as requests, and answered without git."""
    repository.commit({"a.yaml": DOCUMENT % "a"})
    before = _list_remote(forge)
    before_it = forge.count("ls-refs")
    monkeypatch.setattr(_Handler, "_backend", None)
    assert _list_remote(forge) == before
    assert forge.count("ls-refs") == before_it + 1


def _list_remote(forge: Forge) -> tuple[int, str]:
    """What ``git ls-remote`` prints of the repository, HEAD's target with it."""
    authority = forge.root.parent / "authority.pem"
    authority.write_text(forge.issued.authority, encoding="utf-8")
    done = subprocess.run(
        ["git", "-c", f"http.sslCAInfo={authority}", "ls-remote", "--symref", forge.url()],
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
