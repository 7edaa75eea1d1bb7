import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from controller.core.phase import Convergence
from controller.engine.plan import DependencyForm
from controller.engine.report import Outcome, Report, Result
from controller.kinds import Impact
from controller.output.plan_json import dump, plan_json, report_json
from controller.output.redact import Redactor
from tests.cli.conftest import Shell
from tests.cli.trees import PIPELINE, SERVING
from tests.output import plans
from tests.output.golden_files import assert_golden

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
BOUND = {
    "tool_version": "1.2.3",
    "variables": {"env": "0123456789abcdef"},
    "options": {"prune": True, "confirm_deletes": 2, "targets": ["Model/fraud"], "excludes": []},
}

_SEPARATOR = "\x1e"
_EACH = f"""
import json, sys
from controller.cli.main import main
for number, line in enumerate(json.loads(sys.argv[1])):
    print(end={_SEPARATOR!r} if number else "")
    main(line)
"""


def as_data(of: dict[str, Any]) -> Any:
    """JSON through text and back."""
    return json.loads(dump(of))


def every_plan() -> dict[str, Any]:
    """A plan with a step of every action."""
    made = replace(plans.EVERYTHING, bound=BOUND, along={"Model/fraud": "included: Endpoint/fraud needs it"})
    return plan_json(Redactor().plan(made), "1.2.3", {"paths": ["ml"], "values": "values.yaml"})


def undescribed_members(value: Any, of: Any, path: str = "") -> Iterator[str]:
    """The members of a value that the schema does not describe."""
    if "$ref" in of:
        of = SCHEMA["$defs"][of["$ref"].rsplit("/", 1)[-1]]
    for choice in of.get("anyOf", ()):
        of = choice if "$ref" in choice else of
    if "$ref" in of:
        of = SCHEMA["$defs"][of["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, dict) and "properties" in of:
        for name, inner in value.items():
            if name not in of["properties"]:
                yield f"{path}.{name}"
            else:
                yield from undescribed_members(inner, of["properties"][name], f"{path}.{name}")
    if isinstance(value, list) and isinstance(of.get("items"), dict):
        for inner in value:
            yield from undescribed_members(inner, of["items"], f"{path}[]")


def assert_fits_schema(document: Any) -> None:
    """Whether the published schema accepts it, and describes all of it."""
    problem = [
        f"{list(each.absolute_path)}: {each.message}"
        for each in Draft202012Validator(SCHEMA).iter_errors(document)
    ]
    assert not problem
    assert not list(undescribed_members(document, SCHEMA))


def test_the_schema_is_one() -> None:
    """The published schema is valid by its own draft, and every member has a description."""
    Draft202012Validator.check_schema(SCHEMA)
    assert all(each.get("description") for each in SCHEMA["properties"].values())


def test_a_plan_with_every_action_fits() -> None:
    """The JSON of a plan with every action matches the schema and the golden file."""
    assert_fits_schema(as_data(every_plan()))
    assert_golden(dump(every_plan()), "every-action.json")


def test_a_report_fits() -> None:
    """The output of ``apply --format json`` matches the schema."""
    ends = tuple(Outcome(plans.UPDATE, result, "no", 1) for result in Result)
    document = report_json(Redactor().report(Report(plans.EVERYTHING, ends, Convergence.STUCK)), "1")
    assert_fits_schema(as_data(document))


def test_what_a_real_run_prints_fits(local_shell: Shell) -> None:
    """A saved plan of a changed tree, and the report of its run, match the schema."""
    local_shell.write("a.yaml", SERVING)
    assert_fits_schema(json.loads(local_shell.run("apply", "a.yaml", "--yes", "--format", "json").out))
    local_shell.write("a.yaml", SERVING.replace("two", "three").replace("one.tar", "two.tar"))
    assert_fits_schema(
        json.loads(local_shell.run("plan", "a.yaml", "--target", "Endpoint/fraud", "--format", "json").out)
    )


def test_a_plan_that_is_wrong_does_not_fit() -> None:
    """The schema refuses a missing member, a wrong type and an action that Terraform lacks."""
    for path, value in ((("fingerprint",), 1), (("resource_changes", 0, "change", "actions"), ["burn"])):
        document = as_data(every_plan())
        parent = document
        for part in path[:-1]:
            parent = parent[part]
        parent[path[-1]] = value
        with pytest.raises(AssertionError):
            assert_fits_schema(document)
    document = as_data(every_plan())
    del document["resource_changes"][0]["change"]["actions"]
    with pytest.raises(AssertionError):
        assert_fits_schema(document)


def test_the_closed_sets_of_the_schema_are_ours() -> None:
    """Impacts, forms of links, results and standings of the schema are those of the program."""
    change = SCHEMA["$defs"]["resource_change"]["properties"]
    assert change["effects"]["items"]["properties"]["impact"]["enum"] == [each.value for each in Impact]
    edge = SCHEMA["properties"]["graph"]["properties"]["edges"]["items"]["properties"]
    assert edge["by"]["enum"] == [each.value for each in DependencyForm]
    outcome = SCHEMA["properties"]["outcomes"]["items"]["properties"]
    assert outcome["result"]["enum"] == [each.value for each in Result]
    assert SCHEMA["properties"]["standing"]["enum"] == [each.value for each in Convergence]


def test_two_processes_write_the_same_bytes(shell: Shell) -> None:
    """The same inputs give the same bytes in processes of different hash seeds, in every form.

    A process writes all of them: each start takes a second of CPU time.
    """
    shell.write("tree/a.yaml", SERVING)
    shell.write("tree/b.yaml", PIPELINE)
    shell.run("apply", "tree/b.yaml", "--yes", "--poll", "0.05s")
    lines = [("plan", form) for form in ("text", "json", "markdown")]
    lines += [("graph", form) for form in ("dot", "mermaid", "svg")]
    commands = json.dumps([[command, "tree", "--format", form] for command, form in lines])
    one, other = (
        subprocess.run(
            [sys.executable, "-c", _EACH, commands],
            cwd=shell.folder,
            env={**shell.environment(), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split(_SEPARATOR)
        for seed in ("1", "4242")
    )
    for line, here, there in zip(lines, one, other, strict=True):
        assert here, line
        assert here == there, line
