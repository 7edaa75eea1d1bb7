"""Action: a lineage record of something that was done. Its status is the caller's word."""

from controller.kinds.kind import Kind, Link, Made
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION, PROJECT, PROPERTIES

ACTION = Kind(
    name="Action",
    plural="Actions",
    status="",
    links=(Link("MetadataProperties.ProjectId", "Project", PROJECT),),
    cleared=DESCRIPTION,
    deltas=PROPERTIES,
    delete_blockers=ASSOCIATED,
    made=(Made("SageMaker's lineage tracking", name=r".+-aws-(model-package|model-group|endpoint)"),),
)
