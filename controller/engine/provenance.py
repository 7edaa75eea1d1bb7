"""Proof that a live resource without an ownership tag is the one that was created or adopted here.

Some kinds take no tags, and a marker may be removed. For these a name in the inventory is no proof: somebody else may
have recreated the resource, and whoever can write the inventory can write any name into it. So the inventory records
beside the name what identifies the instance (``Entry.instance``): the ARN that the service assigned, or the creation
time, or, if it shows neither, a digest of the content. It is recorded when the resource is created or adopted, and
compared before each change and deletion.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from controller.core.cloud import Cloud, CloudError, Json
from controller.core.digest import digest
from controller.core.phase import Action
from controller.engine.compare import parse_json
from controller.engine.lookup import carries_tags, describe
from controller.engine.observed import DIGEST, OWNER, Live, digest_tag, owner_of
from controller.engine.plan import Step
from controller.inventory.model import DELETION, PENDING, UNPROVED, Entry
from controller.schema.contract import Contract, contract

_CREATED = ("CreationTime", "CreatedAt")
_ADOPT = (
    "it stays; if it is yours, policy.adopt: IfUnowned on its document takes it over, and it is then changed to what"
    " that says, and deleted with it"
)
_BY_HAND = "if it is to go, delete it by hand"
MOST_SENT = 16  # digest tags of unfinished attempts that are kept; older ones are forgotten
_UNREAD = f"{PENDING} {PENDING}"  # created, not read since, and about to be created again


def without_proof(entry: Entry) -> Entry:
    """The entry of an inventory that is not trusted: it names a resource, but proves nothing."""
    old = tuple(replace(each, instance=UNPROVED) for each in entry.old)
    return replace(entry, instance=UNPROVED, old=old)


def owner_shown(contract: Contract, live: Live) -> str | None:
    """The owner by tag or marker; None if the resource can carry neither, so that the inventory must prove it."""
    if carries_tags(contract, live.body):
        return None if live.tags is None else owner_of(live.tags)
    found_by = contract.kind.identity.found_by
    marks: Mapping[str, str] = (live.body.get(found_by.marker) if found_by else None) or {}
    return marks.get(OWNER) or None


def instance_of(contract: Contract, live: Live) -> str:
    """What distinguishes this resource from another one of its name.

    The ARN of a numbered resource is never reused. Time and ARN are those that Describe shows.
    """
    if _is_assigned(contract):
        return live.arn
    created = next((live.body[name] for name in _CREATED if name in live.body), None)
    if created is not None:
        return created.astimezone(UTC).isoformat() if isinstance(created, datetime) else str(created)
    return digest({name: parse_json(value) for name, value in live.body.items()})


def is_held(entry: Entry, live: Live) -> bool:
    """Whether the inventory holds this resource, according to its name and tags.

    After a creation with unknown outcome somebody else may have created a resource of that name, with a copy of our
    ownership tag. Ours carries a digest that was sent with it.
    """
    if not entry.holds(live.name):
        return False
    old = next((each for each in entry.old if each.name == live.name), None)
    arn, sent = (old.arn, old.sent or None) if old else (entry.arn, sent_with(entry))
    if arn == live.arn != "" or sent is None or not carries_tags(contract(entry.ref.kind), live.body):
        return True
    tag = (live.tags or {}).get(DIGEST, "")
    return tag != "" and tag in sent


def sent_with(entry: Entry) -> tuple[str, ...] | None:
    """The digest tags of a creation with unknown outcome; None if there is none.

    An earlier version recorded the digest of the last attempt only.
    """
    attempt = entry.attempt
    if attempt is None or attempt.sent:
        return attempt.sent if attempt else None
    return None if entry.was_made or attempt.digest == DELETION else (digest_tag(attempt.digest),)


def sent_after(entry: Entry, step: Step, name: str) -> tuple[str, ...]:
    """The digest tags that identify the resource of a creation or adoption, if its outcome stays unknown."""
    here = step.numbered or entry.name in ("", name)
    before = entry.attempt.sent if entry.attempt and here else ()
    if not (step.action.creates or step.action is Action.ADOPT) or not step.digest:
        return before if contract(step.ref.kind).taggable else ()
    now = digest_tag(step.digest)
    return (*(each for each in before if each != now), now)[-MOST_SENT:]


def may_change(contract: Contract, entry: Entry, live: Live) -> bool:
    """Whether the inventory permits a document to change a resource that carries no owner.

    Where only the content identifies the instance, changed content is drift, which a document corrects. An inventory
    file of an earlier version has no instance; it is trusted, and the instance is recorded as soon as the resource
    equals its document.
    """
    if entry.name != live.name or entry.instance == UNPROVED:
        return False
    if _is_pending(entry.instance):
        return entry.attempt is not None
    if not entry.instance:
        return entry.applied is not None or entry.attempt is not None
    return not _instances_differ(contract) or entry.instance == instance_of(contract, live)


def retention_reason(contract: Contract, entry: Entry, live: Live) -> str:
    """Why a resource that carries no owner is not deleted; empty if it is proved to be ours."""
    known = {each.name: each.instance for each in entry.old} | {entry.name: entry.instance}
    instance = known.get(live.name)
    if instance is None:
        return "the inventory does not hold it, and it carries no ownership tag, so it stays"
    if _is_pending(instance):
        return "" if entry.attempt is not None else "it was not made here, so it stays"
    if not instance:
        return (
            "the inventory names it, and nothing in it proves that this is still the one that was made here (an "
            f"earlier version wrote it): apply its document once, so that it is known again. {_BY_HAND}"
        )
    return "" if instance == instance_of(contract, live) else _another_reason(contract, instance)


def _another_reason(contract: Contract, instance: str) -> str:
    """Why a resource is not the recorded one."""
    if instance == UNPROVED:
        return f"{untrusted_reason(contract)}; {_ADOPT}. {_BY_HAND}"
    if not _instances_differ(contract):
        return (
            "it is not what was last applied: somebody else wrote it since, and it stays. If it is yours, a change "
            f"through its document makes it the one that is known. {_BY_HAND}"
        )
    return f"another made it anew since ours was made ({instance}), so it stays. {_BY_HAND}"


def untrusted_reason(contract: Contract) -> str:
    """Why the entry of a resource without an ownership tag is no proof."""
    return (
        "what is remembered of it has no valid signature (an earlier version wrote it, it was altered, or the "
        f"operator's key is another), and no {contract.name} shows an owner in AWS"
    )


def instance_made(cloud: Cloud, step: Step, answer: Json) -> str:
    """The instance that a step has created or written; empty if a tag proves it, or if it can't be read now."""
    kind_contract = contract(step.ref.kind)
    if kind_contract.taggable or not (step.action.creates or step.action is Action.UPDATE):
        return ""
    if _is_assigned(kind_contract):
        return kind_contract.arn_in(answer)
    if step.action is Action.UPDATE and _instances_differ(kind_contract):
        return ""
    try:
        live = describe(cloud, kind_contract, str(step.name))
    except CloudError:
        return ""
    return instance_of(kind_contract, live) if live else ""


def entry_before_creation(entry: Entry, step: Step, before: str) -> Entry:
    """The entry before a creation, whose outcome a crash leaves unknown; a refusal restores the instance ``before``."""
    kind_contract = contract(step.ref.kind)
    if kind_contract.taggable or _is_assigned(kind_contract) or not step.action.creates:
        return entry
    return replace(entry, instance=before if before == _UNREAD else f"{PENDING} {before}".strip())


def entry_after_refusal(entry: Entry) -> Entry:
    """The entry after a creation that created nothing."""
    if entry.attempt is not None or not _is_pending(entry.instance):
        return entry
    return replace(entry, instance=entry.instance.removeprefix(PENDING).strip() or PENDING)


def entry_after_read(entry: Entry, live: Live | None) -> Entry:
    """The entry with the instance of a found resource, if only the attempt that ends now proved it to be ours."""
    if live is None or entry.attempt is None or not _is_pending(entry.instance):
        return entry
    return replace(entry, instance=instance_of(contract(entry.ref.kind), live))


def _is_pending(instance: str) -> bool:
    return instance.startswith(PENDING)


def entry_after_step(entry: Entry, step: Step, live: Live | None, made: str, owner: str) -> Entry:
    """The entry with the instance of the resource that a step created, adopted, or found unchanged.

    Args:
        entry: the entry to record, otherwise complete.
        step: the step.
        live: the resource before the step.
        made: the result of ``instance_made``.
        owner: the owner of the entry.

    """
    kind_contract = contract(step.ref.kind)
    if step.action.creates:
        instance = "" if kind_contract.taggable else made or PENDING
    elif live is None:
        instance = entry.instance
    elif owner_shown(kind_contract, live) == owner or (
        carries_tags(kind_contract, live.body) and step.action is Action.ADOPT
    ):
        instance = ""
    elif carries_tags(kind_contract, live.body):
        instance = entry.instance
    else:
        instance = _instance_of(kind_contract, entry, step, live, made)
    return entry if instance == entry.instance else replace(entry, instance=instance)


def _instance_of(contract: Contract, entry: Entry, step: Step, live: Live, made: str) -> str:
    """The instance of a resource that carries no owner, after it was adopted, written or found unchanged."""
    if step.action is Action.ADOPT:
        return made or instance_of(contract, live)
    fresh = (not entry.instance or _is_pending(entry.instance)) and not contract.kind.lifecycle.shared
    return made or (instance_of(contract, live) if fresh else entry.instance)


def _is_assigned(contract: Contract) -> bool:
    """Whether the ARN alone identifies an instance, because the service assigns it."""
    return contract.kind.identity.found_by is not None and not contract.kind.identity.found_by.marker


def _instances_differ(contract: Contract) -> bool:
    """Whether ARN or creation time identify an instance, and not its content."""
    return _is_assigned(contract) or any(name in contract.body.members for name in _CREATED)
