"""Proof that a resource which Describe did not find is deleted, and the steps for missing resources.

One not-found error may be false: it may come from a lagging replica, the wrong region or a proxy, or be about another
resource. So a resource that the inventory holds counts as gone only when its kind's List, read to its end, does not
show it either. A kind without a List of its own is looked for again in a later pass (``Entry.missed``). A resource
whose deletion AWS accepted (``Entry.leaving``) needs no second answer. Shortly after a creation neither answer proves
an absence, because both may lag.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.digest import canonical
from controller.core.finding import Remedy
from controller.core.path import get
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.compare import without_empty
from controller.engine.lookup import describe, pages, tags_of
from controller.engine.observed import OWNER, Live, MissingResource, ObservedAccount, owner_of
from controller.engine.plan import Step
from controller.inventory.model import Entry, Inventory
from controller.kinds import AssignedIdentity
from controller.schema.contract import Contract, contract
from controller.schema.shape import shape


@dataclass(frozen=True)
class HeldResource:
    """A resource that the inventory holds: its name for the operations, and its ARN."""

    name: str
    arn: str


# Seconds for which reads may not show a new resource. SageMaker's reference gives no figure; the Terraform provider for
# AWS waits two minutes for what IAM is to show (propagationTimeout in internal/service/iam/wait.go).
READ_DELAY = 120
BEGUN_INTERVAL = 60  # seconds after which ``Entry.begun`` is updated: a creation is at most so much later


def _may_not_be_visible(entry: Entry, at: float) -> bool:
    """Whether the last creation is so recent that reads may not show it yet."""
    return entry.begun > 0 and 0 <= at - entry.begun < READ_DELAY + BEGUN_INTERVAL


def confirm_absence(
    cloud: Cloud, contract: Contract, entry: Entry, resource: HeldResource, *, at: float
) -> Live | MissingResource:
    """Look up a resource of the inventory that Describe did not find: the resource, or the proof of its absence.

    Args:
        cloud: the account.
        contract: the contract of its kind.
        entry: the inventory's entry of its document.
        resource: what is looked for.
        at: the time of the pass, in seconds since 1970.

    Raises:
        CloudError: a List shows it, and a second Describe was refused.

    """
    gone = MissingResource(resource.name, resource.arn, agreed=True)
    if resource.name in entry.leaving:
        return gone
    try:
        shown = is_listed(
            cloud,
            contract,
            resource,
            {**(entry.applied or {}), **(entry.attempt.by if entry.attempt else {})},
        )
    except CloudError as error:
        return replace(gone, agreed=False, doubt=f"{contract.describes.name} does not find it, and {error}")
    # An old generation was made before the newest one, whose creation is the one that is remembered.
    if not shown:
        unseen = _may_not_be_visible(entry, at)
        return replace(gone, agreed=not unseen and (shown is False or resource.name in entry.missed))
    denied = f"{contract.describes.name} does not find it, and its List shows it"
    return describe(cloud, contract, resource.name) or replace(gone, agreed=False, doubt=denied)


def find_unanswered_creation(
    cloud: Cloud, contract: Contract, entry: Entry, owner: str, known: frozenset[str], *, at: float
) -> tuple[Live, ...] | MissingResource:
    """The resource of a creation whose response was never received, or the proof that it created nothing.

    Args:
        cloud: the account.
        contract: the contract of a kind whose resources the service numbers.
        entry: the inventory's entry; its attempt has the members that identify the resource.
        owner: our owner, as the marker contains it.
        known: the names of this kind that the inventory holds already.
        at: the time of the pass, in seconds since 1970.

    Raises:
        CloudError: a sibling can't be read.

    """
    found_by, by = contract.kind.identity.found_by, entry.attempt.by if entry.attempt else {}
    agreed = "" in entry.missed and not _may_not_be_visible(entry, at)
    if not by and not (found_by and found_by.marker):
        return MissingResource("", doubt="the inventory has no record of what it should create")
    try:
        names = [name for name in siblings(cloud, contract, by) if name not in known]
    except CloudError as error:
        return MissingResource("", doubt=f"whether it was created is unknown: {error}")
    if found_by is None or not (found_by.marker or found_by.matches):
        if names:
            return MissingResource("", doubt=f"it may have created {', '.join(names)}; {Remedy.UNFINISHED}")
        return MissingResource("", agreed=agreed)
    live_resources = [
        live
        for name in names
        for live in [describe_listed(cloud, contract, name)]
        if is_same_resource(found_by, live, by, owner)
    ]
    return tuple(live_resources) or MissingResource("", agreed=agreed)


def siblings(cloud: Cloud, contract: Contract, spec: Mapping[str, Any], *, named: bool = True) -> list[str]:
    """The ARNs of the resources that List shows under the same parent; none if the parent does not exist.

    ``named``: without those whose name, or another distinguishing member, differs.

    Raises:
        CloudError: the List was refused, or can't be narrowed.

    """
    narrowed = list_parameters(contract, spec)
    if contract.lists is None or narrowed is None:
        raise CloudError(Fault.INVALID, "NoList", "nothing lists it", contract.describes.name)
    try:
        return [
            str(each[contract.listed_as[1]])
            for page in pages(cloud, contract, narrowed)
            for each in page
            if not (named and _differs(contract, each, spec))
        ]
    except CloudError as error:
        if error.fault is Fault.MISSING and parent_is_gone(cloud, contract, narrowed):
            return []
        raise


def _differs(contract: Contract, element: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
    """Whether a List's element has another text in a member that distinguishes one resource from another."""
    found_by = contract.kind.identity.found_by
    matches = found_by.matches if found_by else ()
    return any(
        isinstance(element.get(member), str) and element[member] != spec.get(member) for member in matches
    )


def describe_listed(cloud: Cloud, contract: Contract, name: str) -> Live:
    """Describe a resource that a List shows.

    Raises:
        CloudError: it can't be read; a not-found error is no proof of absence here.

    """
    live = describe(cloud, contract, name)
    if live is None:
        message = f"it does not find '{name}', which its List shows"
        raise CloudError(Fault.UNKNOWN, "Contradiction", message, contract.describes.name)
    return live


def is_same_resource(found_by: AssignedIdentity, live: Live, spec: Mapping[str, Any], owner: str) -> bool:
    """Whether a sibling is the desired one: by our marker, or by its identifying members."""
    if found_by.marker:
        return bool(live.body.get(found_by.marker, {}).get(OWNER) == owner)
    return all(
        canonical(without_empty(live.body.get(member))) == canonical(without_empty(spec.get(member)))
        for member in found_by.matches
    )


def select_sibling(
    cloud: Cloud, contract: Contract, fitting: Iterable[Live], owner: str, named: str
) -> Live | None:
    """The resource of a document, of those that fit it; one that is being deleted is the last choice.

    Where names are not unique several may fit: then it is the one with our ownership tag, or the one that
    ``policy.arn`` names. The newest of those with our marker is ours.

    Raises:
        CloudError: several fit and it is ambiguous which one is meant, or their tags can't be read.

    """
    found_by, live_resources = contract.kind.identity.found_by, list(fitting)
    live_resources = [live for live in live_resources if live.phase is not Phase.DELETING] or live_resources
    if len(live_resources) <= 1 or not contract.taggable or (found_by and found_by.marker):
        return max(live_resources, key=lambda live: live.modified, default=None)
    owned = [live for live in live_resources if owner_of(tags_of(cloud, live.arn)) == owner]
    chosen = owned or [live for live in live_resources if live.arn == named]
    if len(chosen) == 1:
        return chosen[0]
    arns = ", ".join(sorted(live.arn for live in chosen or live_resources))
    number = len(chosen or live_resources)
    message = f"{number} resources fit this document, and none is taken: {arns}; name one in policy.arn"
    operation = contract.lists.name if contract.lists else contract.describes.name
    raise CloudError(Fault.INVALID, "SeveralFit", message, operation)


def identifying_members(contract: Contract, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a spec by which a resource that the service numbers is found again; none for other specs."""
    found_by = contract.kind.identity.found_by
    if found_by is None or found_by.when not in spec:
        return {}
    required = shape(contract.lists.input).required if contract.lists else frozenset()
    paths = {
        found_by.when,
        *(path.split(".")[0] for path in found_by.listed_by.values()),
        *found_by.matches,
        *required,
    }
    return {member: spec[member] for member in sorted(paths) if member in spec}


def is_listed(
    cloud: Cloud, contract: Contract, resource: HeldResource, spec: Mapping[str, Any]
) -> bool | None:
    """Whether the kind's List shows a resource; None where there is no List that is independent of Describe.

    Args:
        cloud: the account.
        contract: the contract of its kind.
        resource: what is looked for.
        spec: the known part of its spec with AWS member names, for a List that requires a parent.

    Raises:
        CloudError: the List was refused; a part of it proves nothing.

    """
    names = {resource.name.casefold(), resource.arn.casefold()} - {""}
    narrowed = list_parameters(contract, spec)
    if contract.lists is None or contract.listed_only or narrowed is None or not has_listed_key(contract):
        return None
    takes, key = shape(contract.lists.input).members, contract.key_parts(resource.name)
    narrowed |= {f"{member}Equals": text for member, text in key.items() if f"{member}Equals" in takes}
    if "NameContains" in takes and not (key or resource.name.startswith("arn:")):
        narrowed["NameContains"] = resource.name
    try:
        return any(
            names & _names(contract, each) for page in pages(cloud, contract, narrowed) for each in page
        )
    except CloudError as error:
        if error.fault is Fault.MISSING and parent_is_gone(cloud, contract, {**narrowed, **key}):
            return False
        raise


def has_listed_key(contract: Contract) -> bool:
    """Whether a List's elements identify their resources: for a kind with a written key, by all of its members."""
    key = contract.kind.identity.key
    if key is None or contract.lists is None:
        return key is None
    of = shape(shape(shape(contract.lists.output).members[contract.page_member]).element)
    return bool(key) and set(key) <= of.members.keys()


def parent_is_gone(cloud: Cloud, kind_contract: Contract, narrowed: Mapping[str, Any]) -> bool:
    """Whether the parent that a List requires does not exist, so that its children do not either.

    Raises:
        CloudError: the parent can't be read.

    """
    parents = [link for link in kind_contract.kind.identity.links if link.field in narrowed]
    return any(describe(cloud, contract(link.to), str(narrowed[link.field])) is None for link in parents)


def list_parameters(contract: Contract, spec: Mapping[str, Any]) -> dict[str, Any] | None:
    """The parameters with which List shows all resources that may be of this spec; None where unknown."""
    if contract.lists is None:
        return None
    found_by = contract.kind.identity.found_by
    paths = dict(found_by.listed_by) if found_by else {}
    paths |= {member: member for member in shape(contract.lists.input).required}
    found = {member: get(spec, tuple(path.split("."))) for member, path in paths.items()}
    if any(found[member] is None for member in shape(contract.lists.input).required):
        return None
    return {
        **contract.kind.identity.fixed,
        **{member: value for member, value in found.items() if value is not None},
    }


def _names(contract: Contract, element: Mapping[str, Any]) -> frozenset[str]:
    if contract.kind.identity.key:
        return frozenset({contract.named_in(element).casefold()})
    return frozenset(str(element[member]).casefold() for member in contract.listed_as if member in element)


OUTSIDE = "it was deleted outside of sagectl"
_ONCE = "it was not found; it counts as deleted outside of sagectl if the next pass does not find it either"
_BEGUN = "its creation was started and its result is unknown; the next pass searches again"


def missing_steps(
    inventory: Inventory, observed: ObservedAccount, refs: Iterable[Ref], *, requested: bool
) -> list[Step]:
    """A step for each resource of these documents that is missing.

    Args:
        inventory: the inventory.
        observed: what was seen.
        refs: whose resources.
        requested: whether a deletion was requested, which must not be reported as done.

    """
    return [
        step
        for ref in sorted(refs)
        for each in observed.missing.get(ref, ())
        if (step := _missing_step(ref, each, inventory.of(ref), requested=requested)) is not None
    ]


def _missing_step(ref: Ref, each: MissingResource, entry: Entry, *, requested: bool) -> Step | None:
    ident = str(ref) if each.name in ("", entry.name) else f"{ref}@{each.name}"
    if each.agreed:
        outside = Step(ident, ref, Action.FORGET, Reason.DELETED_OUTSIDE, each.name, each.arn, OUTSIDE)
        return None if is_expected(each, entry) else outside
    if not each.doubt:
        message = _ONCE if each.name else _BEGUN
        return Step(ident, ref, Action.WAIT, Reason.NOT_FOUND_ONCE, each.name, each.arn, message)
    action = Action.BLOCKED if requested else Action.NOOP
    why = Reason.UNREADABLE if each.name else Reason.CREATION_UNFINISHED
    return Step(ident, ref, action, why, each.name, each.arn, f"it stays in the inventory: {each.doubt}")


def is_expected(each: MissingResource, entry: Entry) -> bool:
    """Whether its absence is expected: we deleted it, or it was never created."""
    made = entry.was_made if each.name == entry.name else any(old.name == each.name for old in entry.old)
    return each.name in entry.leaving or not made
