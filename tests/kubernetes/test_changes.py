import json
import time

from controller.sandbox.faults import InjectedFault
from tests.kubernetes.documents import SERVING, Json, config, document, endpoint, group, model, pipeline
from tests.kubernetes.operator_process import USUAL_KINDS, OperatorStage, wait_until


def test_a_fixed_spec_acts_at_once_during_a_back_off(stage: OperatorStage) -> None:
    """Row 49: while a refused object waits for minutes, a change of its spec is applied within seconds."""
    stage.sandbox.inject(InjectedFault.LIMIT, operation="CreatePipeline", times=8)
    stage.start(longest_pause="300s", workers="2")
    stage.apply(pipeline("refused"))
    wait_until(lambda: stage.changes().count("CreatePipeline") >= 4)  # the next try is 4 to 8 seconds later
    stage.sandbox.clear_faults()
    began = time.monotonic()
    stage.apply(pipeline("let through"))
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
    assert time.monotonic() - began < 4
    assert stage.sandbox.calls[-1].error is None


def test_ten_quick_edits_cause_one_more_pass(stage: OperatorStage) -> None:
    """Edits during a pass are handled together, and AWS gets the last of them."""
    stage.start(workers="2")
    stage.apply(pipeline("0"))
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
    made, before = len(stage.changes()), stage.pass_count()
    stage.slow(1.5)
    looked = stage.call_count("DescribePipeline")
    stage.apply(pipeline("1"))
    wait_until(lambda: stage.call_count("DescribePipeline") > looked)
    for number in range(2, 12):
        stage.patch("pipeline", "train", {"spec": {"pipelineDescription": str(number)}})
    stage.slow(0)
    wait_until(lambda: stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "11")
    wait_until(lambda: stage.reason("Pipeline", "train") == "Ready")
    assert 1 <= stage.changes()[made:].count("UpdatePipeline") <= 2
    # That of the first edit, that of the others, and polls of the result.
    assert stage.pass_count() - before <= 5


def test_a_changed_model_replaces_its_dependents_and_old_generations(stage: OperatorStage) -> None:
    """A changed model is a new generation; configuration and endpoint follow, then the old ones are deleted."""
    stage.start()
    stage.apply(*SERVING)
    stage.ready()
    before = set(stage.sandbox.resources())
    stage.apply(model("s3://bucket/two.tar.gz"))
    wait_until(lambda: len(set(stage.sandbox.resources()) - before) == 2)
    wait_until(lambda: len(stage.sandbox.resources()) == 3)
    stage.ready()
    assert stage.refused() == []
    assert len(set(stage.sandbox.resources()) & before) == 1  # the endpoint


def test_a_rollback_is_reported_and_not_retried(stage: OperatorStage) -> None:
    """An update that AWS rolled back leaves the endpoint not Ready, with AWS's reason and both generations."""
    stage.start()
    stage.apply(*SERVING)
    stage.ready()
    stage.sandbox.inject(InjectedFault.ROLLBACK, reason="The image is too big.")
    stage.apply(config("ml.m5.xlarge"))
    wait_until(lambda: stage.reason("Endpoint", "fraud") == "RolledBack")
    condition = stage.condition("Endpoint", "fraud")
    assert condition["status"] == "False"
    assert "The image is too big." in condition["message"]
    assert stage.condition("Endpoint", "fraud", "Stalled")["status"] == "True"
    assert stage.changes().count("UpdateEndpoint") == 1
    assert len([arn for arn in stage.sandbox.resources() if ":endpoint-config/" in arn]) == 2
    stage.apply(config("ml.m5.2xlarge"))
    wait_until(lambda: stage.reason("Endpoint", "fraud") == "Ready")


def test_an_invalid_object_does_not_stop_its_kind(stage: OperatorStage) -> None:
    """Row 69: an invalid object reports that; others of its kind are created and changed as before."""
    stage.start()
    stage.apply(pipeline("good"), pipeline("bad", name="other"))
    stage.ready()
    # The API server accepts any type there.
    stage.patch("pipeline", "train", {"spec": {"pipelineDefinition": 7}})
    wait_until(lambda: stage.reason("Pipeline", "train") == "InvalidSpec")
    assert "pipelineDefinition" in stage.condition("Pipeline", "train")["message"]
    stage.apply(pipeline("better", name="other"))
    wait_until(lambda: stage.describe("Pipeline", PipelineName="other")["PipelineDescription"] == "better")
    stage.kubectl.must("delete", "pipeline.sagemaker.gitops.dev", "train", "--timeout=30s")
    assert [arn.rsplit("/", 1)[-1] for arn in stage.sandbox.resources()] == ["other"]


def test_a_missing_dependency_is_named_until_it_exists(stage: OperatorStage) -> None:
    """An object whose dependency is missing or not ready names it, and continues when that is Ready."""
    stage.start()
    stage.apply(config(), endpoint())
    wait_until(lambda: stage.reason("EndpointConfig", "fraud") == "DependencyMissing")
    assert "fraud" in stage.condition("EndpointConfig", "fraud")["message"]
    wait_until(lambda: stage.reason("Endpoint", "fraud") == "DependencyNotReady")
    assert "EndpointConfig" in stage.condition("Endpoint", "fraud")["message"]
    stage.apply(model())
    stage.ready()
    assert stage.refused() == []


def _approval_document(of: str, description: str, replace: str = "Forbid") -> Json:
    spec = {"source": {"sourceUri": "s3://bucket/train"}, "actionType": of, "description": description}
    return document("Action", "approval", spec, {"replace": replace})


def test_an_immutable_change_is_named_while_a_dependency_is_not_ready(stage: OperatorStage) -> None:
    """As in the plan, a changed immutable member blocks the object whatever it waits for."""
    later = "${ModelPackageGroup/later.modelPackageGroupStatus}"
    stage.start(kinds=(*USUAL_KINDS, "Action"))
    stage.apply(_approval_document("Approval", "first"))
    stage.ready()
    changes = stage.changes()
    # The server refuses the change without policy.replace: Allow, and accepts that again later.
    stage.apply(
        {**group(name="later"), "policy": {"mode": "Off"}}, _approval_document("Refusal", later, "Allow")
    )
    wait_until(lambda: stage.reason("Action", "approval") == "DependencyNotReady")
    stage.apply(_approval_document("Refusal", later))
    wait_until(lambda: stage.reason("Action", "approval") == "Immutable")
    condition = stage.condition("Action", "approval")
    assert (condition["status"], "actionType" in condition["message"]) == ("False", True)
    stage.apply(_approval_document("Approval", later, "Allow"))
    wait_until(lambda: stage.reason("Action", "approval") == "DependencyNotReady")
    assert "ModelPackageGroup" in stage.condition("Action", "approval")["message"]
    assert stage.changes() == changes
    stage.apply({**group(name="later"), "policy": {"mode": "Apply"}})
    stage.ready()
    assert stage.describe("Action", ActionName="approval")["Description"] == "Completed"


def test_a_foreign_resource_is_not_changed(stage: OperatorStage) -> None:
    """A foreign resource is not changed, and the object reports that."""
    stage.client().create_model_package_group(
        ModelPackageGroupName="fraud", ModelPackageGroupDescription="theirs"
    )
    stage.start()
    stage.apply(group("ours"))
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "ForeignOwner")
    assert stage.condition("ModelPackageGroup", "fraud", "Stalled")["status"] == "False"  # it is tried again
    assert stage.condition("ModelPackageGroup", "fraud", "Reconciling")["status"] == "True"
    stage.kubectl.must("delete", "modelpackagegroup", "fraud", "--timeout=20s")
    assert len(stage.sandbox.resources()) == 1


def test_a_failed_resource_is_never_ready(stage: OperatorStage) -> None:
    """Row 56: a resource whose creation failed is shown as failed, with AWS's reason."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason="No capacity.")
    stage.start()
    stage.apply(*SERVING)
    wait_until(lambda: stage.reason("Endpoint", "fraud") == "Failed")
    assert "No capacity." in stage.condition("Endpoint", "fraud")["message"]
    assert stage.condition("Endpoint", "fraud")["status"] == "False"


def test_refusals_have_their_reasons(stage: OperatorStage) -> None:
    """A denial has its own reason, and is retried after the permission was granted."""
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreateModelPackageGroup", times=2)
    stage.start(kinds=(*USUAL_KINDS, "Experiment"))
    stage.apply(group(), document("Experiment", "trials", {}))
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Denied")
    stage.ready()


def test_an_outage_is_one_event_whatever_its_texts(stage: OperatorStage) -> None:
    """Row 60: refusals that differ only in their texts, as by the id of a request, are one event."""
    for number in range(4):
        stage.sandbox.inject(
            InjectedFault.DENIED,
            operation="CreateModelPackageGroup",
            reason=f"sagemaker:Create, request {number}",
        )
    stage.start(longest_pause="1s")
    stage.apply(group())
    stage.ready()
    assert stage.refused() == ["CreateModelPackageGroup"] * 4
    lines = [each["reason"] for each in stage.kubectl.items("events")]
    assert (lines.count("Denied"), lines.count("Ready")) == (1, 1)


def test_a_link_into_another_namespace_is_refused(stage: OperatorStage) -> None:
    """Row 67: unless the operator's configuration allows it, no object refers to one of another namespace."""
    stage.start()
    stage.apply(model(), config(of="elsewhere/fraud"))
    wait_until(lambda: stage.reason("EndpointConfig", "fraud") == "InvalidSpec")
    assert "elsewhere" in stage.condition("EndpointConfig", "fraud")["message"]
    wait_until(lambda: stage.reason("Model", "fraud") == "Ready")
    assert stage.changes() == ["CreateModel"]


def test_an_update_resets_only_what_the_spec_changed(stage: OperatorStage) -> None:
    """A new count in the configuration is sent to the endpoint; otherwise the autoscaler's count stays."""
    stage.start()
    stage.apply(*SERVING)
    stage.ready()
    stage.apply(config(count=3))
    wait_until(lambda: stage.changes().count("UpdateEndpoint") == 1)
    sent = next(each.params for each in stage.sandbox.calls if each.operation == "UpdateEndpoint")
    assert sent["RetainAllVariantProperties"] is True
    assert sent["ExcludeRetainedVariantProperties"] == [{"VariantPropertyType": "DesiredInstanceCount"}]


def test_a_changed_name_is_refused_at_admission(stage: OperatorStage) -> None:
    """``endpointName`` identifies the resource: the API server refuses another one, so nothing is left behind."""
    stage.start()
    stage.apply(*SERVING)
    stage.ready()
    change = json.dumps({"spec": {"endpointName": "live-b"}})
    done = stage.kubectl.run("patch", "endpoint.sagemaker.gitops.dev", "fraud", "--type=merge", "-p", change)
    assert done.returncode != 0
    assert "endpointName" in done.stderr
    assert stage.changes().count("CreateEndpoint") == 1


def test_a_fixed_name_may_be_left_out_for_a_new_generation(stage: OperatorStage) -> None:
    """A model whose spec has its AWS name refuses a change; without the name the change creates a new generation.

    Another name is refused by the API server, as is a name that is written later.
    """
    stage.start()
    named = model()
    named["spec"]["modelName"] = "by-hand"
    stage.apply(named)
    stage.ready()
    other = json.dumps({"spec": {"modelName": "another"}})
    refused = stage.kubectl.run("patch", "smmo", "fraud", "--type=merge", "-p", other)
    assert "modelName can't be changed" in refused.stderr
    changed = model("s3://bucket/two.tar.gz")
    changed["spec"]["modelName"] = "by-hand"
    stage.apply(changed)
    wait_until(lambda: stage.reason("Model", "fraud") == "Immutable")
    stage.apply(model("s3://bucket/two.tar.gz"))
    wait_until(lambda: stage.changes().count("DeleteModel") == 1)
    stage.ready()
    assert stage.get("Model", "fraud")["status"]["awsName"].startswith("fraud-")
    assert stage.changes().count("CreateModel") == 2
    refused = stage.kubectl.run("patch", "smmo", "fraud", "--type=merge", "-p", other)
    assert "modelName can't be changed" in refused.stderr
