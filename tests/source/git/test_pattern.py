import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from controller.source.git.pattern import IgnoreRules

# Not here: a slash within brackets, as in "[--/]". It parts folders for us, and a range for git.
CORPUS = [
    "*.yaml", "/a.yaml", "a", "a/", "/a/", "a/b", "a/*", "a/**", "**/b", "a/**/b", "**", "**/", "*/b.yaml",
    "/*",
    "!a", "!a/b.yaml", "*\n!a.yaml", "a\n!a/b.yaml", "a/*\n!a/b.yaml", "#a", "\\#a", "\\!a", "a ", "a\\ ",
    "a\t",
    "[ab].yaml", "[!a].yaml", "[^a].yaml", "[a-c]*", "[]a]", "[a", "[[:alpha:]].yaml", "[[:digit:]]*",
    "[[:nope:]]",
    "?.yaml", "??", "a?b", "**a", "a**", "a**b", "*a*b*", "/**/b.yaml", "a//b", "\\a", "a\\", "[\\]]",
    "[a\\-c]",
    "/", "//", ".", "..", "", "   ", "a/b/", "b.yaml/", "*/", "**/*.yaml", "!*.yaml\n*", "a/**/", "A",
    "[A-Z]",
    "*.y*ml", "d?/", "\\*", "a/b/c/d", "c/**/d/**/e", "[a-]", "[!]]", "[]-a]", "*[", "a[b]c",
]  # fmt: skip
PATHS = [
    "a", "a.yaml", "a/b", "a/b.yaml", "a/b/c/d", "b", "b.yaml", "b/a", "c/d/e", "c/x/d/y/e", "dd/x", "#a",
    "!a", "a ", "]",
    "a-b", "1.yaml", "x/y/z/b.yaml", "aXb", "*", "-", "a[b", "abc", "[", "A.yaml", "a/a/a", "[a", "a\\", "[[:nope:]]",
]  # fmt: skip


def _is_excluded_by_us(text: str, path: str) -> bool:
    """Whether a file is left out: by itself, or with a folder on its way."""
    rules = IgnoreRules(10_000).with_ignore(text.encode(), ())
    parts = path.split("/")
    return any(rules.ignores(parts[:end], end < len(parts)) for end in range(1, len(parts) + 1))


def _excluded_by_git(folder: Path, text: str, paths: list[str]) -> dict[str, bool]:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "-q", str(folder)], env=env, check=True)
    (folder / ".gitignore").write_text(text)
    run = ["git", "-C", str(folder), "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin"]
    process = subprocess.run(
        run, env=env, input="\0".join(paths), text=True, capture_output=True, check=False
    )
    fields = process.stdout.split("\0")
    return {
        fields[at + 3]: bool(fields[at]) and not fields[at + 2].startswith("!")
        for at in range(0, len(fields) - 1, 4)
    }


def test_ignore_files_mean_what_they_mean_to_git(tmp_path: Path) -> None:
    """Row 10: each line of the corpus leaves out the same files as ``git check-ignore`` does."""
    wrong = []
    for text in CORPUS:
        by_git = _excluded_by_git(tmp_path, text, PATHS)
        assert set(by_git) == set(PATHS)
        wrong += [
            f"{text!r} {path!r}: git says {by_git[path]}"
            for path in PATHS
            if _is_excluded_by_us(text, path) is not by_git[path]
        ]
    assert not wrong, "\n".join(wrong)


def test_made_up_ignore_files_mean_what_they_mean_to_git(tmp_path: Path) -> None:
    """Row 10: so do lines that chance makes of the signs that matter."""
    chance = random.Random(10)
    signs = ["a", "b", "/", "*", "**", "?", "!", "[ab]", "[!a]", "\\", " ", ".yaml", "/**/", "d"]
    wrong = []
    for _ in range(250):
        lines = ["".join(chance.choices(signs, k=chance.randint(1, 5))) for _ in range(chance.randint(1, 3))]
        paths = [
            "/".join(chance.choices(["a", "b", "ab", "d", "a.yaml", "ba"], k=chance.randint(1, 4)))
            for _ in range(8)
        ]
        by_git = _excluded_by_git(tmp_path, "\n".join(lines), paths)
        text = "\n".join(lines)
        wrong += [
            f"{text!r} {path!r}: git says {by_git[path]}"
            for path in paths
            if _is_excluded_by_us(text, path) is not by_git[path]
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("text", ["*a" * 240 + "b", "**/" * 160 + "b", "[a-z]*" * 80, "?" * 499])
def test_no_pattern_takes_long(text: str) -> None:
    """Row 11: patterns made to match slowly don't."""
    start = time.process_time()
    for path in ("a" * 255, "/".join(["a" * 20] * 60)):
        _is_excluded_by_us(text, path)
    assert time.process_time() - start < 0.5
