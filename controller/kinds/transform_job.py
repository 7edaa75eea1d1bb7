"""TransformJob: a batch inference, once."""

from controller.kinds.effects import STOPPED, Fleet
from controller.kinds.kind import Kind, Link, Runs, Succession
from controller.kinds.tracked import TRACKED

TRANSFORM_JOB = Kind(
    name="TransformJob",
    plural="TransformJobs",
    links=(Link("ModelName", "Model"), *TRACKED),
    consequences=(STOPPED,),
    fleets=(Fleet("TransformResources"),),
    runs=Runs(stop="StopTransformJob"),
    succession=Succession(),
)
