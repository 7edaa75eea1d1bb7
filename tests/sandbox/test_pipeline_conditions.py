import json
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of

PARAMETERS = [
    {"Name": "Count", "Type": "Integer", "DefaultValue": 3},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Stage", "Type": "String", "DefaultValue": "dev"},
    {"Name": "Deploy", "Type": "Boolean", "DefaultValue": False},
]


def get(name: str) -> dict[str, str]:
    """Refer to a parameter."""
    return {"Get": f"Parameters.{name}"}


def comparison(kind: str, left: Any, right: Any) -> dict[str, Any]:
    """Write a comparison."""
    return {"Type": kind, "LeftValue": left, "RightValue": right}


TRUE, FALSE = comparison("Equals", 1, 1), comparison("Equals", 1, 2)
UNKNOWN = comparison("Equals", {"Get": "Steps.other.Score"}, 1)


def run_condition(conditions: list[Any], *, holds: bool, **values: str) -> tuple[str, str]:
    """Run a pipeline of one Condition step; return its outcome and the name of the branch's step that ran."""
    sandbox = Sandbox(knobs=Knobs(conditions_hold=holds))
    aws = client_of(sandbox)
    branches = {
        "IfSteps": [{"Name": "yes", "Type": "Training", "Arguments": {}}],
        "ElseSteps": [{"Name": "no", "Type": "Training", "Arguments": {}}],
    }
    step = {"Name": "check", "Type": "Condition", "Arguments": {"Conditions": conditions, **branches}}
    other = {"Name": "other", "Type": "Processing", "Arguments": {}}
    text = json.dumps({"Version": "2020-12-01", "Parameters": PARAMETERS, "Steps": [other, step]})
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinition=text)
    given = [{"Name": name, "Value": value} for name, value in values.items()]
    arn = aws.start_pipeline_execution(PipelineName="p", PipelineParameters=given)["PipelineExecutionArn"]
    sandbox.clock.advance(10000)
    steps = aws.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    assert {one["StepStatus"] for one in steps} == {"Succeeded"}
    shown = {one["StepName"]: one.get("Metadata", {}) for one in steps}
    (branch,) = set(shown) & {"yes", "no"}
    return shown["check"]["Condition"]["Outcome"], branch


@pytest.mark.parametrize(
    ("conditions", "values", "expected"),
    [
        ([comparison("Equals", get("Stage"), "prod")], {}, False),
        ([comparison("Equals", get("Stage"), "prod")], {"Stage": "prod"}, True),
        ([comparison("GreaterThan", get("Count"), 3)], {}, False),
        ([comparison("GreaterThan", get("Count"), 3)], {"Count": "10"}, True),
        ([comparison("GreaterThanOrEqualTo", get("Count"), 3.0)], {}, True),
        ([comparison("LessThan", get("Rate"), 0.5)], {"Rate": "0.4"}, True),
        ([comparison("LessThanOrEqualTo", get("Rate"), get("Count"))], {}, True),
        ([comparison("Equals", get("Deploy"), True)], {"Deploy": "true"}, True),
        ([comparison("Equals", get("Deploy"), True)], {"Deploy": "false"}, False),
        ([comparison("Equals", get("Deploy"), 0)], {}, False),
        ([{"Type": "In", "QueryValue": get("Stage"), "Values": ["a", "dev"]}], {}, True),
        ([{"Type": "In", "QueryValue": get("Stage"), "Values": ["a"]}], {}, False),
        ([{"Type": "Not", "Expression": TRUE}], {}, False),
        ([{"Type": "Or", "Conditions": [FALSE, TRUE]}], {}, True),
        ([{"Type": "Or", "Conditions": [UNKNOWN, TRUE]}], {}, True),
        ([{"Type": "Or", "Conditions": [FALSE, FALSE]}], {}, False),
        ([TRUE, FALSE], {}, False),
        ([UNKNOWN, FALSE], {}, False),
        (
            [
                comparison(
                    "Equals", {"Std:Join": {"On": "-", "Values": [get("Stage"), get("Count")]}}, "dev-3"
                )
            ],
            {},
            True,
        ),
    ],
)
def test_conditions_over_parameters_decide_the_branch(
    conditions: list[Any], values: dict[str, str], *, expected: bool
) -> None:
    """Parameters decide the outcome and the branch, whatever the knob."""
    for holds in (True, False):
        assert run_condition(conditions, holds=holds, **values) == (
            str(expected),
            "yes" if expected else "no",
        )


@pytest.mark.parametrize(
    "conditions",
    [
        [UNKNOWN],
        [UNKNOWN, TRUE],
        [{"Type": "Not", "Expression": UNKNOWN}],
        [{"Type": "Or", "Conditions": [UNKNOWN, FALSE]}],
        [comparison("GreaterThan", get("Stage"), 3)],
        [{"Type": "Strange"}],
        [],
    ],
)
def test_what_parameters_do_not_settle_is_the_knob_s(conditions: list[Any]) -> None:
    """A property of a step, strings compared with numbers and unknown conditions have the knob's outcome."""
    assert run_condition(conditions, holds=True) == ("True", "yes")
    assert run_condition(conditions, holds=False) == ("False", "no")
