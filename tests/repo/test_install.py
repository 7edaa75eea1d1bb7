"""The lock files, and installation from them."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.programs import virtual_environment
from tests.repo.files import ROOT
from tests.repo.index import Index, serve_index

LOCKS = ("requirements.lock", "requirements-dev.lock")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
UV = str(Path(sys.executable).with_name("uv"))
_INSTALLERS = ("Makefile", "deploy/Dockerfile")
_FROM_A_LOCK = re.compile(r"^.*-r requirements[\w.-]*\.lock.*$", re.MULTILINE)
_PINNED = re.compile(r"^([a-z\d][\w.-]*(?:\[[\w,.-]+\])?==[^\s\\]+(?: ; [^\\\n]+)?) \\$", re.MULTILINE)

# A backend in the project itself: the build of the project needs no package of an index.
_BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "project-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("project-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: project\\nVersion: 1\\n")
        wheel.writestr("project-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("project-1.dist-info/RECORD", "")
    return name
"""
_PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "project"
version = "1"
requires-python = ">=3.11"
dependencies = ["plain>=1"]
[dependency-groups]
dev = ["plugin>=1"]
"""


def test_pip_resolves_nothing_where_a_lock_file_names_everything() -> None:
    """Every install from a lock file checks hashes and leaves dependencies to the lock."""
    lines = [
        line
        for name in _INSTALLERS
        for line in _FROM_A_LOCK.findall((ROOT / name).read_text(encoding="utf-8"))
        if "$(LOCK)" not in line and "pip-audit" not in line
    ]
    assert len(lines) == 3
    for line in lines:
        assert "--no-deps" in line, line
        assert "--require-hashes" in line, line


def test_the_users_environment_needs_no_tools_for_tests() -> None:
    """`make venv`, the README's install line, installs from requirements.lock alone, and that holds no tool."""
    assert re.search(r"^venv: \$\(USE\)", MAKEFILE, re.MULTILINE)
    assert re.search(r"^\$\(USE\): requirements\.lock pyproject\.toml$", MAKEFILE, re.MULTILINE)
    assert not set(locked_pins(LOCKS[0])) & {each.name for each in required_roots("dev")}


@dataclass(frozen=True)
class LockedPackage:
    """What a lock file holds of one package: a version for each marker."""

    pins: tuple[Requirement, ...]

    def here(self) -> Requirement | None:
        """The pin for this Python and platform."""
        return next((pin for pin in self.pins if pin.marker is None or pin.marker.evaluate()), None)


def locked_pins(name: str) -> dict[str, LockedPackage]:
    """The pins of a lock file, by normalised name."""
    pins: dict[str, tuple[Requirement, ...]] = {}
    for text in _PINNED.findall((ROOT / name).read_text(encoding="utf-8")):
        pin = Requirement(text)
        key = str(canonicalize_name(pin.name))
        pins[key] = (*pins.get(key, ()), pin)
    return {key: LockedPackage(each) for key, each in pins.items()}


def required_roots(*groups: str) -> list[Requirement]:
    """What pyproject.toml requires: the dependencies, or those of the groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    held = [each for group in groups for each in project["dependency-groups"][group]]
    return [Requirement(each) for each in held or project["project"]["dependencies"]]


def _required(start: list[Requirement]) -> Iterator[Requirement]:
    """Every requirement that is reached from some, by the metadata of what is installed."""
    todo, seen = list(start), set[str]()
    while todo:
        requirement = todo.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        yield requirement
        for text in distribution(requirement.name).requires or ():
            further = Requirement(text)
            extras = requirement.extras or {""}
            if further.marker is None or any(further.marker.evaluate({"extra": each}) for each in extras):
                todo.append(further)


@pytest.mark.parametrize(("name", "groups"), [(LOCKS[0], ()), (LOCKS[1], ("dev",))], ids=LOCKS)
def test_a_lock_holds_all_that_is_required_with_its_extras(name: str, groups: tuple[str, ...]) -> None:
    """Each requirement reached from pyproject.toml has a pin that satisfies it, with the extras that it names.

    A lock without the extras fails in pip 23: it takes `coverage[toml]>=7` for another requirement than `coverage==7`.
    """
    pins = locked_pins(name)
    desired: dict[str, set[str]] = {}
    for requirement in _required(required_roots() + required_roots(*groups) if groups else required_roots()):
        key = str(canonicalize_name(requirement.name))
        pin = pins[key].here() if key in pins else None
        assert pin is not None, f"{requirement} is not locked: make lock"
        version = str(pin.specifier).removeprefix("==")
        assert requirement.specifier.contains(version, prereleases=True), f"{pin} is stale: make lock"
        assert distribution(key).version == version, f"{pin} is not installed: make dev"
        desired.setdefault(key, set()).update(requirement.extras)
    for key, extras in desired.items():
        pin = pins[key].here()
        assert pin is not None
        assert extras == pin.extras, f"{key} needs {extras or 'no extras'}: make lock"


def test_the_locks_agree_and_name_no_index() -> None:
    """Both lock files hold the same release of a package, each with hashes, and no address of an index."""
    use, dev = (locked_pins(name) for name in LOCKS)
    assert {key: use[key].pins for key in use} == {key: dev[key].pins for key in use}
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert len(re.findall(r"^\S.*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(
            re.findall(r"^[^\s#]", text, re.MULTILINE)
        )


def _old_releases(index: Index) -> None:
    index.publish("plain", "1.0")
    index.publish("helper", "1.0")
    index.publish("base", "1.0", extras={"fast": "helper>=1"})
    index.publish("plugin", "1.0", ("base[fast]>=1",))


def _new_releases(index: Index) -> None:
    index.publish("plain", "2.0")
    index.publish("helper", "2.0")
    index.publish("base", "2.0", extras={"fast": "helper>=2"})
    index.publish("plugin", "2.0", ("base[fast]>=2",))


def _installed(*folders: Path) -> set[str]:
    names = {path.name for folder in folders for path in folder.glob("*.dist-info")}
    return {name.removesuffix(".dist-info") for name in names if not name.startswith(("pip-", "setuptools-"))}


def _project(folder: Path) -> Path:
    """A project with this Makefile, whose packages are those of the test's index."""
    folder.mkdir()
    folder.joinpath("Makefile").write_text(MAKEFILE, encoding="utf-8")
    folder.joinpath("pyproject.toml").write_text(_PROJECT, encoding="utf-8")
    folder.joinpath("backend.py").write_text(_BACKEND, encoding="utf-8")
    return folder


def _run(command: list[str], project: Path, index: Index) -> None:
    """Run a command in the project; pip and uv have the test's index, and no setting of this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MAKE"))}
    urls = {"PIP_INDEX_URL": index.url, "UV_DEFAULT_INDEX": index.url}
    done = subprocess.run(
        command,
        cwd=project,
        env={**kept, **urls, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _python(script: Path) -> Path:
    """An interpreter that makes a virtual environment in a tenth of the CPU time."""
    fast = shlex.join([sys.executable, virtual_environment.__file__])
    lines = (
        "#!/bin/sh",
        f'if [ "$1 $2" = "-m venv" ]; then exec {fast} "$3"; fi',
        f'exec {shlex.quote(str(Path(sys.executable).resolve()))} "$@"',
    )
    script.write_text("\n".join(lines), encoding="utf-8")
    script.chmod(0o755)
    return script


def _lock_commands() -> list[list[str]]:
    """What `make lock` runs."""
    options = re.search(r"^LOCK := ([^\\\n]+(?:\\\n[^\\\n]+)*)$", MAKEFILE, re.MULTILINE)
    assert options
    lines = re.findall(r"uv \$\(LOCK\) \$\(if \$\(UPGRADE\),--upgrade\) (.+)$", MAKEFILE, re.MULTILINE)
    assert len(lines) == len(LOCKS)
    return [[UV, *shlex.split(options[1].replace("\\\n", " ")), *shlex.split(line)] for line in lines]


def test_an_install_takes_the_lock_where_the_index_has_newer_releases(tmp_path: Path) -> None:
    """`make venv` and `make dev` install the locked releases, an extra's too, on the day after newer ones came out.

    The same lock installs with plain `pip install --require-hashes -r`, because it records the extras.
    """
    project = _project(tmp_path / "project")
    python = f"PYTHON={_python(tmp_path / 'python')}"
    with serve_index(tmp_path / "index") as index:
        _old_releases(index)
        for command in _lock_commands():
            _run(command, project, index)
        _new_releases(index)
        _run(["make", "venv", python], project, index)
        (site,) = project.glob(".venv/lib/python*/site-packages")
        assert _installed(site) == {"plain-1.0", "project-1"}
        _run(["make", "dev", python], project, index)
        assert _installed(site) == {"plain-1.0", "project-1", "plugin-1.0", "base-1.0", "helper-1.0"}
        plain = [".venv/bin/pip", "install", "--require-hashes", "--target=plain", "-r", LOCKS[1]]
        _run(plain, project, index)
        assert _installed(project / "plain") == {"plain-1.0", "plugin-1.0", "base-1.0", "helper-1.0"}
