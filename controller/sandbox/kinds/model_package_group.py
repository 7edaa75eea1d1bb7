"""ModelPackageGroup: a shelf of numbered versions; it has no Update."""

from controller.sandbox.kind import Kind, Life, Listing
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, Refusal


def _empty(ask: Ask, row: Row) -> None:
    if any(package.keep.get("group") == row.arn for package in ask.others("ModelPackage")):
        raise Refusal(
            "ConflictException", f"Model Package Group {row.arn} cannot be deleted: it has model packages."
        )


def policy_arn(group: str) -> str:
    """Return what the sandbox knows a group's policy by; the API gives it no ARN of its own."""
    return f"{group}/policy"


def _policy(ask: Ask, row: Row) -> list[Row]:
    policy = ask.world.find(policy_arn(row.arn), ask.now)
    return [] if policy is None else [policy]


def _birth(ask: Ask) -> Json:
    return {"CreatedBy": ask.creator}


def _same_account(ask: Ask, _: Row) -> bool:
    return bool(ask.params.get("CrossAccountFilterOption", "SameAccount") == "SameAccount")


MODEL_PACKAGE_GROUP = Kind(
    name="ModelPackageGroup",
    path="model-package-group",
    missing=Phrase("ValidationException", "ModelPackageGroup {arn} does not exist."),
    exists=Phrase("ValidationException", "Model Package Group already exists: {arn}"),
    busy=Phrase("ConflictException", "Model Package Group {arn} is being created or deleted."),
    listing=Listing(
        key="ModelPackageGroupSummaryList",
        sieve=_same_account,
        sieved=frozenset({"CrossAccountFilterOption"}),
    ),
    life=Life(
        status="ModelPackageGroupStatus",
        growth=(
            ("Pending", lambda ask: ask.knobs.group_pending),
            ("InProgress", lambda ask: ask.knobs.group_in_progress),
        ),
        stable="Completed",
        death=lambda ask: ask.knobs.group_deleting,
        busy=frozenset({"Pending", "InProgress", "Deleting"}),
    ),
    modified=None,
    by_arn=True,
    delete_guards=(_empty,),
    birth=_birth,
    along=_policy,
)
