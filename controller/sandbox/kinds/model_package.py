"""ModelPackage: a numbered version in a group, or an unversioned package with a name of its own."""

from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.kinds.job_lifecycle import unique
from controller.sandbox.kinds.model_package_group import MODEL_PACKAGE_GROUP
from controller.sandbox.request import OperationRequest, SandboxAccount
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

MISSING = Phrase("ValidationException", "Model package {arn} does not exist.")
INSTRUCTIONS = frozenset(
    {
        "ClientToken",
        "ModelPackageArn",
        "CustomerMetadataPropertiesToRemove",
        "AdditionalInferenceSpecificationsToAdd",
    }
)
SIEVED = frozenset({"ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageType"})
MOST_SPECIFICATIONS = 15
MOST_PROPERTIES = 50


def package_arn(account: SandboxAccount, name: str) -> str:
    """Return the ARN of a package that is called by its name or its ARN."""
    return name if name.startswith("arn:") else account.arn(f"model-package/{name}")


def _group_arn(ask: OperationRequest) -> str | None:
    name = ask.params.get("ModelPackageGroupName")
    return None if name is None else MODEL_PACKAGE_GROUP.arn(ask.account, ask.knobs, name)


def _one_name(ask: OperationRequest) -> None:
    given = [name for name in ("ModelPackageName", "ModelPackageGroupName") if name in ask.params]
    if len(given) > 1:
        raise invalid(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    if not given:
        raise invalid("Missing ARN.")


def _group_takes_it(ask: OperationRequest) -> None:
    arn = _group_arn(ask)
    if arn is None:
        return
    group = ask.find(arn)
    if group is None:
        raise MODEL_PACKAGE_GROUP.missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    if group.body["ModelPackageGroupStatus"] == "Deleting":
        raise ServiceError("ConflictException", f"Model Package Group {arn} is being deleted.")
    if ask.params.get("Tags"):
        raise invalid("Tags cannot be provided for a versioned model package; tag its group instead.")


def _unversioned_rules(ask: OperationRequest) -> None:
    if "ModelPackageGroupName" in ask.params:
        return
    # "Does not apply", says the API reference; `Model.register` of the SageMaker SDK for Python always sends it.
    if "ModelApprovalStatus" in ask.params and ask.knobs.unsupported_is_refused:
        raise invalid("ModelApprovalStatus cannot be specified when using non-versioned ModelPackages")
    containers = ask.params.get("InferenceSpecification", {}).get("Containers", [])
    if any("Environment" in container for container in containers):
        raise invalid("Environment variable map cannot be specified when using non-versioned ModelPackages")


def _names_differ(ask: OperationRequest) -> None:
    unique(ask.params.get("AdditionalInferenceSpecifications", []), "Name")


def _identify(ask: OperationRequest) -> tuple[str, str]:
    group = _group_arn(ask)
    if group is None:
        name = ask.params["ModelPackageName"]
        return package_arn(ask.account, name), name
    stem = group.rpartition("/")[2]
    number = ask.world.count(f"versions of {group}")  # never reused, even when versions are deleted
    return ask.account.arn(f"model-package/{stem}/{number}"), stem


def _address(ask: OperationRequest) -> str:
    name = ask.params.get("ModelPackageName") or ask.params.get("ModelPackageArn")
    return package_arn(ask.account, str(name))


def _birth(ask: OperationRequest) -> Json:
    made: Json = {
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreatedBy": ask.creator,
    }
    group = _group_arn(ask)
    if group is None:
        certified = ask.params.get("CertifyForMarketplace", False)
        return made | {"CertifyForMarketplace": certified, "ModelApprovalStatus": None}
    stem = group.rpartition("/")[2]
    made |= {
        "ModelPackageGroupName": stem,
        "ModelPackageVersion": ask.world.counters[f"versions of {group}"],
        "ModelApprovalStatus": ask.params.get("ModelApprovalStatus", "PendingManualApproval"),
    }
    return made | ({"ModelPackageName": stem} if ask.knobs.versioned_package_has_name else {})


def _keep(ask: OperationRequest) -> Json:
    group = _group_arn(ask)
    return {"group": group, "untagged": group is not None}


def _settle(ask: OperationRequest, _: Json) -> tuple[Json, tuple[str, ...]]:
    profiles = ask.params.get("ValidationSpecification", {}).get("ValidationProfiles", [])
    checks = [{"Name": one["ProfileName"], "Status": "Completed"} for one in profiles]
    return {"ModelPackageStatusDetails": {"ValidationStatuses": checks, "ImageScanStatuses": []}}, ()


def _change(ask: OperationRequest, row: Row) -> Row:
    sent = {k: v for k, v in ask.params.items() if k not in INSTRUCTIONS}
    body = row.body | sent | {"LastModifiedBy": ask.creator}
    held = row.body.get("CustomerMetadataProperties", {})
    if "CustomerMetadataProperties" in sent:
        held = (held if ask.knobs.metadata_merges else {}) | sent["CustomerMetadataProperties"]
    gone = set(ask.params.get("CustomerMetadataPropertiesToRemove", ()))
    held = {key: value for key, value in held.items() if key not in gone}
    if len(held) > MOST_PROPERTIES:
        raise invalid(f"A model package can have at most {MOST_PROPERTIES} customer metadata properties.")
    body["CustomerMetadataProperties"] = held or None
    body["AdditionalInferenceSpecifications"] = _with_more_specifications(ask, row)
    return replace(row, body={key: value for key, value in body.items() if value is not None})


def _with_more_specifications(ask: OperationRequest, row: Row) -> list[Json] | None:
    held: list[Json] = row.body.get("AdditionalInferenceSpecifications", [])
    more: list[Json] = ask.params.get("AdditionalInferenceSpecificationsToAdd", [])
    both = held + more
    if len({one["Name"] for one in both}) != len(both):
        raise invalid("Names of additional inference specifications must be unique.")
    if len(both) > MOST_SPECIFICATIONS:
        raise invalid(f"A model package can have at most {MOST_SPECIFICATIONS} additional specifications.")
    return both or None


def _versioned_only(_: OperationRequest, row: Row) -> None:
    if row.keep["group"] is None and "ModelApprovalStatus" in _.params:
        raise invalid("ModelApprovalStatus cannot be specified when using non-versioned ModelPackages")


def _wanted(ask: OperationRequest, row: Row) -> bool:
    params, versioned = ask.params, row.keep["group"] is not None
    if (
        "ModelApprovalStatus" in params
        and row.body.get("ModelApprovalStatus") != params["ModelApprovalStatus"]
    ):
        return False
    if "ModelPackageGroupName" in params:
        return bool(row.keep["group"] == _group_arn(ask))
    kind = params.get("ModelPackageType", "Unversioned")
    return bool(kind == "Both" or versioned == (kind == "Versioned"))


def _batch_describe(ask: OperationRequest) -> Json:
    found: Json = {}
    errors: Json = {}
    for arn in ask.params["ModelPackageArnList"]:
        row = ask.world.described(arn, ask.now)
        if row is not None and row.kind == "ModelPackage":
            found[arn] = {
                "ModelPackageGroupName": "",
                "InferenceSpecification": {"Containers": []},
            } | row.body
        else:
            refusal = MISSING.refusal(arn=arn, name="")
            errors[arn] = {"ErrorCode": refusal.code, "ErrorResponse": refusal.message}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def _seconds(ask: OperationRequest) -> float:
    validated = "ValidationSpecification" in ask.params
    return ask.knobs.validated_package_creating if validated else ask.knobs.package_creating


MODEL_PACKAGE = SandboxKind(
    name="ModelPackage",
    path="model-package",
    missing=MISSING,
    exists=Phrase("ValidationException", "ModelPackage already exists: {arn}"),
    busy=Phrase("ConflictException", "Model package {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="ModelPackageSummaryList", sieve=_wanted, sieved=SIEVED),
    life=Life(
        status="ModelPackageStatus",
        growth=(("InProgress", _seconds),),
        stable="Completed",
        death=lambda ask: ask.knobs.package_deleting,
        busy=frozenset({"Pending", "InProgress", "Deleting"}),
    ),
    modified="LastModifiedTime",
    by_arn=True,
    unkept=INSTRUCTIONS,
    token=lambda ask: ask.params.get("ClientToken") if "ModelPackageGroupName" in ask.params else None,
    guards=(_one_name, _group_takes_it, _unversioned_rules, _names_differ),
    update_guards=(_versioned_only,),
    identify=_identify,
    address=_address,
    birth=_birth,
    settle=_settle,
    keep=_keep,
    change=_change,
    reads={"BatchDescribeModelPackage": _batch_describe},
)
