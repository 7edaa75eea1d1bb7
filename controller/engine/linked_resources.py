"""Linked resources that no document declares, found by name, ARN or assigned ID. Reads only."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor

from controller.core.cloud import CloudError
from controller.core.ref import Ref
from controller.engine.bulk_reads import BulkReads
from controller.engine.lookup import needs_narrowing, pages
from controller.engine.observed import Live
from controller.engine.parallel_map import parallel_map
from controller.manifests.bundle import Bundle
from controller.schema.contract import Contract, contract


def linked_resources(
    bundle: Bundle, unread: Iterable[Ref], reads: BulkReads, pool: Executor
) -> dict[tuple[str, str], Live | CloudError | None]:
    """The linked resources that no document declares, by kind and text, without those that can't be read."""
    requested = sorted(
        {
            (linked.link.to, linked.text)
            for ref in unread
            for linked in bundle.resources[ref].links
            if linked.target is None and not _is_in_another_account(linked.text, reads.cloud.identity.account)
        }
    )
    named = [(to, text) for to, text in requested if contract(to).kind.identity.key is None]
    return parallel_map(pool, named, lambda each: _find_target(reads, *each))


def _find_target(reads: BulkReads, kind: str, text: str) -> Live | None:
    """The resource that a link names; the name in an ARN may have lost its case, as SageMaker wrote it until 2023."""
    kind_contract, desired = contract(kind), _resource_name(kind, text)
    if kind_contract.kind.identity.arn_parts and not text.startswith("arn:"):
        return _find_by_id(reads, kind_contract, text)
    live = reads.describe(kind_contract, desired)
    if live is None and kind_contract.listed_id:
        return _find_by_id(reads, kind_contract, text)
    lost = live is None and text.startswith("arn:") and desired != text and desired == desired.lower()
    if not lost or kind_contract.lists is None or needs_narrowing(kind_contract.lists):
        return live
    names = (
        str(each.get(kind_contract.listed_as[0], ""))
        for page in pages(reads.cloud, kind_contract)
        for each in page
    )
    cased = [name for name in names if name.casefold() == desired.casefold()]
    return reads.describe(kind_contract, cased[0]) if len(cased) == 1 else None


def _find_by_id(reads: BulkReads, kind_contract: Contract, text: str) -> Live | None:
    """A resource by the ID that the service assigned, at the ARN's end or beside the name that its List shows."""
    if kind_contract.lists is None or needs_narrowing(kind_contract.lists):
        return None
    for page in pages(reads.cloud, kind_contract):
        for each in page:
            identifier, shown = (
                kind_contract.named_in(each),
                (kind_contract.name_member, kind_contract.listed_id),
            )
            if text in (identifier.rsplit("/", 1)[-1], *(each.get(member) for member in shown)):
                return reads.describe(kind_contract, identifier)
    return None


def missing_links(
    bundle: Bundle, unread: Iterable[Ref], others: Mapping[tuple[str, str], Live | CloudError | None]
) -> dict[Ref, tuple[str, ...]]:
    """Linked names that no document declares and no resource of the account has."""
    missing: dict[Ref, tuple[str, ...]] = {}
    for ref in unread:
        for linked in bundle.resources[ref].links:
            requested = (linked.link.to, linked.text)
            if linked.target is None and requested in others and others[requested] is None:
                missing[ref] = (*missing.get(ref, ()), f"{linked.link.to} '{linked.text}'")
    return missing


def _is_in_another_account(text: str, account: str) -> bool:
    """Whether an ARN is of another account, or of AWS: our permissions don't cover it."""
    return text.startswith("arn:") and text.split(":")[4:5] != [account]


def _resource_name(kind: str, text: str) -> str:
    """The name that Describe takes for a link's text: most take no ARN."""
    by_arn = contract(kind).key_of(contract(kind).describes) == contract(kind).arn_member
    if by_arn or not text.startswith("arn:"):
        return text
    heads = [template.removesuffix("{}") for template in contract(kind).arns if template.endswith("/{}")]
    rests = [part for head in heads if (part := text.rpartition(f":{head}")[2]) != text and "/" not in part]
    return rests[0] if rests else text
