"""The case of OptimizationJob."""

from tests.journeys.documents import ROLE
from tests.kinds.case import Case

OPTIMIZATION_JOB = Case(
    "faster",
    f"""
roleArn: {ROLE}
modelSource: {{s3: {{s3Uri: 's3://bucket/model'}}}}
deploymentInstanceType: ml.g5.xlarge
optimizationConfigs: [{{modelQuantizationConfig: {{}}}}]
outputConfig: {{s3OutputLocation: 's3://bucket/faster'}}
stoppingCondition: {{maxRuntimeInSeconds: 3600}}
""",
    frozen=("maxInstanceCount: 1", "maxInstanceCount: 2"),
)
