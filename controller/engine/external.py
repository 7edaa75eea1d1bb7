"""Reads of other services: whether an alarm is OK, a role trusts SageMaker, an image or an object exists.

Each returns what is wrong, or None; the caller handles a refused call. Nothing is changed by any of them.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault, next_page
from controller.core.finding import Code, Severity
from controller.kinds.external import ALLOWED, External
from controller.schema.external import ExternalName

ALARMS = Call("DescribeAlarms", service="cloudwatch")
ROLES = Call("GetRole", service="iam")
IMAGES = Call("BatchGetImage", service="ecr")
OBJECTS = Call("HeadObject", service="s3")
PREFIXES = Call("ListObjectsV2", service="s3")
QUOTAS = Call("ListServiceQuotas", service="service-quotas")
_PRINCIPAL = (
    "sagemaker.amazonaws.com"  # in all partitions (Developer Guide, "How to use SageMaker execution roles")
)
_ASSUMES = re.compile(r"\*|sts:(\*|AssumeRole)", re.IGNORECASE)
_ROLE = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")
_IMAGE = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)
_URI = re.compile(r"(?:s3://(?P<bucket>[^/]+)|https://(?P<host>[^./]+)\.s3[.-][^/]+)/?(?P<key>.*)")
# Of BatchGetImage: without them it answers with a manifest of another format, or fails (API reference).
_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


@dataclass(frozen=True)
class ExternalFault:
    """A problem with a resource of another service; a warning if the run may continue."""

    code: Code
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


def not_checked(message: str) -> ExternalFault:
    """The fault of a resource that could not be read."""
    return ExternalFault(Code.NOT_CHECKED, message, severity=Severity.WARNING)


def alarm(cloud: Cloud, named: ExternalName) -> ExternalFault | None:
    """What is wrong with an alarm, of a metric or composite."""
    types = ["MetricAlarm", "CompositeAlarm"]
    answer = _read(cloud, ALARMS, {"AlarmNames": [named.value], "AlarmTypes": types})
    found = [*_items(answer, "MetricAlarms"), *_items(answer, "CompositeAlarms")]
    states = [each.get("StateValue") for each in found if each.get("AlarmName") == named.value]
    if not states:
        hint = "create it, or correct its name; it is looked up in the region of the run"
        return ExternalFault(Code.MISSING_ALARM, f"the alarm '{named.value}' does not exist", hint)
    if states[0] == "OK":
        return None
    going = states[0] != "ALARM"
    message = f"the alarm '{named.value}' is in state {states[0]}"
    hint = "" if going else "the rollout would be rolled back at once: wait until it is OK"
    return ExternalFault(Code.ALARM_NOT_OK, message, hint, Severity.WARNING if going else Severity.ERROR)


def role(cloud: Cloud, named: ExternalName) -> ExternalFault | None:
    """What is wrong with a role: it does not exist, or its trust policy does not let SageMaker assume it."""
    arn = _ROLE.fullmatch(named.value)
    if arn is None or arn["account"] != cloud.identity.account:
        return not_checked(
            f"the role {named.value} is of another account, so its trust policy is not checked"
        )
    try:
        answer = _read(cloud, ROLES, {"RoleName": arn["name"]})
    except CloudError as error:
        if error.fault is Fault.MISSING:
            return ExternalFault(
                Code.ROLE, f"the role {named.value} does not exist", "create it, or correct the ARN"
            )
        raise
    found = answer.get("Role")
    if trusts_sagemaker(found.get("AssumeRolePolicyDocument") if isinstance(found, Mapping) else None):
        return None
    hint = f"allow sts:AssumeRole to the service {_PRINCIPAL} in its trust policy"
    return ExternalFault(Code.ROLE, f"the role {named.value} can't be assumed by SageMaker", hint)


def trusts_sagemaker(policy: Any) -> bool:
    """Whether a trust policy lets SageMaker assume its role; conditions count as met."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return False
    statements = _as_list(document.get("Statement")) if isinstance(document, Mapping) else []
    meant = [each for each in statements if isinstance(each, Mapping) and _is_about_sagemaker(each)]
    refused = any(each.get("Effect") == "Deny" and not each.get("Condition") for each in meant)
    return not refused and any(each.get("Effect") == "Allow" for each in meant)


def _is_about_sagemaker(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    services = _as_list(principal.get("Service")) if isinstance(principal, Mapping) else [principal]
    actions = [each for each in _as_list(statement.get(ALLOWED)) if isinstance(each, str)]
    return bool({_PRINCIPAL, "*"} & {each for each in services if isinstance(each, str)}) and any(
        _ASSUMES.fullmatch(each) for each in actions
    )


def image_parts(image: str) -> Mapping[str, str | None] | None:
    """The registry, region, repository, tag and digest of an image of Amazon ECR; None for one of another registry."""
    found = _IMAGE.fullmatch(image)
    return found.groupdict() if found else None


def image(cloud: Cloud, named: ExternalName) -> ExternalFault | None:
    """What is wrong with an image of Amazon ECR; one of another registry is not read."""
    found = image_parts(named.value)
    if found is None:
        return not_checked(f"the image {named.value} is not in Amazon ECR, so it is not checked")
    if found["region"] != cloud.identity.region:
        return not_checked(f"the image {named.value} is in another region, so it is not checked")
    desired = {"imageDigest": found["digest"]} if found["digest"] else {"imageTag": found["tag"] or "latest"}
    params = {
        "registryId": found["registry"],
        "repositoryName": found["repository"],
        "imageIds": [desired],
        "acceptedMediaTypes": list(_MANIFESTS),
    }
    missing = ExternalFault(
        Code.MISSING_IMAGE, f"the image {named.value} does not exist", "push it, or correct its name"
    )
    try:
        answer = _read(cloud, IMAGES, params)
    except CloudError as error:
        if error.fault is Fault.MISSING:
            return missing
        raise
    codes = {each.get("failureCode") for each in _items(answer, "failures")}
    if codes & {"ImageNotFound", "ImageTagDoesNotMatchDigest", "InvalidImageTag", "InvalidImageDigest"}:
        return missing
    return (
        None
        if not codes
        else not_checked(f"the image {named.value} is not checked: ECR answers {_sorted_codes(codes)}")
    )


def object_parts(uri: str) -> tuple[str, str] | None:
    """The bucket and key of an address of S3; None for another address."""
    found = _URI.fullmatch(uri)
    return (found["bucket"] or found["host"], found["key"]) if found else None


def stored_object(cloud: Cloud, named: ExternalName) -> ExternalFault | None:
    """What is wrong with an object of S3, or with a prefix below which there must be one."""
    found = object_parts(named.value)
    if found is None:
        return not_checked(f"{named.value} is no address of S3, so it is not checked")
    bucket, key = found
    what = "there is no object below" if named.prefix or not key else "there is no object"
    missing = ExternalFault(Code.MISSING_OBJECT, f"{what} {named.value}", "upload it, or correct the address")
    try:
        if not named.prefix and key:
            _read(cloud, OBJECTS, {"Bucket": bucket, "Key": key})
            return None
        listed = _read(cloud, PREFIXES, {"Bucket": bucket, "Prefix": key, "MaxKeys": 1})
        return None if _items(listed, "Contents") else missing
    except CloudError as error:
        if error.fault is Fault.MISSING:
            return missing
        raise


def quotas(cloud: Cloud) -> Mapping[str, float]:
    """The quotas of SageMaker that were applied to the account, by name; defaults may be missing (API reference).

    Raises:
        CloudError: a page was refused.

    """
    found: dict[str, float] = {}
    params: dict[str, Any] = {"ServiceCode": "sagemaker", "MaxResults": 100}
    tokens = set[str]()
    while True:
        answer = _read(cloud, QUOTAS, params)
        for each in _items(answer, "Quotas"):
            if isinstance(each.get("QuotaName"), str) and isinstance(each.get("Value"), int | float):
                found[each["QuotaName"]] = each["Value"]
        if (token := next_page(QUOTAS.operation, answer, tokens)) is None:
            return found
        params = {**params, "NextToken": token}


def over_quota(
    instance: str, usage: str, count: int, known: Mapping[str, float], taken: int
) -> ExternalFault | None:
    """The fault of a number of instances that exceeds the quota, even if nothing else of the account counts towards it.

    ``taken`` is the number that other steps of the plan start before.
    """
    name = f"{instance} for {usage}"
    most = known.get(name)
    if most is None or count + taken <= most:
        return None
    beside = f", beside {taken} of this plan," if taken else ""
    message = f"{count} x {name}{beside} are more than the account's quota of {most:g}"
    return ExternalFault(
        Code.QUOTA, message, "request an increase in Service Quotas, or take fewer or other instances"
    )


READS: Mapping[External, Callable[[Cloud, ExternalName], ExternalFault | None]] = MappingProxyType(
    {
        External.ALARM: alarm,
        External.ROLE: role,
        External.IMAGE: image,
        External.OBJECT: stored_object,
    }
)


def _read(cloud: Cloud, call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    return cloud.call(Call(call.operation, params, call.service))


def _items(answer: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    found = answer.get(member)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _as_list(value: Any) -> list[Any]:
    """A member of a policy document, which may be one value in place of a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _sorted_codes(codes: Iterable[Any]) -> str:
    return ", ".join(sorted(str(each) for each in codes))
