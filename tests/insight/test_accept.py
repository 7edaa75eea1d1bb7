import json

import pytest

from controller.core.ref import Ref
from controller.manifests.rewrite import rewrite
from controller.manifests.yaml_writer import Edit
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, client
from tests.cli.in_process import CommandResult
from tests.cli.trees import HEAD, ROLE

TREE = f"""\
# The team that reviews payments.
{HEAD}kind: Experiment          # an experiment
metadata: {{name: churn}}
spec:
    # why we do it
    description: 'one'      # in quotes
    displayName: Churn
    tags: {{team: risk}}
---
{HEAD}kind: Pipeline
metadata:
    name: train
spec:
    roleArn: {ROLE}
    pipelineDescription: ${{var.text}}   # from a variable
    # the steps
    pipelineDefinition:
        Version: "2020-12-01"
        Steps:
          # the first
          - Name: stop      # it stops
            Type: Fail
            Arguments: {{ErrorMessage: one}}
          # the second
          - Name: halt
            Type: Fail
            Arguments: {{ErrorMessage: two}}
---
{HEAD}kind: Trial
metadata: {{name: first}}
spec: {{experimentName: churn}}
"""


@pytest.fixture
def drifted_shell(shell: Shell, sandbox: Sandbox) -> Shell:
    """A tree that was applied, and an account that was changed by hand since."""
    shell.write("tree.yaml", TREE)
    assert shell.run("apply", "tree.yaml", "--yes", "--poll", "0.05s", "--var", "text=one").code == 0
    by_hand = client(sandbox)
    by_hand.update_experiment(ExperimentName="churn", Description="two: yes", DisplayName="Stay")
    arn = by_hand.describe_experiment(ExperimentName="churn")["ExperimentArn"]
    by_hand.add_tags(
        ResourceArn=arn, Tags=[{"Key": "team", "Value": "fraud"}, {"Key": "cost", "Value": "007"}]
    )
    return shell


def accept_drift(shell: Shell) -> CommandResult:
    """Accept the drift."""
    return shell.run("drift", "tree.yaml", "--var", "text=one", "--accept", "--no-dangling")


def test_live_values_go_into_the_file_and_nothing_else_changes(drifted_shell: Shell) -> None:
    """Changed values are written in their quotes; comments, order and indentation stay; then there is no drift."""
    ran = accept_drift(drifted_shell)
    assert ran.code == 0, ran
    text = (drifted_shell.folder / "tree.yaml").read_text()
    desired = TREE.replace("'one' ", "'two: yes' ").replace("displayName: Churn", "displayName: Stay")
    desired = desired.replace("{team: risk}", '{team: fraud, cost: "007"}')
    assert _normalized_lines(text) == _normalized_lines(desired)
    assert "written: tree.yaml: Experiment/churn: spec.description" in ran.out
    assert accept_drift(drifted_shell).out.startswith("No drift")
    assert drifted_shell.run("plan", "tree.yaml", "--var", "text=one").code == 0


def _normalized_lines(text: str) -> list[str]:
    """Lines with single spaces before comments: a comment may move with the length of its value."""
    return [" ".join(line.split()) if "#" in line else line for line in text.splitlines()]


def test_inside_a_definition_one_value_changes(shell: Shell, sandbox: Sandbox) -> None:
    """A pipeline's definition that is written as YAML is changed where it differs; its comments stay."""
    shell.write("tree.yaml", TREE)
    shell.run("apply", "tree.yaml", "--yes", "--poll", "0.05s", "--var", "text=one")
    by_hand = client(sandbox)
    definition = by_hand.describe_pipeline(PipelineName="train")["PipelineDefinition"].replace(
        '"two"', '"three"'
    )
    by_hand.update_pipeline(PipelineName="train", PipelineDefinition=definition)
    ran = accept_drift(shell)
    assert ran.code == 0, ran
    text = (shell.folder / "tree.yaml").read_text()
    assert _normalized_lines(text) == _normalized_lines(
        TREE.replace("ErrorMessage: two", "ErrorMessage: three")
    )


def test_json_tells_what_was_written_and_what_was_left(drifted_shell: Shell) -> None:
    """With --format json the accepted and the remaining changes are listed beside the drift."""
    arguments = ("tree.yaml", "--var", "text=one", "--accept", "--no-dangling", "--format", "json")
    accepted = json.loads(drifted_shell.run("drift", *arguments).out)["accepted"]
    assert {each["path"] for each in accepted["written"]} == {
        "/spec/description",
        "/spec/displayName",
        "/spec/tags/cost",
        "/spec/tags/team",
    }
    assert accepted["left"] == []


def test_a_variable_is_not_written_over(shell: Shell, sandbox: Sandbox) -> None:
    """A value from a variable stays, with the reason; the run reports the remaining drift."""
    shell.write("tree.yaml", TREE)
    shell.run("apply", "tree.yaml", "--yes", "--poll", "0.05s", "--var", "text=one")
    client(sandbox).update_pipeline(PipelineName="train", PipelineDescription="by hand")
    ran = accept_drift(shell)
    assert ran.code == 2
    assert "spec.pipelineDescription: it comes from a variable" in ran.err
    assert (shell.folder / "tree.yaml").read_text() == TREE


def test_what_is_gone_is_not_accepted(shell: Shell, sandbox: Sandbox) -> None:
    """A missing resource can't be written into a file; its document stays."""
    shell.write("tree.yaml", TREE)
    shell.run("apply", "tree.yaml", "--yes", "--poll", "0.05s", "--var", "text=one")
    client(sandbox).delete_trial(TrialName="first")
    ran = accept_drift(shell)
    assert ran.code == 2
    assert "left as it is: Trial/first" in ran.err
    assert (shell.folder / "tree.yaml").read_text() == TREE


def test_a_link_is_not_written_over(shell: Shell, sandbox: Sandbox) -> None:
    """A link to a document stays, because the live name may belong to no document."""
    from tests.cli.trees import SERVING

    shell.write("tree.yaml", SERVING)
    shell.run("apply", "tree.yaml", "--yes", "--poll", "0.05s")
    by_hand = client(sandbox)
    variant = by_hand.list_models()["Models"][0]["ModelName"]
    by_hand.create_endpoint_config(
        EndpointConfigName="other",
        ProductionVariants=[
            {
                "VariantName": "main",
                "ModelName": variant,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    by_hand.update_endpoint(EndpointName="fraud", EndpointConfigName="other")
    _settle(shell)
    ran = accept_drift(shell)
    assert ran.code == 2, ran
    assert "Endpoint/fraud: spec.endpointConfigName: it is a link" in ran.err
    assert (shell.folder / "tree.yaml").read_text() == SERVING


def _settle(shell: Shell) -> None:
    import time

    for _ in range(50):
        if '"InService"' in shell.run("get", "endpoint", "fraud", "--format", "json").out:
            return
        time.sleep(0.1)


@pytest.mark.parametrize(
    "text",
    [
        "kind: A\nmetadata: {name: a}\nspec:\n  list:\n  - one   # first\n  - two\n  key: 1\n",
        "---\nkind: A\nmetadata: {name: a}\nspec:\n  list:\n    - one   # first\n\n    - two\n  key: 1\n",
        "# head\nkind: A\nmetadata:\n    name: a\nspec:\n    list:\n        - one\n    key: 1   # last\n",
        "kind: List\napiVersion: v1\nitems:\n- kind: A\n  metadata: {name: a}\n  spec: {list: [one], key: 1}\n",
    ],
)
def test_other_lines_keep_their_bytes(text: str) -> None:
    """However a file is indented, one value changes and no other byte."""
    new = rewrite(text, [Edit(Ref("A", "a"), ("spec", "key"), 2)])
    assert new.text == text.replace("key: 1", "key: 2")


def test_edits_that_cannot_be_made_are_refused() -> None:
    """A document that is not in the file, a position inside a string, and a reference are refused with reasons."""
    text = "kind: A\nmetadata: {name: a}\nspec: {key: 'x ${var.y}', list: [1], text: abc}\n"
    desired = [
        Edit(Ref("A", "b"), ("spec", "key"), 1),
        Edit(Ref("A", "a"), ("spec", "key"), 1),
        Edit(Ref("A", "a"), ("spec", "text", "deeper"), 1),
        Edit(Ref("A", "a"), ("spec", "list", 3), 1),
    ]
    new = rewrite(text, desired)
    assert new.text == text
    assert [why.split()[0] for _, why in new.refused] == ["its", "it", "it", "the"]


def test_ambiguous_texts_are_quoted() -> None:
    """A string that a YAML reader could interpret otherwise is written in quotes."""
    new = rewrite("kind: A\nmetadata: {name: a}\nspec: {a: 1}\n", [Edit(Ref("A", "a"), ("spec", "b"), "no")])
    assert 'b: "no"' in new.text
