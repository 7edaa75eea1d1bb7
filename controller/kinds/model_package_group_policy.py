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
    # IAM stores single elements without their list, and in an order of its own (sagemaker-kinds.md, section 10)
    document_sets=tuple(
        f"ResourcePolicy.Statement[].{member}"
        for member in ("Action", "NotAction", "Resource", "NotResource", "Principal.AWS", "Principal.Service")
    ),
    succession=Succession(hashed=False),
)
