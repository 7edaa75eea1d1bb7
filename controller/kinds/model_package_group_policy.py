"""ModelPackageGroupPolicy: who else may use a group; a policy document, compared as one."""

from controller.kinds.kind import Kind, Link, Succession, Verbs

MODEL_PACKAGE_GROUP_POLICY = Kind(
    name="ModelPackageGroupPolicy",
    plural="ModelPackageGroupPolicies",
    verbs=Verbs(
        create="PutModelPackageGroupPolicy",
        describe="GetModelPackageGroupPolicy",
        update="PutModelPackageGroupPolicy",
    ),
    key=("ModelPackageGroupName",),
    links=(Link("ModelPackageGroupName", "ModelPackageGroup"),),
    documents=("ResourcePolicy",),
    succession=Succession(hashed=False),
)
