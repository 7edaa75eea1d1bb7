import re

from tests.house.house import ROOT

_INSTALLERS = ("Makefile", "deploy/Dockerfile")
_FROM_A_LOCK = re.compile(r"^.*-r requirements[\w.-]*\.lock.*$", re.MULTILINE)


def test_pip_resolves_nothing_where_a_lock_file_names_everything() -> None:
    """Every install from a lock file checks hashes and leaves dependencies to the lock.

    The pip of Python 3.11 and 3.12 resolved `coverage[toml]` beside a locked `coverage`, and took a release that was
    newer than the lock: the installation failed on the day of that release.
    """
    lines = [
        line
        for name in _INSTALLERS
        for line in _FROM_A_LOCK.findall((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert len(lines) == 3
    for line in lines:
        assert "--no-deps" in line, line
        assert "--require-hashes" in line, line


def test_the_users_environment_needs_no_tools_for_tests() -> None:
    """`make venv`, the README's install line, installs from requirements.lock alone."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^venv: \$\(USE\)", makefile, re.MULTILINE)
    assert re.search(r"^\$\(USE\): requirements\.lock pyproject\.toml$", makefile, re.MULTILINE)
