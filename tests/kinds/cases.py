"""For each kind: a least spec, a change of every updatable member, and a change that no update can make."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.journeys.documents import GROUP, IMAGE, ROLE, WORKFORCE, config, model
from tests.journeys.stage import doc


@dataclass(frozen=True)
class Case:
    """A kind's case. ``changes`` map an updatable member to its text before and after; ``frozen`` likewise."""

    name: str
    spec: str
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    frozen: tuple[str, str] = ("", "")
    needs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def document(self, kind: str, extra: str = "", policy: str = "") -> str:
        """Write the document with an additional member."""
        return doc(kind, self.name, self.spec + "\n" + extra, policy)


_COGNITO = "cognitoConfig: {userPool: us-east-1_abc, clientId: abc123}"
_MEMBER = "{{cognitoMemberDefinition: {{userPool: us-east-1_abc, clientId: abc123, userGroup: {0}}}}}"
_INFERENCE = (
    f"inferenceSpecification: {{containers: [{{image: '{IMAGE}', modelDataUrl: %s}}], "
    "supportedContentTypes: [text/csv], supportedResponseMIMETypes: [text/csv]}"
)
_VARIANT = (
    "productionVariants: [{variantName: a, modelName: fraud, instanceType: %s, initialInstanceCount: 1}]"
)

CASES: Mapping[str, Case] = {
    "Workforce": Case(
        "crowd",
        _COGNITO,
        changes={
            "SourceIpConfig": (
                "sourceIpConfig: {cidrs: [10.0.0.0/8]}",
                "sourceIpConfig: {cidrs: [10.1.0.0/16]}",
            ),
            "IpAddressType": ("ipAddressType: ipv4", "ipAddressType: dualstack"),
            "WorkforceVpcConfig": (
                "workforceVpcConfig: {vpcId: vpc-1, subnets: [subnet-1], securityGroupIds: [sg-1]}",
                "workforceVpcConfig: {vpcId: vpc-1, subnets: [subnet-2], securityGroupIds: [sg-1]}",
            ),
        },
        frozen=("", "cognitoConfig: {userPool: us-east-1_abc, clientId: other}"),
    ),
    "Workteam": Case(
        "team",
        "workforceName: crowd",
        changes={
            "Description": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: two\nmemberDefinitions: [{_MEMBER.format('a')}]",
            ),
            "MemberDefinitions": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: one\nmemberDefinitions: [{_MEMBER.format('b')}]",
            ),
            "NotificationConfiguration": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]\n"
                "notificationConfiguration: {notificationTopicArn: 'arn:aws:sns:us-east-1:123456789012:t'}",
            ),
            "WorkerAccessConfiguration": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]\n"
                "workerAccessConfiguration: {s3Presign: {iamPolicyConstraints: {sourceIp: Enabled}}}",
            ),
        },
        needs=(WORKFORCE,),
    ),
    "ModelPackageGroup": Case(
        "fraud",
        "",
        frozen=("modelPackageGroupDescription: one", "modelPackageGroupDescription: two"),
    ),
    "ModelPackage": Case(
        "candidate",
        "modelPackageGroupName: fraud",
        changes={
            "ModelApprovalStatus": ("modelApprovalStatus: Rejected", "modelApprovalStatus: Approved"),
            "CustomerMetadataProperties": (
                "customerMetadataProperties: {a: b, c: d}",
                "customerMetadataProperties: {a: x}",
            ),
            "InferenceSpecification": (_INFERENCE % "s3://b/one.tar.gz", _INFERENCE % "s3://b/two.tar.gz"),
            "SourceUri": ("sourceUri: s3://b/one", "sourceUri: s3://b/two"),
            "ModelCard": (
                "modelCard: {modelCardStatus: Draft, modelCardContent: '{\"a\":1}'}",
                "modelCard: {modelCardStatus: Draft, modelCardContent: '{\"a\":2}'}",
            ),
            "ModelLifeCycle": (
                "modelLifeCycle: {stage: Dev, stageStatus: Pending}",
                "modelLifeCycle: {stage: Dev, stageStatus: Approved}",
            ),
            "ModelPackageRegistrationType": (
                "modelPackageRegistrationType: Logged",
                "modelPackageRegistrationType: Registered",
            ),
            "AdditionalInferenceSpecifications": (
                "",
                f"additionalInferenceSpecifications: [{{name: small, containers: [{{image: '{IMAGE}'}}]}}]",
            ),
        },
        frozen=("modelPackageDescription: one", "modelPackageDescription: two"),
        needs=(GROUP,),
    ),
    "Model": Case(
        "fraud",
        f"executionRoleArn: {ROLE}",
        frozen=(f"primaryContainer: {{image: '{IMAGE}'}}", f"primaryContainer: {{image: '{IMAGE}2'}}"),
    ),
    "EndpointConfig": Case(
        "fraud",
        "",
        frozen=(_VARIANT % "ml.m5.large", _VARIANT % "ml.m5.xlarge"),
        needs=(model(),),
    ),
    "Endpoint": Case(
        "fraud",
        "",
        changes={"EndpointConfigName": ("endpointConfigName: fraud", "endpointConfigName: other")},
        needs=(model(), config(), config("ml.m5.xlarge").replace("name: fraud}\n", "name: other}\n")),
    ),
    "Pipeline": Case(
        "train",
        "",
        changes={
            "PipelineDefinition": (
                f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Steps: []}}",
                f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Metadata: {{a: 1}}, Steps: []}}",
            ),
            **{
                member: (
                    f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Steps: []}}\n{before}",
                    f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Steps: []}}\n{after}",
                )
                for member, before, after in (
                    ("PipelineDescription", "pipelineDescription: one", "pipelineDescription: two"),
                    ("PipelineDisplayName", "pipelineDisplayName: one", "pipelineDisplayName: two"),
                    (
                        "ParallelismConfiguration",
                        "parallelismConfiguration: {maxParallelExecutionSteps: 1}",
                        "parallelismConfiguration: {maxParallelExecutionSteps: 2}",
                    ),
                )
            },
            "RoleArn": (
                f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Steps: []}}",
                f"roleArn: {ROLE}2\npipelineDefinition: {{Version: '2020-12-01', Steps: []}}",
            ),
        },
    ),
}

# Updatable members that a case can't change by itself, and where they are tried instead.
ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "Workforce": {"OidcConfig": "tests/journeys/test_changes.py, rotation of the secret"},
    "Endpoint": {"DeploymentConfig": "tests/journeys/test_changes.py: it goes along and starts nothing"},
    "Pipeline": {
        "PipelineDefinitionS3Location": "unreadable: seen by what was applied",
        "PipelineVersionAliases": "not told in the fact sheet of the service",
    },
}
