"""ModelPackageGroup and its policy."""

import json
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence, Verb
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid


def _empty(request: OperationRequest, row: Row) -> None:
    if any(package.keep.get("group") == row.arn for package in request.rows_of("ModelPackage")):
        raise ServiceError(
            "ConflictException", f"Model Package Group {row.arn} cannot be deleted: it has model packages."
        )


def policy_arn(group: str) -> str:
    """Return the sandbox's key of a group's policy; the API gives it no ARN of its own."""
    return f"{group}/policy"


def _policy(request: OperationRequest, row: Row) -> list[Row]:
    policy = request.state.find(policy_arn(row.arn), request.now)
    return [] if policy is None else [policy]


def _initial(request: OperationRequest) -> Json:
    return {"CreatedBy": request.creator}


def _same_account(request: OperationRequest, _: Row) -> bool:
    return bool(request.params.get("CrossAccountFilterOption", "SameAccount") == "SameAccount")


MODEL_PACKAGE_GROUP = SandboxKind(
    name="ModelPackageGroup",
    path="model-package-group",
    missing=Phrase("ValidationException", "ModelPackageGroup {arn} does not exist."),
    exists=Phrase("ValidationException", "Model Package Group already exists: {arn}"),
    busy=Phrase("ConflictException", "Model Package Group {arn} is being created or deleted."),
    listing=ListDefaults(
        key="ModelPackageGroupSummaryList",
        row_filter=_same_account,
        filtered=frozenset({"CrossAccountFilterOption"}),
    ),
    life=StateSequence(
        status="ModelPackageGroupStatus",
        growth=(
            ("Pending", lambda request: request.knobs.group_pending),
            ("InProgress", lambda request: request.knobs.group_in_progress),
        ),
        stable="Completed",
        deletion_seconds=lambda request: request.knobs.group_deleting,
        busy=frozenset({"Pending", "InProgress", "Deleting"}),
    ),
    modified=None,
    by_arn=True,
    delete_guards=(_empty,),
    initial=_initial,
    along=_policy,
)


ACCOUNT_DIGITS = 12
STATEMENT = ("Effect", "Action", "Resource")


def _group_arn(request: OperationRequest) -> str:
    return MODEL_PACKAGE_GROUP.arn(request.account, request.knobs, request.params["ModelPackageGroupName"])


def _group_exists(request: OperationRequest) -> None:
    arn = _group_arn(request)
    if request.find(arn) is None:
        raise MISSING_GROUP.refusal(arn=arn, name=request.params["ModelPackageGroupName"])


def _group_stays(request: OperationRequest) -> None:
    group = request.find(_group_arn(request))
    if group is not None and group.body["ModelPackageGroupStatus"] == "Deleting":
        raise MODEL_PACKAGE_GROUP.busy.refusal(arn=group.arn, name=group.name)


def policy_is_valid(request: OperationRequest) -> None:
    """Refuse a text that is no resource policy. The message is our own; AWS's is not published."""
    try:
        policy = json.loads(request.params["ResourcePolicy"])
    except ValueError as error:
        raise invalid(f"Invalid resource policy: not valid JSON: {error}") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise invalid("Invalid resource policy: Statement is missing.")
    for one in statements:
        absent = [name for name in STATEMENT if not isinstance(one, dict) or name not in one]
        if absent or "Principal" not in one:
            raise invalid(f"Invalid resource policy: {', '.join(absent) or 'Principal'} is missing.")
        if one["Effect"] not in {"Allow", "Deny"}:
            raise invalid(f"Invalid resource policy: Effect cannot be {one['Effect']!r}.")


def stored_policy(request: OperationRequest) -> str:
    """Return a policy in the form that Get returns."""
    text = str(request.params["ResourcePolicy"])
    if not request.knobs.policy_is_canonical:
        return text
    return json.dumps(
        _canonical(json.loads(text), request.account.partition), sort_keys=True, separators=(",", ":")
    )


def _canonical(value: object, partition: str) -> object:
    """Return the parts of IAM's normal form that are known besides order and whitespace.

    Lists of one are unwrapped, and accounts become the ARN of their root.
    """
    if isinstance(value, dict):
        return {key: _canonical_item(key, item, partition) for key, item in value.items()}
    if isinstance(value, list):
        inner = [_canonical(one, partition) for one in value]
        return inner[0] if len(inner) == 1 else inner
    return value


def _canonical_item(key: str, item: object, partition: str) -> object:
    if key == "Statement" and isinstance(item, list):
        return [_canonical(one, partition) for one in item]
    if key == "AWS":
        named = item if isinstance(item, list) else [item]
        roots = [f"arn:{partition}:iam::{one}:root" if _is_account(one) else one for one in named]
        return _canonical(roots, partition)
    return _canonical(item, partition)


def _is_account(principal: object) -> bool:
    return isinstance(principal, str) and len(principal) == ACCOUNT_DIGITS and principal.isdigit()


def _replace_policy(request: OperationRequest, row: Row) -> Row:
    return replace(row, body=row.body | {"ResourcePolicy": stored_policy(request)})


def _group_policy_initial(request: OperationRequest) -> Json:
    return {"ResourcePolicy": stored_policy(request), "ModelPackageGroupArn": _group_arn(request)}


def _address(request: OperationRequest) -> str:
    _group_exists(request)
    return policy_arn(_group_arn(request))


MISSING_GROUP = Phrase("ValidationException", "Cannot find Model Package Group: {arn}")
GROUP_POLICY = SandboxKind(
    name="ModelPackageGroupPolicy",
    path="model-package-group",
    missing=Phrase("ValidationException", "Cannot find resource policy {arn}."),
    exists=Phrase("ValidationException", "The resource policy {arn} exists."),
    busy=Phrase("ConflictException", "The resource policy {arn} is being changed by another request."),
    listing=ListDefaults(key=""),
    modified=None,
    called={
        Verb.CREATE: "PutModelPackageGroupPolicy",
        Verb.DESCRIBE: "GetModelPackageGroupPolicy",
        Verb.LIST: None,
    },
    guards=(_group_exists, _group_stays, policy_is_valid),
    identify=lambda request: (policy_arn(_group_arn(request)), request.params["ModelPackageGroupName"]),
    address=_address,
    initial=_group_policy_initial,
    keep=lambda _: {"untagged": True},
    again=_replace_policy,
)
