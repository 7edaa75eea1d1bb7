"""Association: an ordered pair of entities. It has no ARN, no tags, no Describe and no Update."""

from controller.sandbox.kind import Kind, Listing, Verb
from controller.sandbox.kinds import entity
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase

ENDS = {  # the model's pattern of the two ARNs lets no others through
    "experiment": "Experiment",
    "experiment-trial-component": "TrialComponent",
    "artifact": "Artifact",
    "action": "Action",
    "context": "Context",
}
FILTERS = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")


def _pair(ask: Ask) -> str:
    """Return what the sandbox knows a pair by."""
    return f"{ask.params['SourceArn']} -> {ask.params['DestinationArn']}"


def _end(ask: Ask, member: str) -> Row:
    arn = ask.params[member]
    return entity.known(ask, arn, ENDS[arn.split(":", 5)[5].partition("/")[0]])


def _ends_exist(ask: Ask) -> None:
    _end(ask, "SourceArn")
    _end(ask, "DestinationArn")


def _describe_end(ask: Ask, end: str) -> Json:
    """Say what an end is called and of which type; a trial component or experiment is of its kind's type.

    No source says what AWS puts there for these two.
    """
    row = _end(ask, f"{end}Arn")
    document: Json = {f"{end}Type": row.body.get(f"{row.kind}Type", row.kind)}
    name = row.body.get(f"{row.kind}Name")
    return document | ({} if name is None else {f"{end}Name": name})


def _birth(ask: Ask) -> Json:
    made: Json = {"CreatedBy": ask.creator} | _describe_end(ask, "Source") | _describe_end(ask, "Destination")
    kind = ask.params.get("AssociationType", ask.knobs.default_association_type)
    return made | ({} if kind is None else {"AssociationType": kind})


def _wanted(ask: Ask, row: Row) -> bool:
    return all(row.body.get(name) == ask.params[name] for name in FILTERS if name in ask.params)


ASSOCIATION = Kind(
    name="Association",
    path="association",
    missing=Phrase("ResourceNotFound", "Association '{arn}' does not exist."),
    exists=Phrase("ValidationException", "Association '{arn}' already exists."),
    busy=Phrase("ConflictException", "Association '{arn}' is being changed by another request."),
    listing=Listing(
        key="AssociationSummaries", order="Descending", page=10, sieve=_wanted, sieved=frozenset(FILTERS)
    ),
    modified=None,
    called={Verb.CREATE: "AddAssociation", Verb.DESCRIBE: None},
    guards=(_ends_exist,),
    identify=lambda ask: (_pair(ask), _pair(ask)),
    address=_pair,
    birth=_birth,
    keep=lambda _: {"untagged": True},
)
