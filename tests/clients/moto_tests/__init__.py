"""moto's own tests of SageMaker, of its source distribution, with the sandbox in place of moto."""

import re
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.clients.client_result import Check, ClientResult, Report, State
from tests.clients.environment import ROOT, cache, client_environment, command, python
from tests.programs.built import MissingError

VERSION = "5.2.5"
HERE = Path(__file__).parent
TESTS = Path("tests") / "test_sagemaker"
Json = dict[str, Any]


def run(progress: Report) -> ClientResult:
    """Run them.

    Raises:
        MissingError: moto cannot be had, or its tests do not start.

    """
    found = python("moto", (f"moto=={VERSION}", "pytest==9.1.1", "freezegun==1.5.5"), progress)
    differences = tomllib.loads((HERE / "differences.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as made:
        source = _source(found, Path(made))
        _repair(source / TESTS, differences["repair"])
        report = Path(made) / "report.xml"
        progress("running moto's tests")
        options = [
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "sandbox_for_moto",
            "--rootdir",
            ".",
            "-c",
            "/dev/null",
        ]
        done = subprocess.run(
            [str(found), "-P", "-m", "pytest", *options, f"--junitxml={report}", str(TESTS)],
            cwd=source,
            # the plugin sets where the clients go, for it starts the server
            env=client_environment("", PYTHONPATH=f"{ROOT}:{HERE}"),
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.is_file():
            raise MissingError(f"moto's tests did not start:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        checks = tuple(_checks(report, differences))
    return ClientResult("moto", VERSION, checks)


def _source(interpreter: Path, folder: Path) -> Path:
    """Unpack the source distribution, which is downloaded once."""
    archive = cache() / f"moto-{VERSION}.tar.gz"
    if not archive.is_file():
        pip = [str(interpreter), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        command([*pip, f"moto=={VERSION}", "--dest", str(cache())])
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / f"moto-{VERSION}"


def _repair(folder: Path, repairs: list[Json]) -> None:
    """Replace what the service refuses; a repair that finds nothing is out of date.

    Raises:
        MissingError: a repair finds nothing.

    """
    for repair in repairs:
        found = 0
        for file in folder.glob(repair.get("file", "*.py")):
            text, number = re.subn(repair["pattern"], repair["by"], file.read_text(encoding="utf-8"))
            found += number
            file.write_text(text, encoding="utf-8")
        if not found:
            raise MissingError(f"moto has nothing left to repair: {repair['reason']}: {repair['pattern']}")


def _checks(report: Path, differences: Json) -> Iterator[Check]:
    listed = [
        (pattern, group["reason"])
        for section in ("unsupported", "invented")
        for group in differences[section]
        for pattern in group["tests"]
    ]
    unused = {pattern for pattern, _ in listed}
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest wrote it just now
        module = case.get("classname", "").rpartition(".")[2].removeprefix("test_sagemaker_")
        name = f"{module}::{case.get('name')}"
        pattern, reason = next((one for one in listed if _matches(name, one[0])), ("", ""))
        unused.discard(pattern)
        yield _check(case, name, pattern, reason)
    for pattern in sorted(unused):
        yield Check(pattern, State.FAILED, "it is listed, and there is no such test")


def _matches(name: str, pattern: str) -> bool:
    """Whether a pattern names a test; brackets of parametrised tests are no sets of characters."""
    return name == pattern or fnmatchcase(name, pattern.replace("[", "[[]"))


def _check(case: ET.Element, name: str, pattern: str, reason: str) -> Check:
    failure = next((each for tag in ("failure", "error") if (each := case.find(tag)) is not None), None)
    calls = next((each.get("value") for each in case.iter("property") if each.get("name") == "calls"), "0")
    if failure is not None:
        message = (failure.get("message") or "").splitlines()[0][:300]
        return Check(name, State.EXCLUDED, reason) if pattern else Check(name, State.FAILED, message)
    if "*" in pattern:
        return Check(name, State.EXCLUDED, reason)
    if pattern:
        return Check(name, State.FAILED, f"it passes, and is listed as: {reason}")
    if calls == "0":
        return Check(name, State.EXCLUDED, "a test of moto's own functions: it calls no service")
    return Check(name, State.PASSED)
