"""The counts and lists of client runs."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.clients import moto_tests, sagemaker_sdk
from tests.clients.__main__ import CLIENTS, main
from tests.clients.client_result import Check, ClientResult, State, table

LISTED = {"unsupported": [{"reason": "no clusters", "tests": ["cluster::*"]}], "invented": []}


def _report(folder: Path, name: str, inner: str, module: str = "endpoint") -> Path:
    classname = f"tests.test_sagemaker.test_sagemaker_{module}"
    case = f'<testcase classname="{classname}" name="{name}">{inner}</testcase>'
    file = folder / "report.xml"
    file.write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>", encoding="utf-8")
    assert ET.parse(file).getroot() is not None  # noqa: S314 - written above
    return file


CALLED = '<properties><property name="calls" value="3" /></properties>'
BROKEN = '<failure message="it broke" />'


@pytest.mark.parametrize(
    ("inner", "listed", "state"),
    [
        (CALLED, (), State.PASSED),
        ("", (), State.EXCLUDED),
        (CALLED + BROKEN, (), State.FAILED),
        (CALLED + BROKEN, ("endpoint::test_a[x]",), State.EXCLUDED),
        (CALLED, ("endpoint::test_a[x]",), State.FAILED),
        (CALLED, ("endpoint::*",), State.EXCLUDED),
    ],
)
def test_a_difference_is_counted_only_where_it_is_listed(
    tmp_path: Path, inner: str, listed: tuple[str, ...], state: State
) -> None:
    """A failure counts unless it is listed; a listed test that passes, or that calls nothing, fails."""
    differences = {"unsupported": [], "invented": [{"reason": "made up", "tests": list(listed)}]}
    (check,) = moto_tests._checks(_report(tmp_path, "test_a[x]", inner), differences)
    assert check.name == "endpoint::test_a[x]"
    assert check.state is state


def test_a_listed_test_that_is_not_there_fails(tmp_path: Path) -> None:
    """The list can't keep a test that the client no longer has."""
    checks = tuple(moto_tests._checks(_report(tmp_path, "test_a", CALLED), LISTED))
    assert [check.state for check in checks] == [State.PASSED, State.FAILED]


def test_the_table_counts_and_names() -> None:
    """A row for each client, the reasons of what is out of scope, and each failure."""
    checks = (Check("a", State.PASSED), Check("b", State.EXCLUDED, "why"), Check("c", State.FAILED, "broke"))
    lines = list(table([ClientResult("it", "1.0", checks)]))
    assert lines[1].split() == ["it", "1.0", "2", "1", "1", "1"]
    assert lines[2:] == ["  it:   1 out of scope: why", "  it: FAILED c: broke"]


def test_an_unknown_client_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelled name runs nothing."""
    assert main(["ghost"]) == 2
    error = capsys.readouterr().err
    assert all(name in error for name in CLIENTS)


STEPS = """
import contextlib, sys, time
sys.path.insert(0, {folder!r})
from steps import assert_equal, main, step
import boto3

client = boto3.client("sagemaker")

@step()
def slept():
    client.create_model_package_group(ModelPackageGroupName="g")
    time.sleep(3600)
    assert_equal(client.describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupStatus"], "Completed")

@step()
def hidden():
    with contextlib.suppress(Exception):
        client.describe_model_package_group(ModelPackageGroupName="g")

@step(DescribeModelPackageGroup=1)
def expected():
    hidden()

@step(DescribeModelPackageGroup=1)
def missed():
    assert_equal(1, 1)

main()
"""


def test_a_step_starts_anew_and_hides_no_refusal(tmp_path: Path) -> None:
    """A sleep advances the sandbox's clock; an unlisted refusal fails a step, and so does a missing one."""
    script = tmp_path / "script.py"
    script.write_text(STEPS.format(folder=str(sagemaker_sdk.HERE)), encoding="utf-8")
    checks = list(sagemaker_sdk.checks(Path(sys.executable), script, tmp_path))
    assert [check.name for check in checks] == [
        "slept (2 calls)",
        "hidden (1 calls)",
        "expected (1 calls)",
        "missed (0 calls)",
    ]
    states = [check.state for check in checks]
    assert states == [State.PASSED, State.FAILED, State.PASSED, State.FAILED]
