"""Common behaviour of all kinds and operations of the sandbox: ARNs, times, lists and refusals."""

import json
import re
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from controller.sandbox.kind import Verb
from controller.sandbox.kinds import KINDS
from controller.sandbox.knobs import LOWERED_BEFORE_2023
from controller.sandbox.listing import FILTERS, MEMBER_FILTERS, NO_FILTERS
from controller.sandbox.model import load
from controller.sandbox.operations import HANDLERS
from tests.sandbox.conftest import ROLE, client_of, make_config, make_model, refusal

MODEL = load("sagemaker")
FEATURES = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "at", "FeatureType": "String"},
]
EMPTY = '{"Version": "2020-12-01", "Steps": []}'


def create_feature_group(aws: Any, name: str, **store: Any) -> str:
    """Create a feature group with an online store, and return its ARN."""
    made = aws.create_feature_group(
        FeatureGroupName=name,
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=FEATURES,
        OnlineStoreConfig={"EnableOnlineStore": True, **store},
    )
    return str(made["FeatureGroupArn"])


def create_mixed_case(aws: Any) -> dict[str, str]:
    """Create a resource of each kind whose ARN was lower-cased once, called `MixedCase`; return the ARNs."""
    source = {"SourceUri": "s3://b/k"}
    make_model(aws)
    make_config(aws, "c")
    made = {
        "Endpoint": aws.create_endpoint(EndpointName="MixedCase", EndpointConfigName="c")["EndpointArn"],
        "Pipeline": aws.create_pipeline(PipelineName="MixedCase", RoleArn=ROLE, PipelineDefinition=EMPTY)[
            "PipelineArn"
        ],
        "FeatureGroup": create_feature_group(aws, "MixedCase"),
        "Action": aws.create_action(ActionName="MixedCase", ActionType="t", Source=source)["ActionArn"],
        "Experiment": aws.create_experiment(ExperimentName="MixedCase")["ExperimentArn"],
        "Trial": aws.create_trial(TrialName="MixedCase", ExperimentName="mixedcase")["TrialArn"],
        "TrialComponent": aws.create_trial_component(TrialComponentName="MixedCase")["TrialComponentArn"],
    }
    return {kind: str(arn) for kind, arn in made.items()}


@pytest.mark.parametrize("lowered", [frozenset(), LOWERED_BEFORE_2023])
def test_arns_keep_their_case_unless_the_knob_lowers_it(lowered: frozenset[str]) -> None:
    """The name in an ARN is as it was given; it is found in any letter case, and not created twice."""
    sandbox = Sandbox(knobs=Knobs(lowered_arns=lowered))
    aws = client_of(sandbox)
    for kind, arn in create_mixed_case(aws).items():
        assert arn.rpartition("/")[2] == ("mixedcase" if lowered else "MixedCase")
        for name in ("MixedCase", "mixedcase"):
            describe = getattr(aws, f"describe_{re.sub('(?<!^)(?=[A-Z])', '_', kind).lower()}")
            assert describe(**{f"{kind}Name": name})[f"{kind}Arn"] == arn
        aws.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
        assert aws.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert refusal(
        aws.create_action, ActionName="mixedCASE", ActionType="t", Source={"SourceUri": "s3://b/k"}
    )
    aws.associate_trial_component(TrialName="mixedcase", TrialComponentName="mixedCASE")
    assert len(aws.list_trial_components(TrialName="MIXEDcase")["TrialComponentSummaries"]) == 1
    assert (
        len(aws.list_trials(ExperimentName="mixedcase", TrialComponentName="mixedcase")["TrialSummaries"])
        == 1
    )


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_is_the_region_s(sandbox: Sandbox, region: str, partition: str) -> None:
    """Every ARN that is created in a region has its partition: resources, the caller and roots of accounts."""
    aws = client_of(sandbox, region=region)
    arn = aws.create_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"]
    assert arn == f"arn:{partition}:sagemaker:{region}:123456789012:model-package-group/g"
    caller = client_of(sandbox, "sts", region).get_caller_identity()["Arn"]
    assert caller.startswith(f"arn:{partition}:iam::")
    statement = {
        "Sid": "a",
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "sagemaker:DescribeModelPackage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sandbox.clock.advance(10)
    aws.put_model_package_group_policy(ModelPackageGroupName="g", ResourcePolicy=policy)
    shown = aws.get_model_package_group_policy(ModelPackageGroupName="g")["ResourcePolicy"]
    assert f"arn:{partition}:iam::111122223333:root" in shown


def test_times_have_milliseconds_at_most() -> None:
    """No number that is a time has more than three decimals on the wire, at any pace and instant."""
    sandbox = Sandbox(knobs=Knobs(pace=7.0))
    aws = client_of(sandbox)
    create_mixed_case(aws)
    for step in range(60):
        sandbox.clock.advance(1.2345678)
        for operation, params in (
            ("DescribeEndpoint", {"EndpointName": "MixedCase"}),
            ("DescribeFeatureGroup", {"FeatureGroupName": "MixedCase"}),
            ("ListEndpoints", {}),
            ("DescribePipeline", {"PipelineName": "MixedCase"}),
        ):
            if step == 30 and operation == "ListEndpoints":
                aws.update_endpoint_weights_and_capacities(
                    EndpointName="MixedCase",
                    DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredWeight": 2}],
                )
            headers = {"X-Amz-Target": f"SageMaker.{operation}"}
            answer = sandbox.answer("POST", "/", headers, json.dumps(params).encode())
            assert answer.status == 200
            assert not re.search(rb'Time":\d+\.\d{4}', answer.body), answer.body


def test_a_storage_type_is_not_invented(sandbox: Sandbox, aws: Any) -> None:
    """An online store has a StorageType only if one was given; without one it is Standard."""
    for name, given in (("plain", {}), ("standard", {"StorageType": "Standard"})):
        create_feature_group(aws, name, **given)
        sandbox.clock.advance(100)
        shown = aws.describe_feature_group(FeatureGroupName=name)["OnlineStoreConfig"]
        assert shown == {"EnableOnlineStore": True, **given}
        ttl = {"TtlDuration": {"Unit": "Days", "Value": 3}}
        aws.update_feature_group(FeatureGroupName=name, OnlineStoreConfig=ttl)
        sandbox.clock.advance(100)
        assert aws.describe_feature_group(FeatureGroupName=name)["OnlineStoreConfig"] == shown | ttl


def all_listings() -> list[tuple[Any, Any, str]]:
    """Return each kind with each of its listings and the operation of it."""
    found = [(kind, kind.listing, kind.operation(Verb.LIST)) for kind in KINDS]
    found += [(kind, listing, name) for kind in KINDS for name, listing in kind.views.items()]
    return [(kind, listing, name) for kind, listing, name in found if name in MODEL._operations]


def test_every_declared_filter_is_one() -> None:
    """Each member of each List request pages, orders or filters; a filter by member reads an existing one."""
    for kind, listing, name in all_listings():
        row = MODEL._operations[name]
        shape = MODEL.shapes[row["input"]["shape"]]["members"]
        describe = MODEL._operations.get(f"Describe{kind.name}")
        shown = MODEL.shapes[describe["output"]["shape"]]["members"] if describe else {}
        for member in set(shape) - NO_FILTERS - listing.filtered - set(FILTERS):
            ending = next(one for one in MEMBER_FILTERS if member.endswith(one))
            assert member.removesuffix(ending) in set(shown) | {"JobReferenceCode", "TrainingPlanArn"}, (
                name,
                member,
            )


def test_an_unknown_filter_is_refused(sandbox: Sandbox) -> None:
    """A member that the service model lacks is refused by every List, rather than ignored."""
    for name in HANDLERS["sagemaker"]:
        operation = MODEL.operation(name) if name.startswith("List") else None
        if operation is None:
            continue
        shape = MODEL.shapes[MODEL._operations[name]["input"]["shape"]]
        arn = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/t"
        needed = {one: arn if one.endswith("Arn") else "x" for one in shape.get("required", ())}
        body = json.dumps(needed | {"ColourEquals": "red"}).encode()
        answer = sandbox.answer("POST", "/", {"X-Amz-Target": f"SageMaker.{name}"}, body)
        assert json.loads(answer.body)["__type"] == "SandboxNotImplemented", name


def test_pipelines_are_listed_by_their_manager(aws: Any) -> None:
    """ManagedBy CUSTOMER lists created pipelines, AWS none."""
    aws.create_pipeline(PipelineName="p", RoleArn=ROLE, PipelineDefinition=EMPTY)
    assert len(aws.list_pipelines()["PipelineSummaries"]) == 1
    assert len(aws.list_pipelines(ManagedBy="CUSTOMER")["PipelineSummaries"]) == 1
    assert aws.list_pipelines(ManagedBy="AWS")["PipelineSummaries"] == []


def test_required_members_that_clients_fill_in_are_missed_on_the_wire(sandbox: Sandbox) -> None:
    """Every operation with a required client token refuses a request without one; boto3 adds it."""
    seen = 0
    for name in HANDLERS["sagemaker"]:
        if name not in MODEL._operations:
            continue
        shape = MODEL.shapes[MODEL._operations[name]["input"]["shape"]]
        tokens = [one for one, held in shape["members"].items() if held.get("idempotencyToken")]
        for token in set(tokens) & set(shape.get("required", ())):
            answer = sandbox.answer("POST", "/", {"X-Amz-Target": f"SageMaker.{name}"}, b"{}")
            assert f"Value null at '{token[0].lower()}{token[1:]}'" in json.loads(answer.body)["message"]
            seen += 1
    assert seen >= 5


def test_rules_of_a_training_job_are_evaluated(sandbox: Sandbox, aws: Any) -> None:
    """Debugger and profiler rules have a status from the start, later ones too, and all end with the job."""
    rule = {
        "RuleConfigurationName": "r",
        "RuleEvaluatorImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/r",
    }
    members = ("DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses")

    def split_name(name: str) -> list[str]:
        shown = aws.describe_training_job(TrainingJobName=name)
        return [one["RuleEvaluationStatus"] for member in members for one in shown[member]]

    for name in ("done", "stopped"):
        aws.create_training_job(
            TrainingJobName=name,
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": rule["RuleEvaluatorImage"], "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": "s3://b/o"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
            DebugRuleConfigurations=[rule],
            ProfilerRuleConfigurations=[rule],
        )
        assert split_name(name) == ["InProgress"] * 2
        sandbox.clock.advance(90)
        aws.update_training_job(
            TrainingJobName=name, ProfilerRuleConfigurations=[rule | {"RuleConfigurationName": "s"}]
        )
        assert split_name(name) == ["InProgress"] * 3
        if name == "stopped":
            aws.stop_training_job(TrainingJobName=name)
            assert split_name(name) == ["Stopping"] * 3
        sandbox.clock.advance(1000)
        assert split_name(name) == ["NoIssuesFound" if name == "done" else "Stopped"] * 3


def test_a_variant_is_rescaled_once_in_a_request() -> None:
    """UpdateEndpointWeightsAndCapacities refuses a variant that it gets twice, and changes nothing."""
    sandbox = Sandbox()
    aws = client_of(sandbox)
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sandbox.clock.advance(1000)
    before = aws.describe_endpoint(EndpointName="e")
    name = before["ProductionVariants"][0]["VariantName"]
    twice = [{"VariantName": name, "DesiredWeight": weight} for weight in (1.5, 2.5)]
    refused = refusal(
        aws.update_endpoint_weights_and_capacities, EndpointName="e", DesiredWeightsAndCapacities=twice
    )
    assert refused == (
        "ValidationException",
        f'The variant name "{name}" was non-unique within the request.',
    )
    after = aws.describe_endpoint(EndpointName="e")
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before
