"""Versions of a pipeline: one for each definition that it had. They live with the pipeline."""

from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.kind import Kind
from controller.sandbox.lifecycle import update
from controller.sandbox.pagination import page
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Refusal, invalid

MOST_ALIASES = 10  # as the model's documentation says
ALIASES = "PipelineVersionAliases"
NAMES = ("PipelineVersionDisplayName", "PipelineVersionDescription")


def versions(row: Row) -> dict[str, Json]:
    """All versions of a pipeline, by number."""
    return dict(row.keep["versions"])


def new_version(ask: Ask, keep: Json, body: Json) -> Json:
    """Return what is kept of a pipeline when its definition may have changed."""
    held, number = dict(keep.get("versions", {})), body["PipelineVersionId"]
    aliases = ask.params.get(ALIASES, [])
    if aliases and str(number) in held:
        raise invalid("Aliases can be assigned only when the pipeline definition changes.")
    _none_is_taken(aliases, held.values(), body["PipelineArn"])
    if str(number) not in held:
        held[str(number)] = {
            "PipelineArn": body["PipelineArn"],
            "PipelineVersionId": number,
            "CreationTime": ask.now,
            "LastModifiedTime": ask.now,
            "definition": body["PipelineDefinition"],
            **({ALIASES: aliases} if aliases else {}),
        }
    return keep | {"versions": held}


def requested_version(ask: Ask, row: Row) -> Json:
    """Return the version that a request names by number or alias; the latest if by neither."""
    alias, held = ask.params.get("PipelineVersionAlias"), versions(row)
    if alias is not None and "PipelineVersionId" in ask.params:
        raise invalid("Only one of PipelineVersionId and PipelineVersionAlias can be specified.")
    if alias is not None:
        found = next((one for one in held.values() if alias in one.get(ALIASES, ())), None)
    else:
        found = held.get(str(ask.params.get("PipelineVersionId", row.body["PipelineVersionId"])))
    if found is None:
        request = alias or ask.params["PipelineVersionId"]
        raise Refusal("ResourceNotFound", f"Pipeline version '{row.arn}/{request}' does not exist.")
    return found


def shown(ask: Ask, row: Row) -> Json:
    """Describe a pipeline as the version that is asked for has it."""
    version = requested_version(ask, row)
    return row.body | version | {"PipelineDefinition": version["definition"]} | _times(row)


def _times(row: Row) -> Json:
    return {name: row.body[name] for name in ("CreationTime", "LastModifiedTime")}


def list_versions(kind: Kind, ask: Ask) -> Json:
    """One page of the versions of a pipeline, newest first unless asked."""
    arn = kind.arn_in(ask)
    row = ask.world.described(arn, ask.now)
    if row is None or row.kind != kind.name:
        raise kind.missing.refusal(arn=arn, name="")
    bounds = ask.params.get("CreatedAfter", 0), ask.params.get("CreatedBefore", float("inf"))
    shown, token = page(
        [one for one in versions(row).values() if bounds[0] < one["CreationTime"] < bounds[1]],
        key=lambda one: one["PipelineVersionId"],
        size=ask.params.get("MaxResults", 100),
        token=ask.params.get("NextToken"),
        question=[arn, *bounds, ask.params.get("SortOrder")],
        backwards=ask.params.get("SortOrder", "Descending") == "Descending",
    )
    return {"PipelineVersionSummaries": shown, "NextToken": token}


def update_version(kind: Kind, ask: Ask) -> Json:
    """Name a version, or describe it, or move its aliases."""
    update(kind, _renamed, ask)
    return {key: ask.params[key] for key in ("PipelineArn", "PipelineVersionId")}


def _renamed(ask: Ask, row: Row) -> Row:
    version = requested_version(ask, row)
    changes = {name: ask.params[name] for name in NAMES if name in ask.params}
    changes |= {"LastModifiedTime": ask.now, ALIASES: _aliases(ask, row, version)}
    held = versions(row) | {str(version["PipelineVersionId"]): version | changes}
    return replace(row, keep=row.keep | {"versions": held})


def _aliases(ask: Ask, row: Row, version: Json) -> list[str]:
    alias_operations = ask.params.get("PipelineVersionAliasOperations", {})
    added, removed = alias_operations.get("Add", []), alias_operations.get("Remove", [])
    if set(added) & set(removed):
        raise invalid("An alias can't appear in both lists.")
    _none_is_taken(added, (one for one in versions(row).values() if one is not version), row.arn)
    left = [alias for alias in dict.fromkeys([*version.get(ALIASES, ()), *added]) if alias not in removed]
    if len(left) > MOST_ALIASES:
        raise invalid(f"A pipeline version can have at most {MOST_ALIASES} aliases.")
    return left


def _none_is_taken(aliases: list[str], others: Iterable[Json], arn: str) -> None:
    taken = {alias for one in others for alias in one.get(ALIASES, ())}
    if both := sorted(taken & set(aliases)):
        raise Refusal("ConflictException", f"Alias {both[0]} is assigned to another version of '{arn}'.")
