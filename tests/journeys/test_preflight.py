"""A preflight: resources of other services are read before the first call."""

import random
from dataclasses import replace

import pytest

from controller.core.cloud import CloudError, Fault
from controller.core.finding import Code, Severity
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.insight.external_permissions import external_permissions
from controller.insight.permissions import ArnScope
from controller.output.iam_policy import policies
from controller.output.plan_json import plan_json
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.sandbox import InjectedFault
from tests.journeys.documents import IMAGE, ROLE, config, endpoint, model
from tests.journeys.stage import Stage, acting_steps, compile_documents, document_text, step_of

ALARM = "deploymentConfig: {autoRollbackConfiguration: {alarms: [{alarmName: fraud-5xx}]}}"
READS = {"DescribeAlarms", "GetRole", "BatchGetImage", "HeadObject", "ListObjectsV2", "ListServiceQuotas"}
FIT = {
    "missing_alarms",
    "firing_alarms",
    "missing_roles",
    "roles_without_trust",
    "missing_images",
    "missing_objects",
}


def documents(instance: str = "ml.m5.large") -> list[str]:
    """A serving tree whose endpoint is watched by an alarm."""
    return [model(), config(instance), endpoint(ALARM)]


def set_knobs(stage: Stage, **changed: str) -> None:
    """Set knobs that are sets to one name each, and empty the others."""
    values = {name: frozenset(filter(None, [changed.get(name)])) for name in FIT}
    stage.sandbox.knobs = replace(stage.sandbox.knobs, **values)  # type: ignore[arg-type]


def findings_of(stage: Stage, *texts: str) -> list[tuple[str, Code, Severity]]:
    """What the preflight of documents finds: position, code and severity."""
    plan = stage.plan(*texts, preflight=True)
    return [(str(each.origin), each.code, each.severity) for each in plan.preflight]


def test_a_complete_account_has_no_findings(stage: Stage) -> None:
    """Everything that the calls refer to is read once, nothing else changes, and a settled tree reads nothing."""
    plain = stage.plan(*documents())
    stage.forget_calls()
    plan = stage.plan(*documents(), preflight=True)
    read = [call.operation for call in stage.sandbox.calls if call.operation in READS]
    assert sorted(read) == ["BatchGetImage", "DescribeAlarms", "GetRole", "HeadObject", "ListServiceQuotas"]
    assert (plan.preflight, plan.steps, plan.fingerprint) == ((), plain.steps, plain.fingerprint)
    assert stage.apply(*documents(), preflight=True).convergence is Convergence.SETTLED
    stage.forget_calls()
    assert acting_steps(stage.plan(*documents(), preflight=True)) == {}
    assert not READS & {call.operation for call in stage.sandbox.calls}


def test_without_the_option_nothing_is_read(stage: Stage) -> None:
    """Without it, AWS refuses the calls that name missing resources."""
    set_knobs(stage, missing_roles="sagemaker", missing_objects="s3://bucket")
    assert stage.apply(*documents()).convergence is Convergence.SETTLED
    assert not READS & {call.operation for call in stage.sandbox.calls}


def test_all_findings_come_in_one_run(stage: Stage) -> None:
    """Each has its position and code; failing steps and their dependents are blocked, and nothing is changed."""
    set_knobs(
        stage,
        missing_alarms="fraud-5xx",
        missing_roles="sagemaker",
        missing_images="fraud:1",
        missing_objects="s3://bucket/one.tar.gz",
    )
    assert findings_of(stage, *documents()) == [
        ("doc0.yaml:5:21", Code.ROLE, Severity.ERROR),
        ("doc0.yaml:6:29", Code.MISSING_IMAGE, Severity.ERROR),
        ("doc0.yaml:6:99", Code.MISSING_OBJECT, Severity.ERROR),
        ("doc2.yaml:6:71", Code.MISSING_ALARM, Severity.ERROR),
    ]
    stage.forget_calls()
    report = stage.apply(*documents(), preflight=True)
    assert report.convergence is Convergence.STUCK
    assert stage.mutations() == []
    why = {each.id: (each.action, each.why) for each in report.plan.steps}
    assert why == {
        "Model/fraud": (Action.BLOCKED, Reason.PREFLIGHT_FAILED),
        "EndpointConfig/fraud": (Action.BLOCKED, Reason.DEPENDENCY_BLOCKED),
        "Endpoint/fraud": (Action.BLOCKED, Reason.PREFLIGHT_FAILED),
    }
    set_knobs(stage)
    assert stage.apply(*documents(), preflight=True).convergence is Convergence.SETTLED


def test_instances_must_fit_the_quota(stage: Stage) -> None:
    """The variants of a document are summed by type and use; a quota of another type or use does not apply."""
    variants = (
        "["
        + ", ".join(
            f"{{variantName: {name}, modelName: fraud, instanceType: ml.m5.large, initialInstanceCount: 2}}"
            for name in ("one", "two")
        )
        + "]"
    )
    texts = [model(), document_text("EndpointConfig", "fraud", f"productionVariants: {variants}")]

    def limited(**most: float) -> list[tuple[str, Code, Severity]]:
        names = {f"ml.m5.large for {use.replace('_', ' ')} usage": value for use, value in most.items()}
        stage.sandbox.knobs = replace(
            stage.sandbox.knobs, quotas={f"ml.{n} for x usage": 1 for n in range(120)} | names
        )
        return findings_of(stage, *texts)

    assert limited(endpoint=4, training_job=0) == []
    ((where, code, severity),) = limited(endpoint=3)
    assert (where, code, severity) == ("doc1.yaml:5:75", Code.QUOTA, Severity.ERROR)
    blocked = step_of(stage.plan(*texts, preflight=True), "EndpointConfig/fraud")
    assert "4 x ml.m5.large for endpoint usage are more than the account's quota of 3" in blocked.detail
    assert limited() == []


def _endpoints(name: str, count: int, endpoints: int) -> list[str]:
    """A configuration with so many instances, and endpoints that use it."""
    variant = (
        f"{{variantName: main, modelName: fraud, instanceType: ml.m5.large, initialInstanceCount: {count}}}"
    )
    configured = document_text("EndpointConfig", name, f"productionVariants: [{variant}]")
    return [
        configured,
        *(document_text("Endpoint", f"{name}-{n}", f"endpointConfigName: {name}") for n in range(endpoints)),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_instances_of_a_whole_plan_fit_the_quota(stage: Stage, seed: int) -> None:
    """The steps that are not blocked fit into the quota together; with a blocked one they would not.

    A configuration counts once for each endpoint that runs it, and alone where none does.
    """
    drawn = random.Random(seed)
    expected = {f"c{n}": (drawn.randint(1, 4), drawn.randint(0, 2)) for n in range(4)}
    most = drawn.randint(1, 14)
    stage.sandbox.knobs = replace(stage.sandbox.knobs, quotas={"ml.m5.large for endpoint usage": most})
    texts = [
        text for name, (count, endpoints) in expected.items() for text in _endpoints(name, count, endpoints)
    ]
    plan = stage.plan(model(), *texts, preflight=True)
    taken = 0
    for each in (each for each in plan.steps if each.ref.kind == "EndpointConfig"):
        count, endpoints = expected[each.ref.name]
        needs = count * max(1, endpoints)
        assert (each.why is Reason.PREFLIGHT_FAILED) is (taken + needs > most), (
            each.detail,
            taken,
            needs,
            most,
        )
        taken += 0 if each.why is Reason.PREFLIGHT_FAILED else needs
    assert taken <= most
    stage.sandbox.knobs = replace(
        stage.sandbox.knobs,
        quotas={"ml.m5.large for endpoint usage": sum(c * max(1, e) for c, e in expected.values())},
    )
    assert stage.plan(model(), *texts, preflight=True).preflight == ()


def test_documents_independent_of_a_finding_are_applied(stage: Stage) -> None:
    """A document beside the blocked ones is applied."""
    set_knobs(stage, missing_alarms="fraud-5xx")
    report = stage.apply(*documents(), preflight=True)
    assert report.convergence is Convergence.STUCK
    assert stage.mutations() == ["CreateModel", "CreateEndpointConfig"]


@pytest.mark.parametrize(
    ("knob", "creation", "update"),
    [
        ("firing_alarms", (Code.ALARM_NOT_OK, Severity.WARNING), (Code.ALARM_NOT_OK, Severity.ERROR)),
        ("alarms_without_data", (Code.ALARM_NOT_OK, Severity.WARNING), (Code.ALARM_NOT_OK, Severity.WARNING)),
        ("missing_alarms", (Code.MISSING_ALARM, Severity.ERROR), (Code.MISSING_ALARM, Severity.ERROR)),
    ],
)
def test_an_alarm_must_be_ok_for_an_update(
    stage: Stage, knob: str, creation: tuple[Code, Severity], update: tuple[Code, Severity]
) -> None:
    """A creation is not watched, so a firing alarm is a warning there; the endpoint serves as before."""
    fit = stage.sandbox.knobs
    unfit = replace(fit, **{knob: frozenset({"fraud-5xx"})})  # type: ignore[arg-type]
    stage.sandbox.knobs = unfit
    assert [each[1:] for each in findings_of(stage, *documents())] == [creation]
    stage.sandbox.knobs = fit
    stage.apply(*documents())
    stage.sandbox.knobs = unfit
    assert [each[1:] for each in findings_of(stage, *documents("ml.m5.xlarge"))] == [update]
    stage.forget_calls()
    report = stage.apply(*documents("ml.m5.xlarge"), preflight=True)
    blocked = step_of(report.plan, "Endpoint/fraud").why is Reason.PREFLIGHT_FAILED
    assert blocked is (update[1] is Severity.ERROR)
    assert ("UpdateEndpoint" in stage.mutations()) is not blocked


def test_a_role_that_sagemaker_can_not_assume_is_a_finding(stage: Stage) -> None:
    """It exists, but trusts another service."""
    set_knobs(stage, roles_without_trust="sagemaker")
    (finding,) = stage.plan(*documents(), preflight=True).preflight
    assert (finding.code, "can't be assumed by SageMaker" in finding.message) == (Code.ROLE, True)


@pytest.mark.parametrize(
    ("data", "reads", "missing"),
    [
        ("modelDataUrl: s3://bucket/one.tar.gz", "HeadObject", "s3://bucket/one.tar.gz"),
        (
            "modelDataUrl: https://bucket.s3.us-east-1.amazonaws.com/one.tar.gz",
            "HeadObject",
            "s3://bucket/one.tar.gz",
        ),
        ("modelDataUrl: s3://bucket/all/, mode: MultiModel", "ListObjectsV2", "s3://bucket/all/"),
        ("modelDataUrl: s3://bucket/all, mode: MultiModel", "ListObjectsV2", "s3://bucket"),
        (
            "modelDataSource: {s3DataSource: {s3Uri: s3://bucket/all/, s3DataType: S3Prefix, compressionType: None}}",
            "ListObjectsV2",
            "s3://bucket/all/",
        ),
    ],
)
def test_an_artifact_is_an_object_or_what_is_below_a_prefix(
    stage: Stage, data: str, reads: str, missing: str
) -> None:
    """An object is found by its whole key, a prefix by any object below it."""
    spec = f"executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE}', {data}}}"
    text = document_text("Model", "fraud", spec)
    assert findings_of(stage, text) == []
    assert reads in {call.operation for call in stage.sandbox.calls}
    set_knobs(stage, missing_objects=missing)
    assert [each[1:] for each in findings_of(stage, text)] == [(Code.MISSING_OBJECT, Severity.ERROR)]


def test_an_unreadable_fact_is_one_warning_and_blocks_nothing(stage: Stage) -> None:
    """A denied, failed or unsupported read is a warning, at the first position that needs it."""
    faults = (InjectedFault.DENIED, InjectedFault.UNKNOWN, InjectedFault.UNSUPPORTED)
    for fault in faults:
        for operation in READS:
            stage.sandbox.inject(fault, operation=operation, times=None)
        plan = stage.plan(*documents(), model().replace("name: fraud", "name: other"), preflight=True)
        stage.sandbox.clear_faults()
        codes = [(each.code, each.severity) for each in plan.preflight]
        assert codes == [(Code.NOT_CHECKED, Severity.WARNING)] * 5, [str(each) for each in plan.preflight]
        assert len(plan.acting) == 4
    assert stage.mutations() == []


def test_a_throttled_read_is_left_to_the_next_pass(stage: Stage) -> None:
    """The operator or a sync reads it in its next pass, and makes no call before."""
    stage.sandbox.inject(InjectedFault.THROTTLE, operation="GetRole", times=None)
    with pytest.raises(CloudError) as refused:
        stage.reconcile(*documents(), preflight=True, now=0.0)
    assert refused.value.fault is Fault.THROTTLED
    assert stage.mutations() == []


@pytest.mark.parametrize(
    ("image", "role"),
    [
        ("registry.example.com/fraud:1", ROLE),
        (IMAGE.replace("us-east-1", "eu-west-1"), ROLE),
        (IMAGE, ROLE.replace("123456789012", "210987654321")),
    ],
)
def test_resources_of_other_accounts_or_regions_are_not_checked(stage: Stage, image: str, role: str) -> None:
    """An image of another registry or region, and a role of another account, are warnings."""
    stage.sandbox.knobs = replace(stage.sandbox.knobs, image_needs_ecr=False)
    text = model().replace(IMAGE, image).replace(ROLE, role)
    assert [each[1:] for each in findings_of(stage, text)] == [(Code.NOT_CHECKED, Severity.WARNING)]


def test_values_created_by_the_run_are_not_checked(stage: Stage) -> None:
    """A value that comes from another document is checked only after that is created."""
    job = document_text(
        "TrainingJob",
        "fraud",
        f"algorithmSpecification: {{trainingImage: '{IMAGE}', trainingInputMode: File}}\nroleArn: {ROLE}\n"
        "outputDataConfig: {s3OutputPath: s3://bucket/out}\n"
        "resourceConfig: {instanceType: ml.m5.large, instanceCount: 1, volumeSizeInGB: 10}\n"
        "stoppingCondition: {maxRuntimeInSeconds: 3600}",
    )
    trained = model("'${TrainingJob/fraud.modelArtifacts.s3ModelArtifacts}'")
    assert findings_of(stage, job, trained) == []
    assert "HeadObject" not in {call.operation for call in stage.sandbox.calls}
    stage.apply(job, trained, preflight=True)
    assert "HeadObject" in {call.operation for call in stage.sandbox.calls}


def test_every_output_has_the_findings_and_no_secret(stage: Stage) -> None:
    """Text and JSON have position and code; a value that the document marks as sensitive is in neither."""
    set_knobs(stage, missing_objects="s3://bucket/one.tar.gz")
    text = model(policy="sensitive: [/primaryContainer/modelDataUrl]")
    shown = Redactor().plan(stage.plan(text, preflight=True))
    document = plan_json(shown, "1")
    (entry,) = document["preflight"]
    assert (entry["code"], entry["file"], entry["line"]) == ("SG074", "doc0.yaml", 6)
    assert document["result"] == "blocked"
    printed = plan_text(shown, Style())
    assert "Preflight:\n  ! doc0.yaml:6:99: error SG074" in printed
    assert "one.tar.gz" not in printed + str(document)


def test_the_policy_for_a_preflight_grants_its_reads(stage: Stage) -> None:
    """Each read of another service is granted for the resources that it concerns, and none without the option."""
    bundle, scope = compile_documents(*documents()), ArnScope("aws", "us-east-1", "123456789012")
    granted = {(each.action, each.arn) for each in external_permissions(bundle, scope)}
    assert granted == {
        ("cloudwatch:DescribeAlarms", "*"),
        ("iam:GetRole", ROLE),
        ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:123456789012:repository/fraud"),
        ("s3:GetObject", "arn:aws:s3:::bucket/one.tar.gz"),
        ("s3:ListBucket", "arn:aws:s3:::bucket"),
        ("servicequotas:ListServiceQuotas", "*"),
    }
    (policy,) = policies(external_permissions(bundle, scope))
    assert len(policy["Statement"]) == 5
