"""Context: a lineage record of a setting that actions and artifacts belong to."""

from controller.kinds.kind import Kind, Made
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION, PROPERTIES

CONTEXT = Kind(
    name="Context",
    plural="Contexts",
    status="",
    cleared=DESCRIPTION,
    deltas=PROPERTIES,
    delete_blockers=ASSOCIATED,
    made=(Made("SageMaker's lineage tracking", name=r".+-aws-(model-package|model-group|endpoint)"),),
)
