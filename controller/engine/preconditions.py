"""Proofs before a deletion or a replacement, read from the account immediately before the call."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.path import expand, get
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.lookup import (
    carries_tags,
    describe,
    is_gone,
    needs_narrowing,
    phase_of_status,
    tags_of,
)
from controller.engine.observed import Live, is_protected, owner_of
from controller.engine.plan import Step
from controller.engine.shared_reads import Elements, SharedReads
from controller.kinds import KINDS, DeleteBlocker, Impact, Kind, Link, TargetForm
from controller.schema.contract import Contract, contract, listed_kind
from controller.schema.identifiers import applicable_links, named_within
from controller.schema.names import lower_camel
from controller.schema.shape import Operation, required_operation, shape

T = TypeVar("T")


def users_of_kind(kind: str) -> tuple[str, ...]:
    """The kinds that have a field naming this kind."""
    return tuple(name for name, row in KINDS.items() if any(link.to == kind for link in row.identity.links))


def needs_proof(of: Contract) -> bool:
    """Whether a deletion requires a proof that nothing uses the resource, because the service would not refuse it."""
    return of.kind.lifecycle.unguarded or of.kind.lifecycle.has_hashed_names


def still_in_use(cloud: Cloud, step: Step, reads: SharedReads) -> str:
    """The dependent of the resource that the step would delete, ours or not; empty if there is provably none.

    Every resource of every kind that can name it is read: List does not show what an endpoint runs on, and a search
    index may lag. A kind whose List the region lacks has no resources there. Deletions at about the same time share
    these reads.

    Raises:
        CloudError: a read was refused, so nothing is proved.

    """
    for kind in step.proofs:
        if next(_users(cloud, kind, step, reads), None) is None:
            continue
        # an earlier read of a dependent may be outdated, and no other read would follow soon
        for name in _users(cloud, kind, step, reads.empty()):
            return f"{kind} '{name}' is still on it"
    return ""


def _users(cloud: Cloud, kind: str, step: Step, reads: SharedReads) -> Iterator[str]:
    """The resources of one kind that name the step's resource; of jobs only those in progress."""
    user = contract(kind)
    links = [
        link for link in user.kind.identity.links if link.to == step.ref.kind and link.by is not TargetForm.ID
    ]
    key = user.kind.identity.key
    if key is not None and any(key == (link.field,) for link in links):
        # Where the key is the link, there is at most one.
        yield from (name for name in [str(step.name)] if _describe_for_proof(cloud, user, name))
        return
    if user.listed_only:  # an association blocks the deletion of both of its ends
        yield from _named_in_list(cloud, user, [link for link in links if link.within], step, reads)
        return
    narrowed = _list_filters(user, links, step)
    summaries = tuple(
        each
        for each in _candidates(cloud, user, narrowed or {}, reads)
        if phase_of_status(user, each.get(user.status_member)) is not Phase.ABSENT  # it may stay listed
    )
    if narrowed and not user.kind.lifecycle.runs:
        # The List proves it; its elements may lack a part of their key.
        yield from (user.named_in(each) for each in summaries)
        return
    for name, live in _iterate_for_proof(reads.describe_each(cloud, user, summaries)):
        if live is not None and user.kind.lifecycle.runs and live.phase is not Phase.CHANGING:
            continue
        # List shows it, so a not-found error of Describe proves nothing
        if live is None or narrowed or _names(live.body, user.kind, links, step):
            yield name


def _named_in_list(
    cloud: Cloud, user: Contract, links: list[Link], step: Step, reads: SharedReads
) -> Iterator[str]:
    """The elements of a kind's List that name the step's resource within a text."""
    own_name = contract(step.ref.kind).link_name(str(step.name)).casefold()
    for each in _candidates(cloud, user, {}, reads) if links else ():
        names = (named_within(link, str(each.get(link.field, ""))) for link in links)
        if any(name and name.casefold() == own_name for name in names):
            yield user.named_in(each)


def _list_filters(user: Contract, links: list[Link], step: Step) -> dict[str, Any] | None:
    """The parameters that narrow a List to a resource's dependents, if it filters by all their links; else None."""
    filters = shape(user.lists.input).members if user.lists else {}
    if not links or not all(link.field in filters for link in links):
        return None
    name = contract(step.ref.kind).link_name(str(step.name))
    return {link.field: step.arn if link.by is TargetForm.ARN else name for link in links}


def _candidates(cloud: Cloud, user: Contract, narrowed: Mapping[str, Any], reads: SharedReads) -> Elements:
    """The resources of a kind that may be dependents; of jobs only those in progress: an ended one uses nothing."""
    if user.lists is None:
        return ()
    filters, narrowed = shape(user.lists.input).members, {**user.kind.identity.fixed, **narrowed}
    if not user.kind.lifecycle.runs or "StatusEquals" not in filters:
        found = _list_for_proof(cloud, user.lists, narrowed, reads)
        return tuple(each for each in found if not is_gone(user, each))
    active = [
        word for word in shape(filters["StatusEquals"]).enum if phase_of_status(user, word) is Phase.CHANGING
    ]
    each = (_list_for_proof(cloud, user.lists, {**narrowed, "StatusEquals": word}, reads) for word in active)
    return tuple(chain.from_iterable(each))


def _names(body: Mapping[str, Any], row: Kind, links: list[Link], step: Step) -> bool:
    """Whether a live body names the step's resource, by its name or its ARN, in any field that may.

    A name is unique within its parent only, so the parents that both kinds name must be the same.
    """
    target, key = contract(step.ref.kind), str(step.name)
    if any(
        str(body.get(member, value)).casefold() != str(value).casefold()
        for member, value in _parents(target, key, row).items()
    ):
        return False
    identifiers = {target.link_name(key).casefold(), step.arn.casefold()} - {""}
    links = list(applicable_links(links, body))
    shown = [row.compare.reads[link.field](body) for link in links if link.field in row.compare.reads]
    fields = [
        member for link in links for member in (link.field, *link.held) if member not in row.compare.reads
    ]
    shown += [value for field in fields for _, value in expand(body, field)]
    return any(str(value).casefold() in identifiers for value in shown)


def _parents(target: Contract, key: str, user: Kind) -> dict[str, Any]:
    """The members of a target's written key that link to what the user's member of that name links to as well."""
    if target.kind.identity.key is None:
        return {}
    common = {(link.field, link.to) for link in target.kind.identity.links}
    common &= {(link.field, link.to) for link in user.identity.links}
    parts = target.key_parts(key)
    return {member: parts[member] for member, _ in common if member in parts}


def _describe_for_proof(cloud: Cloud, of: Contract, name: str) -> Live | None:
    try:
        return describe(cloud, of, name)
    except CloudError as error:
        raise with_permission(error) from error


def _iterate_for_proof(found: Iterator[T]) -> Iterator[T]:
    """A read for a proof.

    Raises:
        CloudError: a read was refused; if access was denied, the message names the missing permission.

    """
    try:
        yield from found
    except CloudError as error:
        raise with_permission(error) from error


def _list_for_proof(
    cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any], reads: SharedReads
) -> Elements:
    """The elements of a List that a deletion depends on; none where the region lacks the operation.

    Raises:
        CloudError: a page was refused; if access was denied, the message names the missing permission.

    """
    try:
        return reads.list_elements(cloud, lists, narrowed)
    except CloudError as error:
        raise with_permission(error) from error


def with_permission(error: CloudError) -> CloudError:
    """The error, with the missing permission if access was denied."""
    if error.fault is not Fault.DENIED:
        return error
    message = f"{error.message}; what uses it is not known, so it is kept: allow sagemaker:{error.operation}"
    return CloudError(error.fault, error.code, message, error.operation)


def deletion_blockers(
    cloud: Cloud, step: Step, reads: SharedReads, *, lasting: bool = False, refused: bool | None = None
) -> str:
    """The text about what must be deleted before the step's resource, ours or not; empty if nothing blocks it.

    Args:
        cloud: where to look.
        step: what would delete.
        reads: what deletions share.
        lasting: leave out blockers that end without a deletion, such as a job.
        refused: consider only blockers that the service enforces (True), or only others (False); None for both.

    Raises:
        CloudError: a List page was refused, so nothing is proved.

    """
    for blocker in KINDS[step.ref.kind].lifecycle.delete_blockers:
        if (lasting and blocker.states) or refused not in (None, blocker.refused):
            continue
        of = contract(step.ref.kind)
        if next(blocking_elements(cloud, blocker, of, str(step.name), step.arn, reads=reads), None) is None:
            continue
        for each in blocking_elements(cloud, blocker, of, str(step.name), step.arn, reads=reads.empty()):
            return f"'{_element_name(blocker, each)}' ({blocker.lists}) must be deleted first"
    return ""


def blocking_elements(
    cloud: Cloud, blocker: DeleteBlocker, of: Contract, name: str, arn: str, *, reads: SharedReads
) -> Iterator[Mapping[str, Any]]:
    """The elements of a blocker's List that block the deletion of a resource.

    A List that filters by the members of the resource's identity (``DomainIdEquals``) is narrowed by them.

    Raises:
        CloudError: a List page was refused, so nothing is proved.

    """
    lists = required_operation(blocker.lists)
    takes = shape(lists.input).members
    own_name = arn if blocker.by.endswith("Arn") else of.link_name(name)
    own = of.address(of.describes, name)
    narrowed = {f"{member}Equals": value for member, value in own.items() if f"{member}Equals" in takes}
    narrowed |= {blocker.by: own_name} if blocker.by in takes else {}
    if narrowed and reads.is_batch(of.name) and _none_is_listed(cloud, blocker, narrowed, reads):
        return
    for each in _list_for_proof(cloud, lists, narrowed, reads):
        named = not blocker.by or blocker.by in takes or get(each, tuple(blocker.by.split("."))) == own_name
        if named and _counts(blocker, each):
            yield each


def _none_is_listed(
    cloud: Cloud, blocker: DeleteBlocker, narrowed: Mapping[str, Any], reads: SharedReads
) -> bool:
    """Whether the whole List, read once for several deletions, proves that the narrowed one is empty."""
    lists, kind = required_operation(blocker.lists), listed_kind(blocker.lists)
    given = kind.kind.identity.fixed if kind else {}
    if needs_narrowing(lists, given):
        return False
    found = reads.list_unless_large(cloud, lists, given)
    return found is not None and not any(_may_be_named(each, narrowed) for each in found)


def _may_be_named(element: Mapping[str, Any], narrowed: Mapping[str, Any]) -> bool:
    """Whether a List narrowed to these members may show an element, which may lack some of them."""
    shown = {member: element.get(member.removesuffix("Equals")) for member in narrowed}
    return all(
        value is None or str(value).casefold() == str(narrowed[member]).casefold()
        for member, value in shown.items()
    )


def _counts(blocker: DeleteBlocker, element: Mapping[str, Any]) -> bool:
    parts = {value for name, value in element.items() if name.endswith("Status")}
    return not blocker.states or bool(parts & blocker.states)


def _element_name(blocker: DeleteBlocker, element: Mapping[str, Any]) -> str:
    """The name of a List's element: its kind's name member, else the first name or ARN in it."""
    kind = listed_kind(blocker.lists)
    own = element.get(kind.name_member) if kind else None
    names = (str(value) for name, value in element.items() if name.endswith(("Name", "Arn")))
    return str(own) if own else next(names, "something")


def ownership_lost(cloud: Cloud, step: Step, owner: str, reads: SharedReads) -> str:
    """Why the tags of the live resource do not permit its deletion.

    For many deletions at about the same time the tagging index is read. It may lag, so ListTags is called where it does
    not show our owner, and before each deletion that causes an outage or a loss of data. A resource that is replaced
    may also carry the owner that the plan showed, because policy.adopt takes it over.

    Raises:
        CloudError: its tags can't be read, which includes a not-found error.

    """
    if not carries_tags(contract(step.ref.kind), step.before or {}):
        return ""
    if step.action is Action.DELETE and not step.is_harmful:
        indexed = reads.tags(cloud, step.arn)
        if indexed is not None and owner_of(indexed) == owner and not is_protected(indexed):
            return ""
    tags = tags_of(cloud, step.arn)
    if is_protected(tags):
        return "it carries the protection tag"
    seen = step.seen.tags if step.action is Action.REPLACE and step.seen else None
    if owner_of(tags) in {owner, owner if seen is None else owner_of(seen)}:
        return ""
    return f"its ownership tag names {owner_of(tags) or 'nobody'}"


def alternative_to_replacement(of: Contract, name: str, *, fixed: bool = True) -> str:
    """How to make the change without deleting the resource in use: a clause for a message.

    Args:
        of: the kind.
        name: the AWS name that stays.
        fixed: whether the document has that name in its spec.

    """
    if not fixed:
        return (
            f"'{name}' was recreated with another spec outside of sagectl;"
            " delete it once nothing uses it, and apply again"
        )
    member = f"spec.{lower_camel(of.name_member)}"
    if of.kind.lifecycle.runs:
        return f"leave out {member}, so that each spec has a run of its own and the record of '{name}' stays"
    if of.kind.lifecycle.has_hashed_names:
        generation = f"the next apply then makes a new generation beside '{name}', moves what uses it"
        return f"leave out {member}: {generation}, and deletes '{name}' once nothing is proved to use it"
    return f"write a document with another name, move what uses '{name}' to it, and delete this one last"


def before_adoption(name: str) -> str:
    """What to do if a resource to adopt differs from its document: a clause for a message."""
    return (
        f"'{name}' is not yet managed here, so no new generation is made beside it. Write what it has, as an"
        " export does, and apply; after that a change makes a new generation, moves what uses it, and deletes"
        f" '{name}' once nothing is proved to use it. Or leave out policy.arn for a resource of its own, and '{name}'"
        " stays as it is"
    )


def replacement_loss(of: Contract, name: str) -> str:
    """The harm of ``policy.replace: Allow`` to a resource: a clause for a message."""
    losses = (each for each in of.kind.lifecycle.consequences if each.impact is Impact.LOSES)
    lost = "".join(f"; {each.text}" for each in losses if Action.REPLACE in each.on)
    return f"policy.replace: Allow deletes '{name}' and only then creates it again, so for a while there is none{lost}"


def blocked_while_used(step: Step, cloud: Cloud, reads: SharedReads) -> Step:
    """The step, blocked if it would replace a resource in use; only replacements cause reads.

    The account is read, not the documents: a dependent may belong to another set or to nobody.
    """
    if step.action is not Action.REPLACE:
        return step
    proved = replace(step, proofs=users_of_kind(step.ref.kind))
    try:
        user = still_in_use(cloud, proved, reads) or deletion_blockers(cloud, proved, reads, lasting=True)
    except CloudError as error:
        detail = f"{step.detail}; whether anything uses it can't be read: {error}"
        return replace(proved, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=detail, calls=())
    if not user:
        return proved
    detail = f"{step.detail}; {in_use(step, user)}"
    return replace(proved, action=Action.BLOCKED, why=Reason.STILL_USED, detail=detail, calls=())


def in_use(step: Step, user: str) -> str:
    """Why a replacement is refused, with the alternative."""
    way = alternative_to_replacement(contract(step.ref.kind), str(step.name))
    return f"it is not deleted and created again, for {user}; {way}"
