"""JSON documents, sets and long texts in a plan's changes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.core.path import Path as Location
from controller.engine.compare import list_key, same_document
from controller.engine.plan import Change, Plan
from controller.kinds import KINDS
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, document_text
from tests.journeys.standalone_documents import POLICY
from tests.output import plans

STEPS = ("prepare", "train", "judge")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A sandbox, an inventory and a clock."""
    return Stage(tmp_path)


def pipeline_of(*steps: str, message: str = "never") -> str:
    """A pipeline with these steps, in this order."""
    listed = "".join(
        f"  - {{Name: {each}, Type: Fail, Arguments: {{ErrorMessage: {message if each == 'train' else 'x'}}}}}\n"
        for each in steps
    )
    spec = f"roleArn: {ROLE}\npipelineDefinition:\n  Version: '2020-12-01'\n  Steps:\n{listed}"
    return document_text("Pipeline", "train", spec)


def step_changes(plan: Plan) -> dict[Location, tuple[Any, Any]]:
    """The changes of the one step."""
    (step,) = [each for each in plan.steps if each.changes]
    return {change.path: (change.before, change.after) for change in step.changes}


def read_plan(plan: Plan, width: int = 100) -> str:
    """The plan as text."""
    return plan_text(Redactor().plan(plan), Style(width))


def test_a_step_put_first_is_one_addition(stage: Stage) -> None:
    """A step before all others is one addition, and no change of every step after it."""
    stage.apply(pipeline_of(*STEPS))
    plan = stage.plan(pipeline_of("fetch", *STEPS))
    assert list(step_changes(plan)) == [("PipelineDefinition", "Steps", "fetch")]
    assert "(3 unchanged elements hidden)" in read_plan(plan)


def test_a_changed_step_is_named(stage: Stage) -> None:
    """A change inside a definition is shown with the step's name, the current and the desired value."""
    stage.apply(pipeline_of(*STEPS))
    plan = stage.plan(pipeline_of(*STEPS, message="later"))
    assert step_changes(plan) == {
        ("PipelineDefinition", "Steps", "train", "Arguments", "ErrorMessage"): ("never", "later")
    }
    assert "~ ErrorMessage: never -> later" in read_plan(plan)


def test_only_the_order_changed(stage: Stage) -> None:
    """Another order of the same steps is a change, and one update applies it."""
    stage.apply(pipeline_of(*STEPS))
    other = pipeline_of(*reversed(STEPS))
    assert step_changes(stage.plan(other))
    stage.forget_calls()
    stage.apply(other)
    assert stage.mutations() == ["UpdatePipeline"]
    assert not [each for each in stage.plan(other).steps if each.changes]


def test_a_policy_s_sets_are_sets() -> None:
    """The order of a policy's actions and principals has no meaning, and one element may be given without a list."""
    row = KINDS["ModelPackageGroupPolicy"]
    one = {"Statement": [{"Sid": "a", "Action": ["x", "y"], "Principal": {"AWS": "1"}}]}
    two = {"Statement": [{"Sid": "a", "Action": ["y", "x"], "Principal": {"AWS": ["1"]}}]}
    assert same_document(one, two, row, "ResourcePolicy")
    assert not same_document(one, {"Statement": one["Statement"] * 2}, row, "ResourcePolicy")


def test_one_element_of_a_set_for_another(stage: Stage) -> None:
    """A set with one element removed and one added shows both, in the changes and in the text."""
    before = POLICY.replace("Action: sagemaker:DescribeModelPackageGroup", "Action: [a, b]")
    group = document_text("ModelPackageGroup", "fraud", "modelPackageGroupDescription: x")
    stage.apply(group, before)
    plan = stage.plan(group, before.replace("[a, b]", "[c, b]"))
    step = next(each for each in plan.steps if each.changes)
    assert [(change.before, change.after) for change in step.changes] == [("a", None), (None, "c")]
    text = read_plan(plan)
    assert "- - a" in text
    assert "+ - c" in text


def test_a_document_is_compared_by_kind_and_key() -> None:
    """Lists have a key if each of their elements has a unique string."""
    assert list_key([{"Name": "a"}], [{"Name": "b"}]) == "Name"
    assert list_key([{"Name": "a"}, {"Name": "a"}]) == ""
    assert list_key([{"Sid": "a"}], []) == "Sid"
    assert list_key([1, 2]) == ""
    assert list_key([]) == ""


def test_true_is_not_one_in_a_document() -> None:
    """1 and true are different values in a JSON document."""
    assert not same_document({"A": 1}, {"A": True}, KINDS["Pipeline"], "PipelineDefinition")


SCRIPT = "".join(f"line {number}\n" for number in range(40))


def long_step(before: Any, after: Any) -> str:
    """The text of a plan that changes one long text."""
    step = replace(plans.UPDATE, changes=(Change(("PipelineDescription",), before, after),))
    return read_plan(plans.plan(step), 80)


def test_a_long_text_is_a_diff_of_lines() -> None:
    """A text of many lines is shown as the differing lines, with some context, and fits the width."""
    text = long_step(SCRIPT, SCRIPT.replace("line 20\n", "line twenty\n").replace("line 2\n", ""))
    assert "- line 20" in text
    assert "+ line twenty" in text
    assert "- line 2\n" in text
    assert "…" in text
    assert "line 30" not in text
    assert all(len(line) <= 80 for line in text.splitlines() if "line" in line)


def test_json_in_a_text_is_a_diff_of_lines() -> None:
    """JSON that the model does not declare as a document is formatted before the comparison."""
    before = json.dumps({"a": 1, "list": list(range(20)), "z": "x" * 30})
    text = long_step(before, before.replace('"a": 1', '"a": 2'))
    assert '-   "a": 1,' in text
    assert '+   "a": 2,' in text
    assert '"z"' not in text


def test_a_new_long_text_is_a_block() -> None:
    """A new text of several lines is shown line by line."""
    text = long_step(None, "one\ntwo\x1b[2J\n")
    assert "+ pipelineDescription: |" in text
    assert "+ two\\u001b[2J" in text


def test_a_document_laid_out_otherwise_does_not_differ(stage: Stage) -> None:
    """A definition with other whitespace is equal, and the plan is empty."""
    stage.apply(pipeline_of(*STEPS))
    there = stage.client().describe_pipeline(PipelineName="train")["PipelineDefinition"]
    laid_out = json.dumps(json.loads(there), indent=4)
    stage.client().update_pipeline(PipelineName="train", PipelineDefinition=laid_out)
    assert not [each for each in stage.plan(pipeline_of(*STEPS)).steps if each.changes]
