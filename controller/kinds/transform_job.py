"""TransformJob: a batch inference, once."""

from controller.kinds.kind import Kind, Link, Runs, Succession
from controller.kinds.tracked import TRACKED

TRANSFORM_JOB = Kind(
    name="TransformJob",
    plural="TransformJobs",
    links=(Link("ModelName", "Model"), *TRACKED),
    runs=Runs(stop="StopTransformJob"),
    succession=Succession(),
)
