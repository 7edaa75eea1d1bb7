"""Context: a lineage record of a setting that actions and artifacts belong to."""

from controller.kinds.columns import ServiceMade
from controller.kinds.kind import Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION, PROPERTIES

CONTEXT = Kind(
    name="Context",
    identity=KindIdentity(
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
