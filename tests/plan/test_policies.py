import json
from pathlib import Path
from typing import Any

from controller.output.plan_json import dump, plan_json
from controller.output.redact import Redactor
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, PIPELINE, SERVING
from tests.output import plans
from tests.plan.policies import HERE, Opa

RULE = HERE / "rule.rego"
SAMPLE = HERE / "terraform-plan.json"  # printed by OpenTofu 1.10.10 with provider aws 5.31


def policy_result(opa: Opa, plan: Path) -> Any:
    """The rule's result for a plan."""
    return opa.requests(RULE, plan, "data.plan.verdict")


def test_the_rule_on_terraform_s_own_plan(opa: Opa) -> None:
    """On a real plan of Terraform's the rule counts one replacement and one deletion, and allows it."""
    assert policy_result(opa, SAMPLE) == {
        "deletes": 2,
        "deleted": [
            "aws_sagemaker_endpoint_configuration.fraud",
            "aws_sagemaker_model_package_group.fraud[0]",
        ],
        "replaced_endpoints": [],
        "allowed": True,
    }


def test_the_same_rule_on_the_same_change_of_ours(opa: Opa, local_shell: Shell) -> None:
    """The unchanged rule counts the same two deletions in this product's plan of the same change."""
    local_shell.write("ml/serving.yaml", SERVING)
    local_shell.write("ml/pipeline.yaml", PIPELINE)
    local_shell.write("ml/group.yaml", GROUP)
    assert local_shell.run("apply", "ml", "--yes").code == 0
    local_shell.write("ml/serving.yaml", SERVING.replace("ml.m5.large", "ml.m5.xlarge"))
    local_shell.write("ml/pipeline.yaml", PIPELINE.replace("ERROR", "other"))
    (local_shell.folder / "ml" / "group.yaml").unlink()
    assert local_shell.run("plan", "ml", "--prune", "--out", "plan.json").code == 2
    assert policy_result(opa, local_shell.folder / "plan.json") == {
        "deletes": 2,
        "deleted": ["EndpointConfig/fraud", "ModelPackageGroup/fraud"],
        "replaced_endpoints": [],
        "allowed": True,
    }


def test_a_replaced_endpoint_is_forbidden_on_both(opa: Opa, tmp_path: Path) -> None:
    """If an endpoint is deleted and created, the rule forbids it, with Terraform's names and with the product's."""
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    for change in sample["resource_changes"]:
        if change["type"] == "aws_sagemaker_endpoint":
            change["change"]["actions"] = ["delete", "create"]
    ours = plan_json(Redactor().plan(plans.plan(plans.REPLACED_ENDPOINT)), "1")
    for name, document, address in (
        ("theirs.json", sample, "aws_sagemaker_endpoint.fraud"),
        ("ours.json", ours, "Endpoint/fraud"),
    ):
        (tmp_path / name).write_text(dump(document), encoding="utf-8")
        value = policy_result(opa, tmp_path / name)
        assert (value["allowed"], value["replaced_endpoints"]) == (False, [address])


def test_every_step_that_deletes_is_counted_once(opa: Opa, tmp_path: Path) -> None:
    """Of a plan with every action, the rule finds the replaced, garbage-collected, pruned and stopped resources."""
    plan = tmp_path / "plan.json"
    plan.write_text(dump(plan_json(Redactor().plan(plans.EVERYTHING), "1")), encoding="utf-8")
    assert policy_result(opa, plan)["deleted"] == [
        "Endpoint/old",
        "EndpointConfig/fraud",
        "TrainingJob/churn",
        "Workteam/reviewers",
    ]
