"""Cases of export: names, namespaces and fixed names."""

from pathlib import Path

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.discovery import discover
from controller.insight.export import Exported, export, left_out
from controller.kinds import KINDS
from tests.insight.test_export import as_text, remove_our_tags
from tests.journeys.documents import IMAGE, ROLE, config, endpoint, model
from tests.journeys.stage import Stage, acting_steps, compile_documents, step_of

INPUTS = Path(__file__).parent / "inputs"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account."""
    return Stage(tmp_path)


def _documents(stage: Stage, *, adopt: bool = False) -> tuple[Exported, ...]:
    return export(discover(stage.cloud(), KINDS, 4).found, adopt=adopt)


@pytest.mark.parametrize("case", ["lineage-long-names", "namespaced"])
def test_an_export_of_what_was_applied_plans_empty(stage: Stage, case: str) -> None:
    """Validate accepts the names, the namespace is kept, and the plan with the same inventory is empty."""
    stage.apply((INPUTS / f"{case}.yaml").read_text())
    before = set(stage.inventory().entries)
    documents = _documents(stage)
    plan = stage.plan(as_text(documents))
    changed = {ref.kind for ref in before ^ {each.ref for each in documents}}
    assert changed <= {"Association"}  # it carries no tag that names its document
    assert {one.action for one in plan.steps if one.ref.kind not in changed} == {Action.NOOP}


def test_a_fixed_name_blocks_with_the_way_around(stage: Stage) -> None:
    """The message about a change under a fixed name recommends removing the name; then the dependents are updated."""
    written = (INPUTS / "explicit-names.yaml").read_text()
    stage.apply(written)
    blocked = step_of(stage.plan(written.replace("/x:1", "/x:2")), "Model/m")
    assert blocked.why is Reason.IMMUTABLE
    assert "leave out spec.modelName: the next apply then makes a new generation beside 'm'" in blocked.detail
    assert "moves what uses it, and deletes 'm' once nothing is proved to use it" in blocked.detail
    unnamed = written.replace("modelName: m, exec", "exec").replace("endpointConfigName: c, prod", "prod")
    assert acting_steps(stage.plan(unnamed)) == {}
    stage.forget_calls()
    assert stage.apply(unnamed.replace("/x:1", "/x:2")).convergence is Convergence.SETTLED
    assert stage.mutations() == [
        "CreateModel",
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
    ]


def test_an_export_of_fixed_names_stays_changeable(stage: Stage, tmp_path: Path) -> None:
    """Adopted without a fixed name, a changed image is a new generation, and the old one is deleted last."""
    stage.apply((INPUTS / "explicit-names.yaml").read_text())
    remove_our_tags(stage)
    exported = as_text(_documents(stage, adopt=True))
    other = Stage(tmp_path / "other", stage.sandbox)
    assert {one.action for one in other.plan(exported).steps} == {Action.ADOPT}
    blocked = step_of(other.plan(exported.replace("/x:1", "/x:2")), "Model/m")
    assert blocked.action is Action.BLOCKED
    assert "'m' is not yet managed here" in blocked.detail
    other.apply(exported)
    assert acting_steps(other.plan(exported)) == {}
    without = "".join(
        line for line in exported.splitlines(keepends=True) if "arn: arn:aws:sagemaker" not in line
    )
    assert acting_steps(other.plan(without)) == {}
    edited = exported.replace("/x:1", "/x:2")
    plan = acting_steps(other.plan(edited))
    assert plan["Model/m"] is plan["EndpointConfig/c"] is Action.CREATE_BEFORE_DELETE
    other.forget_calls()
    assert other.apply(edited).convergence is Convergence.SETTLED
    assert other.mutations()[-2:] == ["DeleteEndpointConfig", "DeleteModel"]
    assert acting_steps(other.plan(edited)) == {}
    assert other.apply(exported).convergence is Convergence.SETTLED  # and back, as a generation of its own


def test_defaults_that_the_inventory_remembers_are_no_removal(stage: Stage) -> None:
    """Defaults that were written once and are left out of the export are live as before: nothing is recreated."""
    weighed = config().replace("ml.m5.large", "ml.m5.large, initialVariantWeight: 1")
    named = model().replace("spec:", "spec:\n  modelName: odd\n  enableNetworkIsolation: false")
    stage.apply(named, weighed, endpoint())
    exported = as_text(_documents(stage))
    assert "initialVariantWeight" not in exported
    assert {one.action for one in stage.plan(exported).steps} == {Action.NOOP}


def test_a_rebuilt_inventory_has_an_adopted_resource(stage: Stage) -> None:
    """A resource adopted by its ARN is found again by its tag, and its plan is empty."""
    stage.client().create_model(ModelName="By-Hand", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    exported = as_text(_documents(stage, adopt=True))
    stage.apply(exported)
    for path in stage.folder.glob("inventory*"):
        path.unlink()
    stage.rebuild(exported)
    assert acting_steps(stage.plan(exported)) == {}
    for path in stage.folder.glob("inventory*"):
        path.unlink()
    without = "".join(line for line in exported.splitlines(keepends=True) if "arn: arn:aws:sage" not in line)
    stage.rebuild(without)
    assert acting_steps(stage.plan(without)) == {}


def test_an_adopted_run_is_not_repeated(stage: Stage) -> None:
    """An adopted job whose record is deleted stays done; another spec is another run."""
    _train(stage, "Nightly-1")
    stage.wait(7200)
    exported = as_text(_documents(stage, adopt=True))
    assert "trainingJobName" not in exported
    stage.apply(exported)
    assert acting_steps(stage.plan(exported)) == {}
    edited = exported.replace("maxRuntimeInSeconds: 36000", "maxRuntimeInSeconds: 39000")
    assert acting_steps(stage.plan(edited)) == {"TrainingJob/nightly-1": Action.CREATE_BEFORE_DELETE}
    stage.client().delete_training_job(TrainingJobName="Nightly-1")
    stage.wait(3600)
    plan = stage.plan(exported)
    assert (step_of(plan, "TrainingJob/nightly-1").why, acting_steps(plan)) == (Reason.ALREADY_RAN, {})


def _train(stage: Stage, name: str) -> None:
    stage.client().create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://b/o"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 36000},
    )


def test_a_document_of_another_account_names_nothing_here(stage: Stage) -> None:
    """An ARN of another account does not lead to this one's resource of that name."""
    stage.client().create_model(ModelName="m", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    exported = as_text(_documents(stage, adopt=True)).replace(":123456789012:model/", ":210987654321:model/")
    assert acting_steps(stage.plan(exported)) == {"Model/m": Action.CREATE}
    assert compile_documents(exported).order


def test_what_a_pipeline_made_is_left_out(stage: Stage) -> None:
    """A step's job is named with its reason, and has no document."""
    _train(stage, "pipelines-0a1b2c3d4e5f-Train-AbCdEfGhIj")
    _train(stage, "pipelines-mine")
    found = discover(stage.cloud(), ("TrainingJob",), 4).found
    assert {each.live.name: why for each, why in left_out(found).items()} == {
        "pipelines-0a1b2c3d4e5f-Train-AbCdEfGhIj": "a pipeline's execution made it"
    }
    assert [each.ref.name for each in export(found, adopt=False)] == ["pipelines-mine"]
