import json

import pytest

from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import SharedAccount, Shell
from tests.cli.trees import HEAD, ROLE, SERVING
from tests.output.golden_files import assert_golden, without_times

RUNS = f"""{HEAD}kind: Pipeline
metadata: {{name: train}}
spec:
  roleArn: {ROLE}
  pipelineDefinition:
    Version: "2020-12-01"
    Parameters: [{{Name: rows, Type: Integer, DefaultValue: 100}}]
    Steps:
      - {{Name: prepare, Type: Processing, Arguments: {{}}}}
      - {{Name: fit, Type: Training, DependsOn: [prepare], Arguments: {{}}}}
---
{HEAD}kind: Pipeline
metadata: {{name: broken}}
spec:
  roleArn: {ROLE}
  pipelineDefinition:
    Version: "2020-12-01"
    Steps: [{{Name: check, Type: Fail, Arguments: {{ErrorMessage: too few rows}}}}]
---
{HEAD}kind: PipelineExecution
metadata: {{name: good}}
spec: {{pipelineName: train, pipelineParameters: [{{name: rows, value: "200"}}]}}
---
{HEAD}kind: PipelineExecution
metadata: {{name: bad}}
spec: {{pipelineName: broken, pipelineExecutionDisplayName: nightly}}
"""
STEPS = "ListPipelineExecutionSteps"
PARAMETERS = "ListPipelineParametersForExecution"


@pytest.fixture(scope="module")
def account(shared_account: SharedAccount) -> SharedAccount:
    """An account in which one run succeeded, one failed, and an endpoint serves."""
    shared_account.shell.write("ml/runs.yaml", RUNS)
    shared_account.shell.write("ml/serving.yaml", SERVING)
    ran = shared_account.shell.run("apply", "ml", "--yes", "--poll", "0.1s", "--timeout", "30s")
    assert "too few rows" in ran.out or "One or multiple steps failed" in ran.out, ran
    return shared_account


def test_status_shows_variants_and_the_steps_of_failed_runs(account: SharedAccount) -> None:
    """Below the table are the variants of an endpoint, and the steps of a failed run, with its reason."""
    text = account.run("status", "ml").out
    assert_golden(without_times(_paragraphs(text)), "status-more.txt")
    assert "pipeline/train/execution/" in text.split("\n\n", maxsplit=1)[0]


def _paragraphs(text: str) -> str:
    return text.split("\n\n", maxsplit=1)[1]


@pytest.mark.parametrize(
    ("arguments", "steps", "parameters"),
    [((), 1, 0), (("--steps",), 2, 0), (("-v",), 2, 2), (("--format", "json"), 2, 2)],
)
def test_details_cost_calls_only_on_request(
    account: SharedAccount, arguments: tuple[str, ...], steps: int, parameters: int
) -> None:
    """Steps are read for resources in transition or failed; --steps reads all, -v and JSON the parameters too."""
    made = [call.operation for call in account.calls("status", "ml", *arguments)]
    assert (made.count(STEPS), made.count(PARAMETERS)) == (steps, parameters)


def test_json_has_the_members_and_the_details(account: SharedAccount) -> None:
    """JSON has what the row shows and all details with AWS's names, by resource."""
    fields = {
        each["address"]: each
        for each in json.loads(account.run("status", "ml", "--format", "json").out)["resources"]
    }
    steps = fields["PipelineExecution/good"]["details"]["PipelineExecutionSteps"]
    assert [(each["StepName"], each["StepStatus"]) for each in steps] == [
        ("prepare", "Succeeded"),
        ("fit", "Succeeded"),
    ]
    assert fields["PipelineExecution/good"]["details"]["PipelineParameters"] == [
        {"Name": "rows", "Value": "200"}
    ]
    (variant,) = fields["Endpoint/fraud"]["shows"]["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == ("main", 2)
    assert fields["Model/fraud"]["shows"] == fields["Model/fraud"]["details"] == {}


def test_an_execution_is_got_with_its_details(account: SharedAccount) -> None:
    """``get`` of one run shows steps, parameters and its definition, each by its option."""
    listed = account.run("get", "pipeline-executions", "--pipeline-name", "train")
    name = listed.out.splitlines()[1].split()[0]
    shown = account.run("get", "pipelineexecution", name, "--steps", "--parameters", "--definition").out
    assert "  prepare  Succeeded" in shown
    assert "  rows  200" in shown
    assert "PipelineDefinition:  # JSON in a string" in shown
    assert "DependsOn:\n        - prepare" in shown
    body = json.loads(account.run("get", "pipelineexecution", name, "--definition", "--format", "json").out)
    assert json.loads(body["PipelineDefinition"])["Version"] == "2020-12-01"
    assert "PipelineExecutionSteps" not in body


def test_executions_are_listed_by_pipeline(account: SharedAccount) -> None:
    """The error of a List without a required parameter names it with an example; with it the runs are listed."""
    without = account.run("get", "pipelineexecutions")
    assert without.code == 1
    assert "--pipeline-name is required: ListPipelineExecutions lists no others" in without.err
    assert "Failed" in account.run("get", "pipelineexecutions", "--pipeline-name", "broken").out


def test_the_reads_of_a_pipeline(account: SharedAccount) -> None:
    """``get pipeline --executions --versions`` shows its runs and versions in tables."""
    shown = account.run("get", "pipeline", "train", "--executions", "--versions").out
    assert "executions:\n  ARN" in shown
    assert "  pipeline/train/execution/" in shown
    assert "versions:\n  ID" in shown


def test_a_detail_that_is_refused_hides_nothing(shell: Shell, sandbox: Sandbox) -> None:
    """If AWS refuses a detail, the table and the other details are shown, and the refusal instead of the detail."""
    shell.write("runs.yaml", RUNS)
    shell.run("apply", "runs.yaml", "--yes", "--poll", "0.1s", "--timeout", "30s")
    sandbox.inject(InjectedFault.DENIED, operation=STEPS, times=None)
    ran = shell.run("status", "runs.yaml", "-v")
    assert "steps: can't be read: ListPipelineExecutionSteps: AccessDenied" in ran.out
    assert "  rows  200" in ran.out
