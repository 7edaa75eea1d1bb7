from controller.sandbox.faults import InjectedFault
from tests.kubernetes.documents import SERVING, config, document, group, model, pipeline
from tests.kubernetes.operator_process import USUAL_KINDS, OperatorStage, wait_until
from tests.sandbox.conftest import client_of

GROUPS = "modelpackagegroup.sagemaker.gitops.dev"


def test_an_object_deleted_while_the_operator_is_down_is_deleted_when_it_is_back(
    stage: OperatorStage,
) -> None:
    """The finalizer keeps the object until an operator deletes its resource."""
    first = stage.start()
    stage.apply(group())
    stage.ready()
    first.terminate()
    first.wait(30)
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    assert stage.get("ModelPackageGroup", "fraud")["metadata"]["deletionTimestamp"]
    stage.start()
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_an_object_deleted_and_made_again_is_made_again_in_aws(stage: OperatorStage) -> None:
    """A recreated object of the same name is another one: it gets a resource of its own."""
    stage.start()
    stage.apply(pipeline("first"))
    stage.ready()
    stage.kubectl.must("delete", "pipeline.sagemaker.gitops.dev", "train", "--wait=false")
    wait_until(lambda: not stage.get("Pipeline", "train"))
    stage.apply(pipeline("second"))
    stage.ready()
    assert stage.describe("Pipeline", PipelineName="train")["PipelineDescription"] == "second"
    assert stage.changes().count("CreatePipeline") == 2
    assert stage.refused() == []


def test_a_dependency_is_deleted_after_its_dependents(stage: OperatorStage) -> None:
    """A model is deleted after the configuration that uses it, and reports meanwhile what it waits for."""
    stage.start()
    stage.apply(model(), config())
    stage.ready()
    stage.kubectl.must("delete", "model.sagemaker.gitops.dev", "fraud", "--wait=false")
    wait_until(lambda: stage.reason("Model", "fraud") == "StillUsed")
    assert "EndpointConfig" in stage.condition("Model", "fraud")["message"]
    assert "DeleteModel" not in stage.changes()
    stage.kubectl.must("delete", "endpointconfig.sagemaker.gitops.dev", "fraud", "--timeout=30s")
    wait_until(lambda: not stage.get("Model", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_a_retained_resource_stays_in_aws(stage: OperatorStage) -> None:
    """``deletion: Retain`` releases the object and leaves the resource."""
    stage.start()
    stage.apply(group(policy={"deletion": "Retain"}))
    stage.ready()
    stage.kubectl.must("delete", GROUPS, "fraud", "--timeout=30s")
    assert len(stage.sandbox.resources()) == 1


def test_policy_confirm_deletes_once_the_plan_is_approved(stage: OperatorStage) -> None:
    """Row 42: ``deletion: Confirm`` keeps a deleted object and its resource until exactly that plan is approved."""
    stage.start()
    stage.apply(group(policy={"deletion": "Confirm"}))
    stage.ready()
    before = stage.get("ModelPackageGroup", "fraud")["status"].get("fingerprint", "0" * 64)
    stage.annotate("modelpackagegroup", "fraud", approve=before)
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Planned")
    assert len(stage.sandbox.resources()) == 1
    stage.annotate(
        "modelpackagegroup",
        "fraud",
        approve=stage.get("ModelPackageGroup", "fraud")["status"]["fingerprint"],
    )
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert len(stage.sandbox.resources()) == 0


def test_nothing_is_deleted_while_the_policy_is_off(stage: OperatorStage) -> None:
    """Row 51: an object that is deleted while it is off stays, with its resource, until it is on again."""
    stage.start()
    stage.apply(group())
    stage.ready()
    stage.patch("modelpackagegroup", "fraud", {"policy": {"mode": "Off"}})
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Off")
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    stage.annotate("modelpackagegroup", "fraud", reconcile_at="now")
    wait_until(
        lambda: stage.get("ModelPackageGroup", "fraud")["status"].get("lastHandledReconcileAt") == "now"
    )
    assert stage.changes() == ["CreateModelPackageGroup"]
    stage.patch("modelpackagegroup", "fraud", {"policy": {"mode": "Apply"}})
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_a_resource_protected_by_its_object_is_not_deleted(stage: OperatorStage) -> None:
    """``protect: true`` in the object keeps its resource and the object, though the tag was removed outside."""
    stage.start()
    stage.apply(group(policy={"protect": True}))
    stage.ready()
    (arn,) = stage.sandbox.resources()
    stage.client().delete_tags(ResourceArn=arn, TagKeys=["sagemaker.gitops.dev/protect"])
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Protected")
    assert list(stage.sandbox.resources()) == [arn]
    stage.patch("modelpackagegroup", "fraud", {"policy": {"protect": False}})
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_a_protection_may_end_during_the_deletion_of_its_object(stage: OperatorStage) -> None:
    """``protect: false`` in an object that is being deleted applies, though no pass removes the tag any more."""
    stage.start()
    stage.apply(group(policy={"protect": True}))
    stage.ready()
    (arn,) = stage.sandbox.resources()
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Protected")
    assert list(stage.sandbox.resources()) == [arn]
    stage.patch("modelpackagegroup", "fraud", {"policy": {"protect": False}})
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_one_false_not_found_leaves_no_resource(stage: OperatorStage) -> None:
    """An object whose resource AWS once does not find is released only with the resource."""
    stage.start()
    stage.apply(group())
    stage.ready()
    for operation in ("DescribeModelPackageGroup", "ListTags"):
        stage.sandbox.inject(InjectedFault.MISSING, operation=operation)
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    assert list(stage.sandbox.resources()) == []


def test_an_object_without_its_account_can_be_released(stage: OperatorStage) -> None:
    """Row 55: an object whose account refuses everything reports that, and is released by the annotation."""
    stage.start()
    stage.apply(group())
    stage.ready()
    stage.sandbox.inject(InjectedFault.DENIED, times=None)
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Denied")
    stage.annotate("modelpackagegroup", "fraud", release="the account was closed")
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    (left,) = stage.sandbox.resources()
    lines = [each["message"] for each in stage.kubectl.items("events") if each["reason"] == "Released"]
    assert len(lines) == 1
    assert left in lines[0]


def test_an_object_is_released_after_a_long_refusal_of_its_account(stage: OperatorStage) -> None:
    """Row 55: the operator's option sets a time for it; an Event names what stays in AWS."""
    stage.start(release_after="4s")
    stage.apply(group())
    stage.ready()
    stage.sandbox.inject(InjectedFault.DENIED, times=None)
    stage.kubectl.must("delete", GROUPS, "fraud", "--wait=false")
    wait_until(lambda: stage.reason("ModelPackageGroup", "fraud") == "Denied")
    wait_until(lambda: not stage.get("ModelPackageGroup", "fraud"))
    (left,) = stage.sandbox.resources()
    lines = [each["message"] for each in stage.kubectl.items("events") if each["reason"] == "Released"]
    assert left in lines[0]


def test_a_running_job_is_stopped_and_its_record_stays(stage: OperatorStage) -> None:
    """Deleting the object of a run stops the run; only ``deletion: Delete`` would delete the record too."""
    stage.sandbox.knobs = type(stage.sandbox.knobs)(pace=2)
    stage.start(kinds=(*USUAL_KINDS, "ProcessingJob"))
    stage.apply(_processing_job())
    wait_until(lambda: stage.reason("ProcessingJob", "prepare") == "InTransition")
    stage.sandbox.knobs = type(stage.sandbox.knobs)(pace=200)
    stage.kubectl.must("delete", "processingjob.sagemaker.gitops.dev", "prepare", "--timeout=30s")
    assert stage.changes()[-1] == "StopProcessingJob"
    assert len(stage.sandbox.resources()) == 1


def _processing_job() -> dict[str, object]:
    cluster = {"instanceCount": 1, "instanceType": "ml.m5.large", "volumeSizeInGB": 10}
    spec = {
        "roleArn": "arn:aws:iam::123456789012:role/sagemaker",
        "appSpecification": {"imageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/prepare:1"},
        "processingResources": {"clusterConfig": cluster},
    }
    return document("ProcessingJob", "prepare", spec)


def test_drained_objects_are_released_and_managed_again(stage: OperatorStage) -> None:
    """``--drain`` removes the finalizers without a change in AWS; an operator that starts again restores them."""
    first = stage.start()
    stage.apply(*SERVING)
    stage.ready()
    first.terminate()
    first.wait(30)
    made = stage.changes()
    drained = stage.start(drain="")
    assert drained.wait(60) == 0
    stage.kubectl.must("delete", "endpoint.sagemaker.gitops.dev", "fraud", "--timeout=10s")
    assert stage.changes() == made
    stage.start(resync="1s")
    wait_until(lambda: "finalizers" in stage.get("Model", "fraud")["metadata"])
    assert stage.changes() == made


def test_a_foreign_scalable_target_keeps_its_endpoints_object(stage: OperatorStage) -> None:
    """A foreign scalable target keeps the endpoint and its object, until the object's policy lets it end."""
    stage.start()
    stage.apply(*SERVING)
    stage.ready()
    client_of(stage.sandbox, "application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/fraud/variant/main",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    stage.kubectl.must("delete", "endpoint.sagemaker.gitops.dev", "fraud", "--wait=false")
    wait_until(lambda: stage.reason("Endpoint", "fraud") == "ForeignOwner")
    assert "endpoint/fraud/variant/main" in stage.condition("Endpoint", "fraud")["message"]
    assert "DeleteEndpoint" not in stage.changes()
    stage.patch("endpoint", "fraud", {"policy": {"release": "Allow"}})
    wait_until(lambda: not stage.get("Endpoint", "fraud"))
    assert "DeleteEndpoint" in stage.changes()


def test_a_scalable_target_and_its_endpoint_are_deleted_at_once(stage: OperatorStage) -> None:
    """A List read before the target's deletion does not keep the endpoint."""
    stage.start(kinds=(*USUAL_KINDS, "ScalingTarget"))
    target = {
        "serviceNamespace": "sagemaker", "resourceId": "endpoint/fraud/variant/main", "minCapacity": 1,
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount", "maxCapacity": 4,
    }  # fmt: skip
    stage.apply(*SERVING, document("ScalingTarget", "fraud", target))
    stage.ready()
    for kind in ("scalingtarget", "endpoint", "endpointconfig", "model"):
        stage.kubectl.must("delete", f"{kind}.sagemaker.gitops.dev", "fraud", "--wait=false")
    wait_until(lambda: stage.gone(*SERVING))
    assert list(stage.sandbox.resources()) == []
