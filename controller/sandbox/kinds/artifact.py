"""Artifact: an entity of the lineage that the server numbers; its source is what makes it unique."""

import hashlib

from controller.sandbox.kind import Kind
from controller.sandbox.kinds import entity
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, Refusal, invalid


def _identity(ask: Ask, source: Json) -> tuple[str, tuple[tuple[str, str], ...]]:
    types = source.get("SourceTypes", ()) if ask.knobs.source_types_identify else ()
    return source["SourceUri"], tuple(sorted((one["SourceIdType"], one["Value"]) for one in types))


def _of_source(ask: Ask, source: Json) -> Row | None:
    wanted = _identity(ask, source)
    rows = ask.others("Artifact")
    return next((row for row in rows if _identity(ask, row.body["Source"]) == wanted), None)


def _new_source(ask: Ask) -> None:
    row = _of_source(ask, ask.params["Source"])
    if row is not None:
        uri = ask.params["Source"]["SourceUri"]
        raise ARTIFACT.exists.refusal(arn=row.arn, name=uri)


def _identify(ask: Ask) -> tuple[str, str]:
    number = ask.world.count("artifacts")
    name = hashlib.sha256(f"{ask.account.arn('artifact')}/{number}".encode()).hexdigest()[:32]
    return ask.account.arn(f"artifact/{name}"), name


def _address(ask: Ask) -> str:
    given = [member for member in ("ArtifactArn", "Source") if member in ask.params]
    if len(given) != 1:
        raise invalid("Exactly one of ArtifactArn and Source must be specified.")
    if "ArtifactArn" in ask.params:
        return str(ask.params["ArtifactArn"])
    row = _of_source(ask, ask.params["Source"])
    if row is None:
        uri = ask.params["Source"]["SourceUri"]
        raise Refusal("ResourceNotFound", f"Artifact with source '{uri}' does not exist.")
    return row.arn


def _change(ask: Ask, row: Row) -> Row:
    merges = ask.knobs.lineage_merges
    return entity.changed(ask, row, maps=(entity.PROPERTIES,), name="ArtifactArn", merges=merges)


ARTIFACT = Kind(
    name="Artifact",
    path="artifact",
    missing=entity.missing("Artifact"),
    exists=Phrase("ValidationException", "Artifact with source ({name}) already exists: {arn}"),
    busy=entity.busy("Artifact"),
    listing=entity.newest_ten("ArtifactSummaries"),
    guards=(_new_source,),
    identify=_identify,
    address=_address,
    birth=entity.in_lineage,
    change=_change,
    delete_guards=(entity.not_associated,),
    along=entity.associations,
)
