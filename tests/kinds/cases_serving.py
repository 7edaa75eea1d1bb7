"""Cases of the model registry, of serving, and of pipelines."""

from collections.abc import Mapping

from tests.journeys.documents import GROUP, IMAGE, ROLE, config, model
from tests.kinds.case import Case

_INFERENCE = (
    f"inferenceSpecification: {{containers: [{{image: '{IMAGE}', modelDataUrl: %s}}], "
    "supportedContentTypes: [text/csv], supportedResponseMIMETypes: [text/csv]}"
)
_VARIANT = (
    "productionVariants: [{variantName: a, modelName: fraud, instanceType: %s, initialInstanceCount: 1}]"
)

SERVING: Mapping[str, Case] = {
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
