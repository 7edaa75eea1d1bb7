"""Context: a lineage record of a setting that actions and artifacts belong to."""

from controller.kinds.kind import Kind, Made
from controller.kinds.lineage import ASSOCIATED, PROPERTIES

CONTEXT = Kind(
    name="Context",
    plural="Contexts",
    status="",
    deltas=PROPERTIES,
    gates=ASSOCIATED,
    made=(Made("SageMaker's lineage tracking", name=r".+-aws-(model-package|model-group|endpoint)"),),
)
