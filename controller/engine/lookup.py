"""Reading one resource, one kind's list, one resource's tags: the read calls, from the contract."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.cloud import Call, Cloud, CloudError, Fault
from controller.core.digest import canonical
from controller.core.phase import Phase
from controller.engine.ownership import OWNER, as_map
from controller.engine.paging import pages_of
from controller.engine.world import Live
from controller.kinds.words import WORDS
from controller.service.contract import Contract, contract

_PAGE = 100  # the most that a SageMaker List or GetResources gives at once
_STAMPS = ("LastModifiedTime", "LastUpdatedDate", "CreationTime", "CreateDate")


def phase(told: Contract, status: str) -> Phase:
    """What a status word means for a kind; a kind without a status exists and so is ready.

    An unknown word is taken for a transition: to wait is the one mistake that does no harm.
    """
    if not told.status_member:
        return Phase.READY
    if not status:
        return Phase.READY  # Workforce had no status in earlier versions of the API
    return told.kind.words.get(status) or WORDS.get(status) or Phase.CHANGING


def describe(cloud: Cloud, told: Contract, name: str) -> Live | None:
    """Read one resource by its name, or ARN where the service numbers it; None when it is proved absent.

    Raises:
        CloudError: AWS refused for another reason than absence.

    """
    try:
        answer = cloud.call(Call(told.describes.name, {told.describe_key: name}))
    except CloudError as error:
        if error.fault is Fault.MISSING:
            return None
        raise
    body = answer.get(told.kind.within, {}) if told.kind.within else answer
    return live(told, name, body)


def live(told: Contract, name: str, body: Mapping[str, Any]) -> Live:
    """A live resource from its body."""
    status = str(body.get(told.status_member, "")) if told.status_member else ""
    return Live(
        name=name,
        arn=str(body.get(told.arn_member, "")),
        phase=phase(told, status),
        body=body,
        status=status,
        reason=str(body.get("FailureReason", "")),
        modified=" ".join(str(body[stamp]) for stamp in _STAMPS if stamp in body),
    )


def pages(cloud: Cloud, told: Contract, narrowed: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
    """The pages of a kind's List operation.

    Raises:
        CloudError: AWS refused a page; what was read so far is not the whole.

    """
    params = {"MaxResults": _PAGE, **(narrowed or {})}
    yield from pages_of(cloud, told.lists.name, told.page_member, params)


def owned_tags(cloud: Cloud) -> Mapping[str, Mapping[str, str]] | None:
    """The tags of all SageMaker resources that anybody's set owns, by lower-case ARN; None when refused.

    The tagging index may lag; what is not in it is asked for one by one, and deletions ask again.
    """
    params: dict[str, Any] = {
        "TagFilters": [{"Key": OWNER}],
        "ResourceTypeFilters": ["sagemaker"],
        "ResourcesPerPage": _PAGE,
    }
    found: dict[str, Mapping[str, str]] = {}
    while True:
        try:
            answer = cloud.call(Call("GetResources", params, service="tagging"))
        except CloudError:
            return None
        for each in answer.get("ResourceTagMappingList", []):
            found[each["ResourceARN"].lower()] = as_map(each.get("Tags", []))
        if not answer.get("PaginationToken"):
            return found
        params = {**params, "PaginationToken": answer["PaginationToken"]}


def tags_of(cloud: Cloud, arn: str) -> Mapping[str, str] | None:
    """The tags of one resource; None where the service does not list them for its kind.

    Old versions of the API answer "Invalid resource type" for a workforce (terraform-provider-aws #20065).

    Raises:
        CloudError: AWS refused for another reason.

    """
    found: list[dict[str, str]] = []
    params: dict[str, Any] = {"ResourceArn": arn, "MaxResults": _PAGE}
    while True:
        try:
            answer = cloud.call(Call("ListTags", params))
        except CloudError as error:
            if error.fault is Fault.INVALID:
                return None
            raise
        found += answer.get("Tags", [])
        if not answer.get("NextToken"):
            return as_map(found)
        params = {**params, "NextToken": answer["NextToken"]}


def list_narrowing(told: Contract, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that narrow List to the siblings of a numbered resource."""
    found_by = told.kind.found_by
    return {member: spec[member] for member in found_by.listed_by} if found_by else {}


def exists(cloud: Cloud, kind: str, name: str) -> bool:
    """Whether a linked resource outside the tree is there; what can't be asked is taken to be there."""
    try:
        return describe(cloud, contract(kind), name) is not None
    except CloudError:
        return True


def stamp(of: Live) -> str:
    """What a plan's fingerprint holds of a live resource."""
    return canonical([of.arn, of.phase.value, of.modified])
