import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.insight.permissions import ArnScope, permissions
from controller.kinds import KINDS
from controller.output.iam_policy import LARGEST, policies, size
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.cli.conftest import Shell
from tests.cli.trees import SERVING
from tests.examples.test_examples import EACH, texts
from tests.insight.iam_simulation import PolicySimulator
from tests.journeys.stage import Stage, compile_documents
from tests.journeys.tree import TREE
from tests.soak import soak

HERE = ArnScope("aws", "us-east-1", "123456789012")
_SHORT = EACH[::4]
_NEEDS = {"labeling": ("quickstart",)}

# Needed only for another change, another tag or a confirmation, outside of this life cycle.
LATER = (
    *("Update", "ListPipelineVersions", "Stop", "Retry", "DeleteTags", "PassRole"),
    *("UntagResource", "PutScheduledAction", "DeleteScheduledAction", "DeleteScalingPolicy"),
    "CreateServiceLinkedRole",
    "StartNotebookInstance",  # again, after an update
    "StartInferenceExperiment",  # before its time
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account, and the one secret that an example refers to."""
    return Stage(tmp_path, secrets={"LABELING_CLIENT_SECRET": "made up"})


def judge(*documents: str, read_only: bool = False) -> PolicySimulator:
    """IAM with the policies of a tree."""
    return PolicySimulator(policies(permissions(compile_documents(*documents), HERE, read_only=read_only)))


def refused_calls(stage: Stage, of: PolicySimulator, run: Callable[[], object]) -> list[str]:
    """What IAM would refuse of the calls of a run."""
    stage.forget_calls()
    before = set(stage.sandbox.resources())
    run()
    arns = {arn for arn in (before | set(stage.sandbox.resources())) if " -> " not in arn}
    found = (of.denied(call, arns) for call in stage.sandbox.calls)
    return sorted({each for each in found if each})


def change_documents(documents: list[str]) -> list[str]:
    """The same documents with other instance types and other texts."""
    texts = "\x00".join(documents).replace("ml.m5.large", "ml.m5.xlarge")
    return re.sub(r"(escription: )(?=[A-Za-z])", r"\1new ", texts).split("\x00")


def run_life_cycle(stage: Stage, documents: list[str]) -> None:
    """Plan, apply, change and destroy, in one run."""
    stage.plan(*documents)
    stage.apply(*documents)
    assert stage.mutations()
    stage.apply(*change_documents(documents))
    stage.destroy(*change_documents(documents))


def plan_without_describe(stage: Stage, documents: list[str]) -> None:
    """Plan while every Describe is denied once, so that its List is read."""
    stage.apply(*documents)
    for kind in KINDS:
        stage.sandbox.inject(InjectedFault.MISSING, operation=contract(kind).describes.name)
    stage.plan(*documents)
    stage.sandbox.clear_faults()


@pytest.mark.parametrize("folder", [*_SHORT, *soak(*(each for each in EACH if each not in _SHORT))])
def test_the_policy_covers_the_life_of_each_example(stage: Stage, folder: str) -> None:
    """No call of plan, apply, change and destroy of an example is refused by its own policy."""
    needs, documents = texts(*_NEEDS.get(folder, ())), texts(folder)
    if needs:
        stage.apply(*needs)
        stage.set = "other"
    of = judge(*documents)
    assert refused_calls(stage, of, lambda: run_life_cycle(stage, documents)) == []


def test_the_policy_covers_the_life_of_every_kind(stage: Stage, tmp_path: Path) -> None:
    """No call of a full life cycle of all kinds is refused, and no unused operation is granted."""
    documents, other = list(TREE.values()), Stage(tmp_path / "other")
    of = judge(*documents)
    assert refused_calls(stage, of, lambda: run_life_cycle(stage, documents)) == []
    assert refused_calls(other, of, lambda: plan_without_describe(other, documents)) == []
    assert all(size(policy) <= LARGEST for policy in of.policies)
    idle = {action.split(":")[1] for action in of.actions() - of.used}
    assert {action for action in idle if not action.startswith(LATER)} == set()


def test_the_reading_policy_covers_a_plan_and_changes_nothing(stage: Stage) -> None:
    """With --read-only a plan of all kinds is covered, before and after they are created, and no more."""
    documents = list(TREE.values())
    of = judge(*documents, read_only=True)
    assert refused_calls(stage, of, lambda: stage.plan(*documents)) == []
    stage.apply(*documents)
    assert refused_calls(stage, of, lambda: stage.plan(*documents)) == []
    assert all(action.split(":")[1].startswith(("Describe", "List", "Get")) for action in of.actions())


def test_a_missing_grant_is_noticed(stage: Stage) -> None:
    """The judge of these tests refuses what a policy lacks: an action, or a resource of another name."""
    documents = texts("train-and-serve")
    of = judge(*documents)
    of.policies = json.loads(json.dumps(of.policies).replace("sagemaker:UpdateEndpoint", "sagemaker:Other"))
    missing = refused_calls(stage, of, lambda: run_life_cycle(stage, documents))
    assert len(missing) == 1
    assert missing[0].startswith("sagemaker:UpdateEndpoint on")


def test_only_the_kinds_of_the_tree_are_granted() -> None:
    """A serving tree is granted nothing of kinds that it neither has, names, nor may find as users."""
    of = judge(*(TREE[kind] for kind in ("ModelPackageGroup", "Pipeline")))
    foreign = [kind for kind in KINDS if not kind.startswith(("ModelPackage", "Pipeline"))]
    granted = {action.split(":")[1] for action in of.actions()}
    assert not [(kind, action) for kind in foreign for action in granted if action.endswith(kind)]


def test_roles_are_passed_to_the_service_alone() -> None:
    """PassRole names the roles of the documents, and SageMaker as the only service."""
    (policy,) = policies(permissions(compile_documents(TREE["Pipeline"]), HERE, read_only=False))
    (passing,) = [each for each in policy["Statement"] if each["Action"] == "iam:PassRole"]
    assert passing["Resource"] == "arn:aws:iam::123456789012:role/sagemaker"
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_the_command_prints_a_policy(bare_shell: Shell) -> None:
    """``sagectl iam`` needs no account; names of generations end in as many wildcards as their hash is long."""
    bare_shell.write("serving.yaml", SERVING)
    ran = bare_shell.run("iam", "serving.yaml", "--account", "123456789012", "--region", "eu-west-1")
    assert ran.code == 0, ran
    policy = json.loads(ran.out)
    assert policy["Version"] == "2012-10-17"
    assert f"arn:aws:sagemaker:eu-west-1:123456789012:model/fraud-{'?' * 10}" in ran.out


def test_many_resources_are_spread_over_policies(bare_shell: Shell) -> None:
    """A tree whose policy would be too large for IAM gets several smaller ones, and a message about it."""
    names = [f"a-model-of-the-fraud-team-with-a-long-name-{number}" for number in range(120)]
    bare_shell.write(
        "many.yaml",
        "---\n".join(SERVING.split("---\n")[0].replace("name: fraud", f"name: {n}") for n in names),
    )
    ran = bare_shell.run("iam", "many.yaml")
    assert ran.code == 0
    assert "attach all" in ran.err
    found = json.loads(ran.out)
    assert len(found) > 1
    assert all(size(policy) <= LARGEST for policy in found)
    assert all(f"model/{name}-" in ran.out for name in names)


def test_the_rights_of_an_event_queue_are_of_that_queue(shell: Shell) -> None:
    """Only with the option; of another account's queue with its account."""
    shell.write("ml/serving.yaml", SERVING)
    where = ("--account", HERE.account, "--region", HERE.region)
    assert "sqs:" not in shell.run("iam", "ml", *where).out
    document = json.loads(shell.run("iam", "ml", *where, "--events", "sqs://111122223333/events").out)
    (statement,) = [each for each in document["Statement"] if "sqs" in json.dumps(each["Action"])]
    assert sorted(statement["Action"]) == ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    assert "arn:aws:sqs:us-east-1:111122223333:events" in str(statement["Resource"])
    refused = shell.run("iam", "ml", "--events", "https://queue")
    assert (refused.code, "sqs://NAME or sqs://ACCOUNT/NAME is needed" in refused.err) == (1, True)
