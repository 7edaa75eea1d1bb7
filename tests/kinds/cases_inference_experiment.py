"""The case of InferenceExperiment: a test that waits for its start, so that all members can be changed."""

from tests.journeys.documents import ROLE, config, endpoint, model
from tests.kinds.case import Case

_MACHINES = (
    "{infrastructureType: RealTimeInference, realTimeInferenceConfig: {instanceType: ml.m5.large, "
    "instanceCount: %d}}"
)


def _parts(count: int = 1, sampled: int = 10, ends: int = 30, more: str = "") -> str:
    """All members that an update accepts, and further ones; the test begins half an hour after the clock's start."""
    return f"""
modelVariants:
- {{variantName: main, modelName: fraud, infrastructureConfig: {_MACHINES % 2}}}
- {{variantName: shadow, modelName: fraud, infrastructureConfig: {_MACHINES % count}}}
shadowModeConfig:
  sourceModelVariantName: main
  shadowModelVariants: [{{shadowModelVariantName: shadow, samplingPercentage: {sampled}}}]
schedule: {{startTime: '2026-01-01T00:30:00Z', endTime: '2026-01-01T01:{ends}:00Z'}}
{more}"""


_WAITING = 90.0  # seconds after its creation; it is Created then
INFERENCE_EXPERIMENT = Case(
    "shadow",
    f"type: ShadowMode\nroleArn: {ROLE}\nendpointName: fraud",
    changes={
        "Description": (_parts(more="description: one"), _parts(more="description: two")),
        "ModelVariants": (_parts(), _parts(count=2)),
        "ShadowModeConfig": (_parts(), _parts(sampled=20)),
        "Schedule": (_parts(), _parts(ends=40)),
        "DataStorageConfig": (
            _parts(more="dataStorageConfig: {destination: 's3://bucket/one'}"),
            _parts(more="dataStorageConfig: {destination: 's3://bucket/two'}"),
        ),
    },
    frozen=(_parts(more="kmsKey: one"), _parts(more="kmsKey: two")),
    needs=(model(), config(), endpoint()),
    during=dict.fromkeys(
        ("Description", "ModelVariants", "ShadowModeConfig", "Schedule", "DataStorageConfig"), _WAITING
    ),
)
