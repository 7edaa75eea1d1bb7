"""What the entities of lineage and of experiments have in common: words, authors and maps that merge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.sandbox.kind import Listing
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, Refusal, invalid


def missing(kind: str) -> Phrase:
    """Return the words for an entity that does not exist."""
    return Phrase("ResourceNotFound", f"{kind} '{{arn}}' does not exist.")


def exists(kind: str) -> Phrase:
    """Return the words for a name that is taken; pipelines are known to have this text."""
    return Phrase(
        "ValidationException",
        f"{kind} names must be unique within an AWS account and region. "
        f"{kind} with name ({{name}}) already exists.",
    )


def busy(kind: str) -> Phrase:
    """Return the words for an entity that another request changes at the same time."""
    return Phrase("ConflictException", f"{kind} '{{arn}}' is being changed by another request.")


def newest_ten(
    key: str, *, sieve: Callable[[Ask, Row], bool] | None = None, sieved: frozenset[str] = frozenset()
) -> Listing:
    """Return how all of these are listed when nothing else is asked."""
    return Listing(key=key, order="Descending", page=10, sieve=sieve, sieved=sieved)


def authored(ask: Ask) -> Json:
    """Say who made an entity."""
    return {"CreatedBy": ask.creator, "LastModifiedBy": ask.creator}


def displayed(ask: Ask, name: str) -> Json:
    """Say what an entity is displayed as."""
    default = ask.params[name] if ask.knobs.display_name_defaults else None
    shown = ask.params.get("DisplayName", default)
    return {} if shown is None else {"DisplayName": shown}


def in_lineage(ask: Ask) -> Json:
    """Say who made an entity, and in which lineage group; AWS has one by default, of this name."""
    group = ask.account.arn("lineage-group/sagemaker-default-lineage-group")
    return authored(ask) | {"LineageGroupArn": group}


@dataclass(frozen=True)
class Merging:
    """A map that an Update adds to, key by key, and the member that lists the keys to remove."""

    member: str
    removed: str
    most: int


PROPERTIES = Merging("Properties", "PropertiesToRemove", 30)


def changed(ask: Ask, row: Row, *, maps: tuple[Merging, ...], name: str, merges: bool) -> Row:
    """Return the entity as an Update leaves it."""
    removals = {one.removed for one in maps}
    sent = {key: value for key, value in ask.params.items() if key != name and key not in removals}
    merged = {one.member: _merged(ask.params, row.body, one, merges=merges) for one in maps}
    body = row.body | sent | {"LastModifiedBy": ask.creator} | merged
    # The documentation of UpdateExperiment: an empty description removes it; taken as true for all.
    return replace(
        row, body={k: v for k, v in body.items() if v is not None and (k, v) != ("Description", "")}
    )


def _merged(params: Json, body: Json, one: Merging, *, merges: bool) -> Mapping[str, object] | None:
    held = body.get(one.member, {})
    if one.member in params:
        held = (held if merges else {}) | params[one.member]
    held = {key: value for key, value in held.items() if key not in params.get(one.removed, ())}
    if len(held) > one.most:
        raise invalid(f"{one.member} can have at most {one.most} entries, but would have {len(held)}.")
    return held or None


def associations(ask: Ask, row: Row) -> list[Row]:
    """All associations with this entity at either end."""
    ends = ("SourceArn", "DestinationArn")
    return [one for one in ask.others("Association") if row.arn in {one.body[end] for end in ends}]


def not_associated(ask: Ask, row: Row) -> None:
    """Refuse to delete an entity while associations stand, if the knob says so."""
    if ask.knobs.associations_guard and associations(ask, row):
        raise invalid(f"{row.kind} '{row.arn}' has 1 or more associations and cannot be deleted.")


def known(ask: Ask, arn: str, kind: str) -> Row:
    """Return the entity that a request refers to."""
    row = ask.find(arn)
    if row is None or row.kind != kind:
        raise missing(kind).refusal(arn=arn, name="")
    return row


def linked(row: Row, to: str) -> Refusal:
    """Return AWS's words for a trial component in use, which we use for its kin too."""
    return invalid(f"{row.kind} {row.name} is linked to 1 or more {to} and cannot be deleted.")
