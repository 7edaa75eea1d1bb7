"""Pipeline: synchronous to make and to change; each definition that it had is a version of it."""

from dataclasses import replace

from controller.sandbox.kind import Kind, Life, Listing
from controller.sandbox.kinds.pipeline_definition import check
from controller.sandbox.kinds.pipeline_version import (
    ALIASES,
    list_versions,
    new_version,
    shown,
    update_version,
)
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, Refusal, invalid

RUNNING = frozenset({"Executing", "Stopping"})
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
    if text is not None:
        check(text)


def _nothing_runs(ask: Ask, row: Row) -> None:
    running = [one for one in _executions(ask, row) if one.body["PipelineExecutionStatus"] in RUNNING]
    if running:
        raise Refusal(
            "ConflictException",
            f"Pipeline '{row.arn}' has {len(running)} running execution(s) and cannot be deleted.",
        )


def _executions(ask: Ask, row: Row) -> list[Row]:
    return [one for one in ask.others("PipelineExecution") if one.keep["pipeline"] == row.arn]


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
    sent = {k: v for k, v in ask.params.items() if k not in {STORED, ALIASES, "PipelineName"}}
    text = _definition(ask)
    if text is not None:
        sent["PipelineDefinition"] = text
    version = row.body["PipelineVersionId"]
    if text is not None and text != row.body["PipelineDefinition"]:
        version += 1  # only a change of the definition makes a version
    body = row.body | sent | {"PipelineVersionId": version, "LastModifiedBy": ask.creator}
    return replace(row, body=body, keep=new_version(ask, row.keep, body))


def _keep(ask: Ask) -> Json:
    arn = PIPELINE.arn(ask.account, ask.knobs, ask.params["PipelineName"])
    return new_version(ask, {}, _birth(ask) | {"PipelineArn": arn})


def _address(ask: Ask) -> str:
    name = ask.params.get("PipelineArn") or ask.params["PipelineName"]
    return PIPELINE.arn(ask.account, ask.knobs, name)


def _managed_by(ask: Ask, _: Row) -> bool:
    """Whether a pipeline is of the asked manager: nothing here is made by AWS itself."""
    return bool(ask.params.get("ManagedBy", "CUSTOMER") == "CUSTOMER")


PIPELINE: Kind = Kind(
    name="Pipeline",
    path="pipeline",
    missing=Phrase("ResourceNotFound", "Pipeline '{arn}' does not exist."),
    exists=Phrase(
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name ({name}) already exists.",
    ),
    busy=Phrase("ConflictException", "Pipeline '{arn}' is being deleted or has running executions."),
    listing=Listing(
        key="PipelineSummaries", order="Descending", sieve=_managed_by, sieved=frozenset({"ManagedBy"})
    ),
    life=Life(
        status="PipelineStatus",
        stable="Active",
        death=lambda ask: ask.knobs.pipeline_deleting,
        busy=frozenset({"Deleting"}),
    ),
    by_arn=True,
    unkept=frozenset({STORED, ALIASES, "ClientRequestToken"}),
    token=lambda ask: ask.params.get("ClientRequestToken"),
    guards=(_at_most_one_form, _needs_a_definition, _sound_definition),
    update_guards=(_update_is_sound,),
    delete_guards=(_nothing_runs,),
    address=_address,
    birth=_birth,
    keep=_keep,
    shown=shown,
    along=_executions,
    change=_change,
    acts={"UpdatePipelineVersion": lambda ask: update_version(PIPELINE, ask)},
    reads={"ListPipelineVersions": lambda ask: list_versions(PIPELINE, ask)},
)
