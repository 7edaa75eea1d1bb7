"""Action: a lineage record of something that was done. The caller sets its status."""

from controller.kinds.columns import Link, ServiceMade
from controller.kinds.kind import Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION, PROJECT, PROPERTIES

ACTION = Kind(
    name="Action",
    identity=KindIdentity(
        links=(Link("MetadataProperties.ProjectId", "Project", PROJECT),),
        made=(
            ServiceMade("SageMaker's lineage tracking", name=r".+-aws-(model-package|model-group|endpoint)"),
        ),
    ),
    write=Write(
        cleared=DESCRIPTION,
        deltas=PROPERTIES,
    ),
    lifecycle=Lifecycle(
        status="",
        delete_blockers=ASSOCIATED,
    ),
)
