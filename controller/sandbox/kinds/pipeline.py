"""Pipeline: synchronous to make and to change; its definition is checked JSON."""

import json
from dataclasses import replace

from controller.sandbox.ask import Ask
from controller.sandbox.kind import Kind, Life, Listing
from controller.sandbox.refusal import Phrase, invalid
from controller.sandbox.row import Row
from controller.sandbox.rules import Json

INLINE, STORED = "PipelineDefinition", "PipelineDefinitionS3Location"


def _definition(ask: Ask) -> str | None:
    """Return the definition that a request gives, in either form."""
    if STORED not in ask.params:
        text: str | None = ask.params.get(INLINE)
        return text
    location = ask.params[STORED]
    if ask.knobs.stored_definition is None:
        raise invalid(f"Unable to read s3://{location['Bucket']}/{location['ObjectKey']}.")
    return ask.knobs.stored_definition


def _at_most_one_form(ask: Ask) -> None:
    if INLINE in ask.params and STORED in ask.params:
        raise invalid("Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present")


def _needs_a_definition(ask: Ask) -> None:
    if INLINE not in ask.params and STORED not in ask.params:
        raise invalid("Either Pipeline Definition or Pipeline Definition S3 location should be provided")


def _sound_definition(ask: Ask) -> None:
    text = _definition(ask)
    if text is None:
        return
    try:
        parsed = json.loads(text)
    except ValueError as trouble:
        raise invalid(f"Unable to parse pipeline definition: {trouble}") from None
    if not isinstance(parsed, dict) or "Version" not in parsed:
        raise invalid("Pipeline definition is invalid: Version is missing.")
    _sound_steps(parsed.get("Steps"))


def _sound_steps(steps: object) -> None:
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise invalid("Pipeline definition is invalid: Steps must be a list of steps.")
    names: set[str] = set()
    for step in steps:
        name = step.get("Name")
        if not isinstance(name, str) or "Type" not in step:
            raise invalid(f"Pipeline definition is invalid: step {name!r} must have a Name and a Type.")
        if name in names:
            raise invalid(
                f"Pipeline definition is invalid: step names must be unique, but {name} is repeated."
            )
        names.add(name)


def _update_is_sound(ask: Ask, _: Row) -> None:
    _at_most_one_form(ask)
    _sound_definition(ask)


def _birth(ask: Ask) -> Json:
    return {
        "PipelineDisplayName": ask.params.get("PipelineDisplayName", ask.params["PipelineName"]),
        "PipelineDefinition": _definition(ask),
        "PipelineVersionId": 1,
        "CreatedBy": ask.creator,
        "LastModifiedBy": ask.creator,
    }


def _change(ask: Ask, row: Row) -> Row:
    sent = {k: v for k, v in ask.params.items() if k not in {STORED, "PipelineName"}}
    text = _definition(ask)
    if text is not None:
        sent["PipelineDefinition"] = text
    version = row.body["PipelineVersionId"]
    if text is not None and text != row.body["PipelineDefinition"]:
        version += 1  # only a change of the definition makes a version
    return replace(row, body=row.body | sent | {"PipelineVersionId": version, "LastModifiedBy": ask.creator})


PIPELINE = Kind(
    name="Pipeline",
    path="pipeline",
    missing=Phrase("ResourceNotFound", "Pipeline '{arn}' does not exist."),
    exists=Phrase(
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name ({name}) already exists.",
    ),
    busy=Phrase("ConflictException", "Pipeline '{arn}' is being deleted or has running executions."),
    listing=Listing(key="PipelineSummaries", order="Descending"),
    life=Life(
        status="PipelineStatus",
        grown="Active",
        death=lambda ask: ask.knobs.pipeline_deleting,
        busy=frozenset({"Deleting"}),
    ),
    by_arn=True,
    unkept=frozenset({STORED, "ClientRequestToken"}),
    token=lambda ask: ask.params.get("ClientRequestToken"),
    guards=(_at_most_one_form, _needs_a_definition, _sound_definition),
    update_guards=(_update_is_sound,),
    birth=_birth,
    change=_change,
)
