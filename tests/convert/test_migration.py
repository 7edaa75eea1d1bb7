"""The migration guides, as a user follows them: from another tool's files to an empty plan."""

import json
import re
import shlex
from typing import Any

import pytest
import yaml

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, client
from tests.docs.pages import PageFile, steps
from tests.insight.test_export import TAGS
from tests.repo.files import ROOT

GUIDES = ("boto3", "terraform", "ack", "cloudformation")
_MODEL = {
    "ModelName": "fraud",
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/sagemaker-fraud",
    "PrimaryContainer": {
        "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1",
        "ModelDataUrl": "s3://my-models/fraud/1/model.tar.gz",
    },
}
_VARIANT = {
    "VariantName": "main",
    "ModelName": "fraud",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}


@pytest.fixture
def account(sandbox: Sandbox) -> Sandbox:
    """An account in which another tool created an endpoint."""
    by_hand = client(sandbox)
    by_hand.create_model(**_MODEL)
    by_hand.create_endpoint_config(EndpointConfigName="fraud", ProductionVariants=[_VARIANT])
    by_hand.create_endpoint(EndpointName="fraud", EndpointConfigName="fraud")
    by_hand.get_waiter("endpoint_in_service").wait(EndpointName="fraud", WaiterConfig={"Delay": 1})
    return sandbox


def _state() -> str:
    """What `terraform show -json` prints for it."""
    container = {"image": _MODEL["PrimaryContainer"]["Image"], "mode": "SingleModel", "environment": {}}  # type: ignore[index]
    container["model_data_url"] = _MODEL["PrimaryContainer"]["ModelDataUrl"]  # type: ignore[index]
    variant = {
        "variant_name": "main", "model_name": "fraud", "initial_instance_count": 1, "instance_type": "ml.m5.large",
        "initial_variant_weight": 1, "volume_size_in_gb": 0, "accelerator_type": "", "serverless_config": [],
    }  # fmt: skip
    role = _MODEL["ExecutionRoleArn"]
    values: dict[str, dict[str, Any]] = {
        "model": {
            "name": "fraud",
            "execution_role_arn": role,
            "primary_container": [container],
            "tags": None,
        },
        "endpoint_configuration": {"name": "fraud", "production_variants": [variant], "kms_key_arn": ""},
        "endpoint": {"name": "fraud", "endpoint_config_name": "fraud", "deployment_config": []},
    }
    resources = [
        {"mode": "managed", "type": f"aws_sagemaker_{kind}", "name": "fraud", "values": each}
        for kind, each in values.items()
    ]
    return json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": resources}}})


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_ends_in_an_empty_plan(guide: str, shell: Shell, account: Sandbox) -> None:
    """The commands of each guide adopt the endpoint by tags alone; the last plan shows no changes."""
    if guide == "terraform":
        shell.write("state.json", _state())
    account.clear_calls()
    last = ""
    for step in steps(ROOT / "docs" / f"migrate-from-{guide}.md"):
        if isinstance(step, PageFile):
            shell.write(step.path, step.text)
            continue
        _, command, *rest = shlex.split(step.line, comments=True)
        done = shell.run(command, *rest)
        assert done.code == step.code, (step.line, done)
        last = done.out
    assert "No changes." in last
    assert {call.operation for call in account.calls if call.mutating} <= TAGS
    assert "canary" not in last


def test_kubectl_is_given_a_folder_with_documents_alone(shell: Shell) -> None:
    """The guide for ACK applies folders of documents to a cluster, without settings in them."""
    page = ROOT / "docs" / "migrate-from-ack.md"
    for step in steps(page):
        if isinstance(step, PageFile):
            shell.write(step.path, step.text)
        elif "sagectl convert" in step.line:
            assert shell.run(*shlex.split(step.line)[1:]).code == 0
    shell.write("ml/sagectl.yaml", "region: us-east-1\n")
    text = page.read_text(encoding="utf-8")
    folders = re.findall(r"^kubectl apply (?:-n \S+ )?-f (\S+)", text, re.MULTILINE)
    assert len(folders) == 2
    for folder in folders:
        files = list((shell.folder / folder).glob("*.yaml"))
        assert len(files) == 3
        assert all(yaml.safe_load(each.read_text(encoding="utf-8"))["kind"] for each in files)
    edited = re.findall(r"^sed .*? (\S+)\*\.yaml$", text, re.MULTILINE)
    assert edited == ["ml/ml/"]


def test_strict_fails_what_was_not_translated(shell: Shell) -> None:
    """Warnings leave the exit code at 0, and with --strict it is 1; JSON holds documents, variables and findings."""
    body = json.dumps({**_MODEL, "Bogus": 1})
    shell.write("create-model.json", body)
    assert shell.run("convert", "boto3", "create-model.json").code == 0
    done = shell.run("convert", "boto3", "create-model.json", "--strict", "--format", "json")
    assert done.code == 1
    answer = json.loads(done.out)
    assert answer["documents"][0]["kind"] == "Model"
    assert "SG081" in done.out
    by_kind = shell.run("convert", "boto3", "--kind", "model", "-", stdin=body)
    assert by_kind.out.startswith("apiVersion")
    assert shell.run("convert", "ack", "--kind", "model", "-", stdin=body).code == 1


def test_what_is_there_is_never_written_over(shell: Shell) -> None:
    """A folder with a file or settings of the same name is refused, and is not changed."""
    shell.write(
        "t.yaml",
        (ROOT / "docs" / "migrate-from-cloudformation.md").read_text(encoding="utf-8").split("```")[1][5:],
    )
    shell.write("ml/sagectl.yaml", "region: eu-west-1\n")
    assert "sagectl.yaml already" in shell.run("convert", "cloudformation", "t.yaml", "-o", "ml").err
    shell.write("other/model-fraud.yaml", "mine")
    assert shell.run("convert", "cloudformation", "t.yaml", "-o", "other").code == 1
    assert (shell.folder / "ml/sagectl.yaml").read_text(encoding="utf-8") == "region: eu-west-1\n"
    assert (shell.folder / "other/model-fraud.yaml").read_text(encoding="utf-8") == "mine"
