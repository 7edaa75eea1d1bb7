"""Action: a lineage record of something that was done. Its status is the caller's word."""

from controller.kinds.kind import Kind, Link
from controller.kinds.lineage import ASSOCIATED, PROJECT, PROPERTIES

ACTION = Kind(
    name="Action",
    plural="Actions",
    status="",
    links=(Link("MetadataProperties.ProjectId", "Project", PROJECT),),
    deltas=PROPERTIES,
    gates=ASSOCIATED,
)
