"""Objects that are deleted at about the same time, whose passes share reads of AWS.

Each object has a pass of its own. Deletions are recorded when they are first seen, and wait a moment in which others
may follow, so that the passes share pages of Lists and of the tagging index.
"""

from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.bulk_reads import Summary, is_unchanged, lists_changes, shared_list
from controller.engine.lookup import STAMPS, phase
from controller.engine.observed import Live, PriorReads
from controller.engine.report import Report, Result
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import Entry, InventoryError
from controller.operator.accounts import Accounts
from controller.operator.cached_object import Item
from controller.operator.object_inventory import entry_of
from controller.schema.contract import contract

_SECOND = 19  # characters of an ISO time up to its second


def recorded_entry(item: Item) -> Entry:
    """The entry of an object; an empty one if its memory can't be read, which its pass reports."""
    try:
        return entry_of(item)
    except InventoryError:
        return Entry(item.ref)


def expect_deletion(item: Item, accounts: Accounts) -> None:
    """Record that an object's resource will be deleted, unless its ARN is of another account."""
    entry = recorded_entry(item)
    try:
        cloud = accounts.of(item.ref.namespace)
    except CloudError:
        return  # its pass reports it
    if cloud is not None and entry.arn.split(":")[3:5] == [cloud.identity.region, cloud.identity.account]:
        accounts.reads(cloud.identity).expect(item.ref.kind, entry.arn)


def prior_reads(
    live: Live | None, entry: Entry, cloud: Cloud, reads: SharedReads, known: PriorReads
) -> PriorReads:
    """The observations that a deleting pass need not repeat: a resource that a shared List shows unchanged.

    Args:
        live: the last observation; None if there is none.
        entry: the object's entry.
        cloud: where to look.
        reads: what the deletions share.
        known: the observations of other objects.

    """
    of = contract(entry.ref.kind)
    if live is None or live.name != entry.name or not lists_changes(of.name):
        return known
    if not (live.body or of.taggable):
        return known  # only its body identifies the instance
    found = shared_list(cloud, of, reads)
    summary = found.of(live.name) if found is not None else None
    if summary is None or not (is_unchanged(of, summary, live.body) if live.body else is_as_made(summary)):
        return known
    if str(summary.get(of.listed_as[1], live.arn)) != live.arn:
        return known
    seen = replace(live, phase=phase(of, live.body or summary), tags=None)  # they are read by the pass
    return replace(known, left={**known.left, (entry.ref, live.name): seen})


def is_as_made(summary: Summary) -> bool:
    """Whether a List shows that a resource is unchanged since its creation."""
    return len({str(summary[name])[:_SECOND] for name in STAMPS if name in summary}) == 1


def resource_in_deletion(report: Report, ref: Ref) -> Live | None:
    """The resource whose deletion a pass began and AWS has not finished; None if there is none."""
    begun = (each.step for each in report.outcomes if each.step.ref == ref and each.result is Result.STARTED)
    step = next(begun, None)
    return None if step is None else Live(str(step.name), step.arn, Phase.DELETING, {})
