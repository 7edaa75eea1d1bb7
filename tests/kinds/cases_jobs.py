"""Cases of the kinds that run to their end: a changed spec runs again."""

from collections.abc import Mapping

from tests.journeys.documents import IMAGE, ROLE, WORKFORCE, model, workteam
from tests.journeys.standalone_documents import CLUSTER, HUMAN_TASK_UI, PIPELINE
from tests.kinds.case import Case, change_text

_S3 = "s3://bucket"
_OUTPUT = f"outputDataConfig: {{s3OutputPath: '{_S3}/models'}}"
_WARM = "{instanceType: ml.m5.large, instanceCount: 1, volumeSizeInGB: 10, keepAlivePeriodInSeconds: %d}"
_RULE = f"{{ruleConfigurationName: %s, ruleEvaluatorImage: '{IMAGE}'}}"
_LABELING = f"""
labelAttributeName: boxes
roleArn: {ROLE}
inputConfig: {{dataSource: {{s3DataSource: {{manifestS3Uri: '{_S3}/in.manifest'}}}}}}
outputConfig: {{s3OutputPath: '{_S3}/labels'}}
"""
_TASK = (
    "humanTaskConfig: {workteamArn: reviewers, uiConfig: {humanTaskUiArn: boxes}, taskTitle: %s, "
    "taskDescription: Draw a box., numberOfHumanWorkersPerDataObject: 1, taskTimeLimitInSeconds: 600}"
)
_TRANSFORM = f"""
modelName: fraud
transformInput: {{dataSource: {{s3DataSource: {{s3DataType: S3Prefix, s3Uri: '{_S3}/in'}}}}}}
transformOutput: {{s3OutputPath: '{_S3}/scores'}}
transformResources: {{instanceType: ml.m5.large, instanceCount: 1}}
"""
_COMPILATION = f"""
roleArn: {ROLE}
inputConfig: {{s3Uri: '{_S3}/model.tar.gz', dataInputConfig: {{input: [1, 3]}}, framework: PYTORCH}}
stoppingCondition: {{maxRuntimeInSeconds: 900}}
"""
_DEVICE = f"outputConfig: {{s3OutputLocation: '{_S3}/edge', targetDevice: %s}}"

JOBS: Mapping[str, Case] = {
    "TrainingJob": Case(
        "churn",
        f"""
algorithmSpecification: {{trainingImage: '{IMAGE}', trainingInputMode: File}}
roleArn: {ROLE}
{_OUTPUT}
stoppingCondition: {{maxRuntimeInSeconds: 3600}}
""",
        changes={
            "ResourceConfig": (f"resourceConfig: {_WARM % 3600}", f"resourceConfig: {_WARM % 1800}"),
            **{
                member: (f"resourceConfig: {CLUSTER}\n{before}", f"resourceConfig: {CLUSTER}\n{after}")
                for member, before, after in (
                    (
                        "ProfilerConfig",
                        "profilerConfig: {disableProfiler: true}",
                        f"profilerConfig: {{disableProfiler: false, s3OutputPath: '{_S3}/profile'}}",
                    ),
                    (
                        "ProfilerRuleConfigurations",
                        f"profilerRuleConfigurations: [{_RULE % 'one'}]",
                        f"profilerRuleConfigurations: [{_RULE % 'one'}, {_RULE % 'two'}]",
                    ),
                    (
                        "RemoteDebugConfig",
                        "remoteDebugConfig: {enableRemoteDebug: false}",
                        "remoteDebugConfig: {enableRemoteDebug: true}",
                    ),
                )
            },
        },
        during={"ProfilerConfig": 90, "ProfilerRuleConfigurations": 90, "RemoteDebugConfig": 90},
        frozen=(
            f"resourceConfig: {CLUSTER}\nhyperParameters: {{depth: '6'}}",
            f"resourceConfig: {CLUSTER}\nhyperParameters: {{depth: '7'}}",
        ),
    ),
    "ProcessingJob": Case(
        "prepare",
        f"""
processingResources: {{clusterConfig: {CLUSTER}}}
appSpecification: {{imageUri: '{IMAGE}'}}
roleArn: {ROLE}
""",
        frozen=("environment: {LOG: one}", "environment: {LOG: two}"),
    ),
    "CompilationJob": Case("edge", _COMPILATION, frozen=(_DEVICE % "jetson_nano", _DEVICE % "jetson_xavier")),
    "TransformJob": Case(
        "score", _TRANSFORM, frozen=("maxPayloadInMB: 1", "maxPayloadInMB: 2"), needs=(model(),)
    ),
    "LabelingJob": Case(
        "boxes",
        _LABELING,
        frozen=(_TASK % "one", _TASK % "two"),
        needs=(WORKFORCE, workteam(), HUMAN_TASK_UI),
    ),
    "PipelineExecution": Case(
        "nightly",
        "pipelineName: train",
        changes={
            **change_text("DesiredState", "Running", "Stopped"),
            **change_text(
                "ParallelismConfiguration", "{maxParallelExecutionSteps: 1}", "{maxParallelExecutionSteps: 2}"
            ),
            **change_text("PipelineExecutionDescription", "one", "two"),
            **change_text("PipelineExecutionDisplayName", "one", "two"),
        },
        during={"DesiredState": 1, "ParallelismConfiguration": 1},
        frozen=(
            "pipelineParameters: [{name: depth, value: '7'}]",
            "pipelineParameters: [{name: depth, value: '8'}]",
        ),
        needs=(PIPELINE,),
    ),
}
