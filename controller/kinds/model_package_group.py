"""ModelPackageGroup: a named group of versions in the model registry. It has no Update at all."""

from controller.kinds.columns import DeleteBlocker
from controller.kinds.kind import Kind, Lifecycle

MODEL_PACKAGE_GROUP = Kind(
    name="ModelPackageGroup",
    lifecycle=Lifecycle(
        delete_blockers=(DeleteBlocker("ListModelPackages", by="ModelPackageGroupName"),),
    ),
)
