"""ModelPackageGroupPolicy: which other accounts may use a group; compared as a policy document."""

from types import MappingProxyType

from controller.kinds.columns import Generations, Link, Verbs
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle
from controller.kinds.resource_policy import RESOURCE_POLICY

MODEL_PACKAGE_GROUP_POLICY = Kind(
    name="ModelPackageGroupPolicy",
    identity=KindIdentity(
        verbs=Verbs(
            create="PutModelPackageGroupPolicy",
            describe="GetModelPackageGroupPolicy",
            update="PutModelPackageGroupPolicy",
        ),
        key=("ModelPackageGroupName",),
        links=(Link("ModelPackageGroupName", "ModelPackageGroup"),),
        arns=("model-package-group/{}",),
    ),
    compare=Compare(
        documents=MappingProxyType({"ResourcePolicy": RESOURCE_POLICY}),
    ),
    lifecycle=Lifecycle(
        generations=Generations(hashed=False),
    ),
)
