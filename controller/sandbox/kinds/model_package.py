"""ModelPackage: a numbered version in a group, or an unversioned package with a name of its own."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
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
FILTERED = frozenset({"ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageType"})
MOST_SPECIFICATIONS = 15
MOST_PROPERTIES = 50


def package_arn(account: SandboxAccount, name: str) -> str:
    """Return the ARN of a package, which is given by its name or its ARN."""
    return name if name.startswith("arn:") else account.arn(f"model-package/{name}")


def _group_arn(request: OperationRequest) -> str | None:
    name = request.params.get("ModelPackageGroupName")
    return None if name is None else MODEL_PACKAGE_GROUP.arn(request.account, request.knobs, name)


def _one_name(request: OperationRequest) -> None:
    given = [name for name in ("ModelPackageName", "ModelPackageGroupName") if name in request.params]
    if len(given) > 1:
        raise invalid(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use."
        )
    if not given:
        raise invalid("Missing ARN.")


def _group_takes_it(request: OperationRequest) -> None:
    arn = _group_arn(request)
    if arn is None:
        return
    group = request.find(arn)
    if group is None:
        raise MODEL_PACKAGE_GROUP.missing.refusal(arn=arn, name=arn.rpartition("/")[2])
    if group.body["ModelPackageGroupStatus"] == "Deleting":
        raise ServiceError("ConflictException", f"Model Package Group {arn} is being deleted.")
    if request.params.get("Tags"):
        raise invalid("Tags cannot be provided for a versioned model package; tag its group instead.")


def _unversioned_rules(request: OperationRequest) -> None:
    if "ModelPackageGroupName" in request.params:
        return
    # "Does not apply" in the API reference; `Model.register` of the SageMaker SDK for Python always sends it.
    if "ModelApprovalStatus" in request.params and request.knobs.unsupported_is_refused:
        raise invalid("ModelApprovalStatus cannot be specified when using non-versioned ModelPackages")
    containers = request.params.get("InferenceSpecification", {}).get("Containers", [])
    if any("Environment" in container for container in containers):
        raise invalid("Environment variable map cannot be specified when using non-versioned ModelPackages")


def _names_differ(request: OperationRequest) -> None:
    unique(request.params.get("AdditionalInferenceSpecifications", []), "Name")


def _identify(request: OperationRequest) -> tuple[str, str]:
    group = _group_arn(request)
    if group is None:
        name = request.params["ModelPackageName"]
        return package_arn(request.account, name), name
    stem = group.rpartition("/")[2]
    number = request.state.count(f"versions of {group}")  # never reused, even when versions are deleted
    return request.account.arn(f"model-package/{stem}/{number}"), stem


def _address(request: OperationRequest) -> str:
    name = request.params.get("ModelPackageName") or request.params.get("ModelPackageArn")
    return package_arn(request.account, str(name))


def _initial(request: OperationRequest) -> Json:
    made: Json = {
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreatedBy": request.creator,
    }
    group = _group_arn(request)
    if group is None:
        certified = request.params.get("CertifyForMarketplace", False)
        return made | {"CertifyForMarketplace": certified, "ModelApprovalStatus": None}
    stem = group.rpartition("/")[2]
    made |= {
        "ModelPackageGroupName": stem,
        "ModelPackageVersion": request.state.counters[f"versions of {group}"],
        "ModelApprovalStatus": request.params.get("ModelApprovalStatus", "PendingManualApproval"),
    }
    return made | ({"ModelPackageName": stem} if request.knobs.versioned_package_has_name else {})


def _keep(request: OperationRequest) -> Json:
    group = _group_arn(request)
    return {"group": group, "untagged": group is not None}


def _settle(request: OperationRequest, _: Json) -> tuple[Json, tuple[str, ...]]:
    profiles = request.params.get("ValidationSpecification", {}).get("ValidationProfiles", [])
    checks = [{"Name": one["ProfileName"], "Status": "Completed"} for one in profiles]
    return {"ModelPackageStatusDetails": {"ValidationStatuses": checks, "ImageScanStatuses": []}}, ()


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {k: v for k, v in request.params.items() if k not in INSTRUCTIONS}
    body = row.body | sent | {"LastModifiedBy": request.creator}
    held = row.body.get("CustomerMetadataProperties", {})
    if "CustomerMetadataProperties" in sent:
        held = (held if request.knobs.metadata_merges else {}) | sent["CustomerMetadataProperties"]
    gone = set(request.params.get("CustomerMetadataPropertiesToRemove", ()))
    held = {key: value for key, value in held.items() if key not in gone}
    if len(held) > MOST_PROPERTIES:
        raise invalid(f"A model package can have at most {MOST_PROPERTIES} customer metadata properties.")
    body["CustomerMetadataProperties"] = held or None
    body["AdditionalInferenceSpecifications"] = _with_more_specifications(request, row)
    return replace(row, body={key: value for key, value in body.items() if value is not None})


def _with_more_specifications(request: OperationRequest, row: Row) -> list[Json] | None:
    held: list[Json] = row.body.get("AdditionalInferenceSpecifications", [])
    more: list[Json] = request.params.get("AdditionalInferenceSpecificationsToAdd", [])
    both = held + more
    if len({one["Name"] for one in both}) != len(both):
        raise invalid("Names of additional inference specifications must be unique.")
    if len(both) > MOST_SPECIFICATIONS:
        raise invalid(f"A model package can have at most {MOST_SPECIFICATIONS} additional specifications.")
    return both or None


def _versioned_only(_: OperationRequest, row: Row) -> None:
    if row.keep["group"] is None and "ModelApprovalStatus" in _.params:
        raise invalid("ModelApprovalStatus cannot be specified when using non-versioned ModelPackages")


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    params, versioned = request.params, row.keep["group"] is not None
    if (
        "ModelApprovalStatus" in params
        and row.body.get("ModelApprovalStatus") != params["ModelApprovalStatus"]
    ):
        return False
    if "ModelPackageGroupName" in params:
        return bool(row.keep["group"] == _group_arn(request))
    kind = params.get("ModelPackageType", "Unversioned")
    return bool(kind == "Both" or versioned == (kind == "Versioned"))


def _batch_describe(request: OperationRequest) -> Json:
    found: Json = {}
    errors: Json = {}
    for arn in request.params["ModelPackageArnList"]:
        row = request.state.described_row(arn, request.now)
        if row is not None and row.kind == "ModelPackage":
            found[arn] = {
                "ModelPackageGroupName": "",
                "InferenceSpecification": {"Containers": []},
            } | row.body
        else:
            refusal = MISSING.refusal(arn=arn, name="")
            errors[arn] = {"ErrorCode": refusal.code, "ErrorResponse": refusal.message}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def _seconds(request: OperationRequest) -> float:
    validated = "ValidationSpecification" in request.params
    return request.knobs.validated_package_creating if validated else request.knobs.package_creating


MODEL_PACKAGE = SandboxKind(
    name="ModelPackage",
    path="model-package",
    missing=MISSING,
    exists=Phrase("ValidationException", "ModelPackage already exists: {arn}"),
    busy=Phrase("ConflictException", "Model package {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="ModelPackageSummaryList", row_filter=_matches_filters, filtered=FILTERED),
    life=StateSequence(
        status="ModelPackageStatus",
        growth=(("InProgress", _seconds),),
        stable="Completed",
        deletion_seconds=lambda request: request.knobs.package_deleting,
        busy=frozenset({"Pending", "InProgress", "Deleting"}),
    ),
    modified="LastModifiedTime",
    by_arn=True,
    instructions=INSTRUCTIONS,
    token=lambda request: (
        request.params.get("ClientToken") if "ModelPackageGroupName" in request.params else None
    ),
    guards=(_one_name, _group_takes_it, _unversioned_rules, _names_differ),
    update_guards=(_versioned_only,),
    identify=_identify,
    address=_address,
    initial=_initial,
    settle=_settle,
    keep=_keep,
    change=_change,
    reads={"BatchDescribeModelPackage": _batch_describe},
)
