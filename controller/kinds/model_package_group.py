"""ModelPackageGroup: a shelf of the model registry. It has no Update at all."""

from controller.kinds.kind import Gate, Kind

MODEL_PACKAGE_GROUP = Kind(
    name="ModelPackageGroup",
    plural="ModelPackageGroups",
    delete_blockers=(Gate("ListModelPackages", by="ModelPackageGroupName"),),
)
