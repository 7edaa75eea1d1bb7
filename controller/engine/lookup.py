"""The read calls: one resource, one kind's pages, one resource's tags."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any, TypeAlias

from controller.core.cloud import Call, Cloud, CloudError, Fault, malformed_response, next_page
from controller.core.path import get
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.observed import OWNER, Live, as_map
from controller.engine.parallel_map import parallel_map
from controller.kinds import SAGEMAKER, SERVICES, AwsService, ChildList, Membership
from controller.kinds.display import COMMON_STATUS_PHASES
from controller.schema.contract import KEY_GAP, Contract, contract
from controller.schema.listing import Listing
from controller.schema.shape import Operation, answer_member, page_member, required_operation, shape
from controller.schema.single_precision import shorten_floats


def pages_of(
    cloud: Cloud, read: Operation, page_member: str, params: Mapping[str, Any]
) -> Iterator[list[Any]]:
    """The pages of a read that continues by ``NextToken``.

    Raises:
        CloudError: AWS refused a page, or the response is malformed; the pages read so far are incomplete.

    """
    request, tokens = dict(params), set[str]()
    while True:
        answer = cloud.call(read.call(request))
        page = answer.get(page_member)
        if not isinstance(page, list):  # a missing list is no empty list
            raise malformed_response(read.name, f"it has no {page_member}")
        yield page
        if (token := next_page(read.name, answer, tokens)) is None:
            return
        request["NextToken"] = token


def elements(
    cloud: Cloud, of: Listing, narrowed: Mapping[str, Any], limit: int | None = None
) -> tuple[Any, ...]:
    """The elements of a List, all pages or the first ``limit`` of them.

    Raises:
        CloudError: AWS refused a page.

    """
    size = {"MaxResults": min(of.most, limit or of.most)} if of.most else {}
    found: list[Any] = []
    for page in pages_of(cloud, required_operation(of.operation), of.page_member, {**size, **narrowed}):
        found += page
        if limit is not None and len(found) >= limit:
            return tuple(found[:limit])
    return tuple(found)


_PAGE = 100  # the largest page of SageMaker's Lists and of GetResources
MODIFIED = ("LastModifiedTime", "LastUpdatedDate", "LastModifiedAt")
CREATED = ("CreationTime", "CreateDate", "CreatedAt")
STAMPS = (*MODIFIED, *CREATED)


def phase(contract: Contract, body: Mapping[str, Any]) -> Phase:
    """The phase of a body's status; a resource of a kind without a status is ready.

    An unknown status counts as a transition, because waiting does no harm. A separate update status counts only while
    the update is in progress; after a failed one the resource is unchanged.
    """
    update_status = (
        get(body, tuple(contract.kind.lifecycle.update_status_path.split(".")))
        if contract.kind.lifecycle.update_status_path
        else None
    )
    if phase_of_status(contract, update_status) is Phase.CHANGING:
        return Phase.CHANGING
    return (
        phase_of_status(contract, body.get(contract.status_member)) if contract.status_member else Phase.READY
    )


def phase_of_status(contract: Contract, word: Any) -> Phase:
    """The phase of a status of a kind."""
    if not word:
        return Phase.READY  # Workforce had no status in earlier versions of the API
    return contract.kind.lifecycle.status_phases.get(word) or COMMON_STATUS_PHASES.get(word) or Phase.CHANGING


def works_over_time(contract: Contract) -> bool:
    """Whether AWS works on a resource of a kind after it accepted a call, which a status then shows."""
    return _has_status_of(contract, Phase.CHANGING, Phase.DELETING)


def updates_over_time(contract: Contract) -> bool:
    """Whether updates of a kind are asynchronous, so that they may fail after they were accepted."""
    return bool(contract.kind.lifecycle.update_status_path) or _has_status_of(contract, Phase.CHANGING)


def _has_status_of(contract: Contract, *phases: Phase) -> bool:
    """Whether the recorded model has a status of one of these phases; True where it names no statuses."""
    if not contract.status_member:
        return False
    statuses = shape(contract.body.members[contract.status_member]).enum
    return not statuses or any(phase_of_status(contract, word) in phases for word in statuses)


def describe(cloud: Cloud, contract: Contract, name: str) -> Live | None:
    """Read one resource by its name, ARN or written key; None when it is proved absent.

    Raises:
        CloudError: AWS refused for another reason than absence.

    """
    try:
        body = _body(cloud, contract, name)
    except CloudError as error:
        if error.fault is Fault.MISSING or error.code == contract.kind.identity.absence:
            return None
        raise
    if body is None or phase(contract, body) is Phase.ABSENT:
        return None
    if contract.arn_member in contract.body.members and not body.get(contract.arn_member):
        raise malformed_response(contract.describes.name, f"it has no {contract.arn_member}")
    for membership in contract.kind.lifecycle.memberships:
        if membership.member:
            body = {**body, membership.member: member_names(cloud, contract, membership, name)}
    for member, child in contract.kind.write.children.items():
        body = {**body, member: _read_children(cloud, contract, child, name)}
    for member, lists in contract.kind.compare.further.items():
        found = every_page(
            cloud, required_operation(lists), contract.address(required_operation(lists), name)
        )
        body = {**body, member: [text for page in found for text in page]}
    return live(contract, name, shorten_floats(body, contract.body))


def _body(cloud: Cloud, contract: Contract, name: str) -> Mapping[str, Any] | None:
    """The body that Describe shows, all pages of it; for a kind without Describe, the element of its List."""
    key = contract.address(contract.describes, name, lambda: cloud.identity)
    if contract.listed_only:
        found = [each for page in every_page(cloud, contract.describes, key) for each in page]
        key_values = dict(zip(contract.kind.identity.key or (), name.split(KEY_GAP), strict=False)) or key
        return next((each for each in found if key_values.items() <= each.items()), None)
    answer, tokens = cloud.call(contract.describes.call(key)), set[str]()
    while "NextToken" in shape(contract.describes.input).members:
        if (token := next_page(contract.describes.name, answer, tokens)) is None:
            break
        more = cloud.call(contract.describes.call({**key, "NextToken": token}))
        answer = {**answer, **_join_pages(answer, more), "NextToken": more.get("NextToken")}
    return answer.get(contract.kind.compare.within, {}) if contract.kind.compare.within else answer


def _join_pages(answer: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of a response, each extended by that of the next page."""
    return {name: [*answer.get(name, []), *value] for name, value in more.items() if isinstance(value, list)}


def _read_children(cloud: Cloud, contract: Contract, child: ChildList, name: str) -> list[dict[str, Any]]:
    """The children of a resource, with the members that its spec has for them."""
    lists, put = required_operation(child.lists), required_operation(child.put)
    known = set(shape(put.input).members) - contract.identity
    found = every_page(cloud, lists, contract.address(lists, name))
    return [{member: each[member] for member in each if member in known} for page in found for each in page]


def member_names(cloud: Cloud, contract: Contract, membership: Membership, name: str) -> list[str]:
    """The names of the resources at the other end of a membership."""
    found = every_page(cloud, required_operation(membership.lists), {contract.name_member: name})
    return [str(each[membership.named]) for page in found for each in page]


def live(contract: Contract, name: str, body: Mapping[str, Any]) -> Live:
    """A live resource from its body."""
    status = str(body.get(contract.status_member, "")) if contract.status_member else ""
    reasons = (
        get(body, tuple(path.split("."))) for path in ("FailureReason", *contract.kind.lifecycle.reasons)
    )
    return Live(
        name=str(body[contract.arn_member]) if contract.kind.identity.arn_parts else name,
        arn=contract.arn_in(body),
        phase=phase(contract, body),
        body=body,
        status=status,
        reason=next((str(reason) for reason in reasons if reason), ""),
        modified=" ".join(str(body[stamp]) for stamp in STAMPS if stamp in body),
    )


def pages(cloud: Cloud, contract: Contract, narrowed: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
    """The pages of a kind's List without deleted resources; none where there is no List.

    Raises:
        CloudError: AWS refused a page; what was read so far is not the whole.

    """
    if contract.lists is not None:
        for page in every_page(cloud, contract.lists, narrowed or {}):
            yield [each for each in page if not is_gone(contract, each)]


def is_gone(contract: Contract, element: Mapping[str, Any]) -> bool:
    """Whether a List's element has a status of a deleted resource."""
    return phase_of_status(contract, element.get(contract.status_member)) is Phase.ABSENT


def every_page(cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The pages of a List operation.

    Raises:
        CloudError: AWS refused a page; what was read so far is not the whole.

    """
    size = shape(lists.input).members.get("MaxResults")
    largest = {} if size and not _is_limited(size) else {"MaxResults": _PAGE}
    return pages_of(cloud, lists, page_member(lists), {**largest, **narrowed})


def _is_limited(size: str) -> bool:
    """Whether the model has a limit for the size of a page."""
    return shape(size).maximum is not None or shape(size).minimum is not None


def needs_narrowing(lists: Operation, given: Collection[str] = ()) -> bool:
    """Whether a List requires parameters besides what is ``given``."""
    return bool(shape(lists.input).required - set(given))


OwnedTags: TypeAlias = Mapping[str, Mapping[str, str]]


def owned_tags(cloud: Cloud) -> OwnedTags | None:
    """The tags of all SageMaker resources with an ownership tag, by lower-case ARN; None if they can't be read.

    The tagging index may lag: the tags of resources that it lacks are read one by one, and before deletions again.
    """
    params: dict[str, Any] = {
        "TagFilters": [{"Key": OWNER}],
        "ResourceTypeFilters": ["sagemaker"],
        "ResourcesPerPage": _PAGE,
    }
    found: dict[str, Mapping[str, str]] = {}
    tokens = set[str]()
    while True:
        try:
            answer = cloud.call(Call("GetResources", params, service="tagging"))
            for each in answer["ResourceTagMappingList"]:
                found[each["ResourceARN"].lower()] = as_map(each["Tags"])
            token = next_page("GetResources", answer, tokens, "PaginationToken")
        except (AttributeError, CloudError, KeyError, TypeError):
            return None  # refused, or malformed
        if token is None:
            return found
        params = {**params, "PaginationToken": token}


def indexed_tags(cloud: Cloud, arns: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """The tags of up to a hundred resources by ARN, without those that the tagging index lacks.

    Raises:
        CloudError: they can't be read, or the response is malformed.

    """
    answer = cloud.call(Call("GetResources", {"ResourceARNList": list(arns)}, service="tagging"))
    named = {arn.lower(): arn for arn in arns}
    try:
        shown = {
            each["ResourceARN"].lower(): as_map(each["Tags"]) for each in answer["ResourceTagMappingList"]
        }
    except (AttributeError, KeyError, TypeError):
        raise malformed_response("GetResources", "it holds no tags") from None
    return {named[arn]: tags for arn, tags in shown.items() if arn in named}


def tags_of(cloud: Cloud, arn: str) -> Mapping[str, str]:
    """The tags of one resource.

    Raises:
        CloudError: they can't be read, or the response has no list of tags: then they are unknown, not empty.

    """
    found: list[Any] = []
    reads = required_operation(service_of(arn).tags)
    address = dict.fromkeys(shape(reads.input).required, arn)
    if shape(answer_member(reads, "Tags")).type == "map":
        return _tag_map(cloud, reads, address)
    for page in pages_of(cloud, reads, "Tags", {**address, "MaxResults": _PAGE}):
        found += page
    try:
        return as_map(found)
    except (KeyError, TypeError):
        raise malformed_response(reads.name, "it holds a tag without key or value") from None


def _tag_map(cloud: Cloud, reads: Operation, address: Mapping[str, str]) -> Mapping[str, str]:
    """The tags of a service that shows them as a map, whole."""
    answer = cloud.call(reads.call(address)).get("Tags")
    if not isinstance(answer, dict) or not all(isinstance(value, str) for value in answer.values()):
        raise malformed_response(reads.name, "its tags are not texts")
    return answer


def service_of(arn: str) -> AwsService:
    """The service of an ARN; SageMaker if no kind belongs to it."""
    return SERVICES.get((arn.split(":") + [""] * 3)[2], SERVICES[SAGEMAKER])


def carries_tags(contract: Contract, body: Mapping[str, Any]) -> bool:
    """Whether a resource can carry tags; some numbered kinds carry a marker instead."""
    found_by = contract.kind.identity.found_by
    return contract.taggable and not (
        found_by is not None and bool(found_by.marker) and found_by.when in body
    )


LiveResources = Mapping[Ref, tuple[Live, ...]]


def add_tags(
    cloud: Cloud,
    pool: Executor,
    errors: dict[Ref, CloudError],
    *groups: LiveResources,
    begun: Future[OwnedTags | None] | None = None,
    read: Callable[[str], Mapping[str, str]],
) -> tuple[dict[Ref, tuple[Live, ...]], ...]:
    """The resources with their tags; those that can't be read are in ``errors``.

    ``begun`` is the read of the tagging index, if that has started; ``read`` reads the tags of one ARN, and raises a
    CloudError if they can't be read.
    """
    unread = {
        each.arn: ref
        for live_resources in groups
        for ref, many in live_resources.items()
        for each in many
        if _may_match(ref, each)
    }
    if not unread:
        return tuple(dict(live_resources) for live_resources in groups)
    index = None
    if len(unread) > 1:  # one resource costs one call either way
        index = begun.result() if begun else owned_tags(cloud)
    alone = [arn for arn in unread if index is None or arn.lower() not in index]
    request = parallel_map(pool, alone, read)
    errors |= {
        unread[arn]: answer
        for arn, answer in request.items()
        if isinstance(answer, CloudError) and unread[arn] not in errors
    }

    def with_tags(ref: Ref, each: Live) -> Live:
        if not _may_match(ref, each):
            return each
        answer = request[each.arn] if each.arn in request else (index or {}).get(each.arn.lower())
        return replace(each, tags=None if isinstance(answer, CloudError) else answer)

    return tuple(
        {ref: tuple(with_tags(ref, each) for each in many) for ref, many in live_resources.items()}
        for live_resources in groups
    )


def _may_match(ref: Ref, live: Live) -> bool:
    """Whether the tags must still be read."""
    return live.tags is None and carries_tags(contract(ref.kind), live.body)
