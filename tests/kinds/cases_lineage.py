"""Cases of lineage and experiments."""

from collections.abc import Mapping

from tests.journeys.stage import document_text
from tests.journeys.standalone_documents import ACTION, ARTIFACT, EXPERIMENT, TRIAL
from tests.kinds.case import Case, change_text

_SOURCE = "source: {sourceUri: 's3://bucket/train'}"
_COMMIT = "metadataProperties: {commitId: %s}"
_OTHER_EXPERIMENT = document_text("Experiment", "other", "{}")
_PROPERTIES = change_text("Properties", "{a: '1', b: '2'}", "{a: '3'}")
_DESCRIPTION = change_text("Description", "one", "two")
_ARTIFACTS = ("{data: {value: 's3://bucket/one'}, old: {value: x}}", "{data: {value: 's3://bucket/two'}}")

LINEAGE: Mapping[str, Case] = {
    "Action": Case(
        "approval",
        _SOURCE,
        changes={
            member: (f"actionType: Approval\n{before}", f"actionType: Approval\n{after}")
            for member, (before, after) in {
                **_DESCRIPTION,
                **_PROPERTIES,
                **change_text("Status", "InProgress", "Completed"),
            }.items()
        },
        frozen=("actionType: Approval", "actionType: Refusal"),
    ),
    "Artifact": Case(
        "data",
        _SOURCE,
        changes={
            member: (f"artifactType: DataSet\n{before}", f"artifactType: DataSet\n{after}")
            for member, (before, after) in {
                **_PROPERTIES,
                **change_text("ArtifactName", "one", "two"),
            }.items()
        },
        frozen=("artifactType: DataSet", "artifactType: Model"),
    ),
    "Context": Case(
        "churn",
        _SOURCE,
        changes={
            member: (f"contextType: Project\n{before}", f"contextType: Project\n{after}")
            for member, (before, after) in {**_DESCRIPTION, **_PROPERTIES}.items()
        },
        frozen=("contextType: Project", "contextType: Endpoint"),
    ),
    "Association": Case(
        "data-approved",
        "sourceArn: training-data\ndestinationArn: Action/approval",
        frozen=("associationType: ContributedTo", "associationType: AssociatedWith"),
        needs=(ACTION, ARTIFACT),
    ),
    "Experiment": Case("churn", "", changes={**_DESCRIPTION, **change_text("DisplayName", "one", "two")}),
    "Trial": Case(
        "first",
        "",
        changes={
            "DisplayName": (
                "experimentName: churn\ndisplayName: one",
                "experimentName: churn\ndisplayName: two",
            )
        },
        frozen=("experimentName: churn", "experimentName: other"),
        needs=(EXPERIMENT, _OTHER_EXPERIMENT),
    ),
    "TrialComponent": Case(
        "split",
        "",
        changes={
            **change_text("DisplayName", "one", "two"),
            **change_text("EndTime", "'2026-01-01T01:00:00Z'", "'2026-01-01T02:00:00Z'"),
            **change_text("StartTime", "'2026-01-01T01:00:00Z'", "'2026-01-01T02:00:00Z'"),
            **change_text("InputArtifacts", *_ARTIFACTS),
            **change_text("OutputArtifacts", *_ARTIFACTS),
            **change_text(
                "Parameters",
                "{rate: {numberValue: 0.2}, old: {stringValue: x}}",
                "{rate: {numberValue: 0.3}}",
            ),
            **change_text(
                "Status", "{primaryStatus: InProgress}", "{primaryStatus: Completed, message: done}"
            ),
            **change_text("Trials", "[]", "[first]"),
        },
        frozen=(_COMMIT % "one", _COMMIT % "two"),
        needs=(EXPERIMENT, TRIAL),
    ),
}
