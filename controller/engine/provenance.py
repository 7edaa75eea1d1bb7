"""Which live resource is the very one that was made or adopted here, where no ownership tag says so.

Some kinds take no tags, and a marker may be removed. For these a name in the inventory proves nothing: the name may
be somebody else's by now, and whoever can write the inventory can write any name into it. So the inventory keeps
beside the name what the service shows of the instance (``Entry.instance``): the ARN that it assigned, or the creation
time, or, where it shows neither, a digest of what is there. It is noted when the resource was made or adopted, and
compared before each change and deletion.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from controller.core.cloud import Cloud, CloudError, Json
from controller.core.digest import digest
from controller.core.phase import Action
from controller.engine.compare import parsed
from controller.engine.lookup import carries_tags, describe
from controller.engine.observed import DIGEST, OWNER, Live, digest_tag, owner_of
from controller.engine.plan import Step
from controller.inventory.model import DELETION, PENDING, UNPROVED, Entry
from controller.schema.contract import Contract, contract

_CREATED = ("CreationTime", "CreatedAt")
_MAKES = frozenset({Action.CREATE, Action.SUCCEED, Action.REPLACE})
_ADOPT = (
    "it stays; if it is yours, policy.adopt: IfUnowned on its document takes it over, and it is then changed to what"
    " that says, and deleted with it"
)
_BY_HAND = "if it is to go, delete it by hand"
MOST_SENT = 16  # a tag of a creation that was tried before so many edits is not known again
_UNREAD = f"{PENDING} {PENDING}"  # made once, not seen since, and about to be made again


def unproved(entry: Entry) -> Entry:
    """An entry of an inventory that is not trusted: it says where to look, and proves nothing."""
    old = tuple(replace(each, instance=UNPROVED) for each in entry.old)
    return replace(entry, instance=UNPROVED, old=old)


def owner_shown(contract: Contract, live: Live) -> str | None:
    """The owner that the resource itself names; None where it can name none, and the inventory has to prove it."""
    if carries_tags(contract, live.body):
        return None if live.tags is None else owner_of(live.tags)
    found_by = contract.kind.identity.found_by
    marks: Mapping[str, str] = (live.body.get(found_by.marker) if found_by else None) or {}
    return marks.get(OWNER) or None


def instance_of(contract: Contract, live: Live) -> str:
    """What distinguishes this very resource from another of its name.

    The ARN of a numbered resource is never used again. Time and ARN are those that Describe shows.
    """
    if _is_assigned(contract):
        return live.arn
    created = next((live.body[name] for name in _CREATED if name in live.body), None)
    if created is not None:
        return created.astimezone(UTC).isoformat() if isinstance(created, datetime) else str(created)
    return digest({name: parsed(value) for name, value in live.body.items()})


def is_held(entry: Entry, live: Live) -> bool:
    """Whether the inventory holds this very resource, as far as its name and tags show.

    A creation whose end is not known leaves a name under which somebody else may have made a resource meanwhile, with
    our ownership tag copied. Ours carries a digest that was sent with it.
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
    """The digest tags that a creation may have left whose end is not known; None where there is no such creation.

    An earlier version noted the digest of the last try only.
    """
    attempt = entry.attempt
    if attempt is None or attempt.sent:
        return attempt.sent if attempt else None
    return None if entry.was_made or attempt.digest == DELETION else (digest_tag(attempt.digest),)


def sent_after(entry: Entry, step: Step, name: str) -> tuple[str, ...]:
    """The digest tags by which is found again what a creation or adoption leaves, if its end is never known."""
    here = step.numbered or entry.name in ("", name)
    before = entry.attempt.sent if entry.attempt and here else ()
    if step.action not in {*_MAKES, Action.ADOPT} or not step.digest:
        return before if contract(step.ref.kind).taggable else ()
    now = digest_tag(step.digest)
    return (*(each for each in before if each != now), now)[-MOST_SENT:]


def may_change(contract: Contract, entry: Entry, live: Live) -> bool:
    """Whether what the inventory remembers lets a document change a resource that names no owner itself.

    Where only the content distinguishes one instance from another, changed content is drift, which a document
    corrects. An inventory file of an earlier version has no instance; what it applied is taken as true then,
    and the instance is noted as soon as the resource is in step.
    """
    if entry.name != live.name or entry.instance == UNPROVED:
        return False
    if _is_pending(entry.instance):
        return entry.attempt is not None
    if not entry.instance:
        return entry.applied is not None or entry.attempt is not None
    return not _instances_differ(contract) or entry.instance == instance_of(contract, live)


def retention_reason(contract: Contract, entry: Entry, live: Live) -> str:
    """Why a resource that names no owner itself is not deleted; empty where it is proved to be ours."""
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
    return "" if instance == instance_of(contract, live) else _another(contract, instance)


def _another(contract: Contract, instance: str) -> str:
    """Why a resource is not the one that is remembered."""
    if instance == UNPROVED:
        return f"{untrusted(contract)}; {_ADOPT}. {_BY_HAND}"
    if not _instances_differ(contract):
        return (
            "it is not what was last applied: somebody else wrote it since, and it stays. If it is yours, a change "
            f"through its document makes it the one that is known. {_BY_HAND}"
        )
    return f"another made it anew since ours was made ({instance}), so it stays. {_BY_HAND}"


def untrusted(contract: Contract) -> str:
    """Why what is remembered of a resource without an ownership tag counts for nothing."""
    return (
        "what is remembered of it has no valid signature (an earlier version wrote it, it was altered, or the "
        f"operator's key is another), and no {contract.name} shows an owner in AWS"
    )


def instance_made(cloud: Cloud, step: Step, answer: Json) -> str:
    """The instance that a step has just made or written; empty where that shows by itself, or can't be read now."""
    kind_contract = contract(step.ref.kind)
    if kind_contract.taggable or step.action not in {*_MAKES, Action.UPDATE}:
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


def intended(entry: Entry, step: Step, before: str) -> Entry:
    """The entry before a step makes something: a crash may leave it made; a refusal leaves the instance ``before``."""
    kind_contract = contract(step.ref.kind)
    if kind_contract.taggable or _is_assigned(kind_contract) or step.action not in _MAKES:
        return entry
    return replace(entry, instance=before if before == _UNREAD else f"{PENDING} {before}".strip())


def refused(entry: Entry) -> Entry:
    """The entry after nothing was made."""
    if entry.attempt is not None or not _is_pending(entry.instance):
        return entry
    return replace(entry, instance=entry.instance.removeprefix(PENDING).strip() or PENDING)


def seen(entry: Entry, live: Live | None) -> Entry:
    """The entry with the instance of what was found, where the attempt that is ending alone showed it to be ours."""
    if live is None or entry.attempt is None or not _is_pending(entry.instance):
        return entry
    return replace(entry, instance=instance_of(contract(entry.ref.kind), live))


def _is_pending(instance: str) -> bool:
    return instance.startswith(PENDING)


def proved(entry: Entry, step: Step, live: Live | None, made: str, owner: str) -> Entry:
    """The entry with the instance of what a step made, adopted, or found in step.

    Args:
        entry: as it is to be remembered otherwise.
        step: what was done, or found in step.
        live: the resource before the step.
        made: what ``instance_made`` gave.
        owner: whose the entry is.

    """
    kind_contract = contract(step.ref.kind)
    if step.action in _MAKES:
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
        instance = _noted(kind_contract, entry, step, live, made)
    return replace(entry, instance=instance)


def _noted(contract: Contract, entry: Entry, step: Step, live: Live, made: str) -> str:
    """The instance of a resource that names no owner itself, once it was adopted, written or found in step."""
    if step.action is Action.ADOPT:
        return made or instance_of(contract, live)
    fresh = (not entry.instance or _is_pending(entry.instance)) and not contract.kind.lifecycle.shared
    return made or (instance_of(contract, live) if fresh else entry.instance)


def _is_assigned(contract: Contract) -> bool:
    """Whether the ARN alone identifies an instance, for the service assigns it."""
    return contract.kind.identity.found_by is not None and not contract.kind.identity.found_by.marker


def _instances_differ(contract: Contract) -> bool:
    """Whether ARN or creation time identify an instance, and not its content."""
    return _is_assigned(contract) or any(name in contract.body.members for name in _CREATED)
