"""Cases of AIWorkloadConfig, Hub and HubContentReference."""

from collections.abc import Mapping

from tests.journeys import standalone_documents
from tests.kinds.case import Case, change_text

_MODEL = f"sageMakerPublicHubContentArn: '{standalone_documents.PUBLIC_MODELS}/%s'"
_CHANNEL = (
    "datasetConfig: {inputDataConfig: [{channelName: prompts, dataSource: {s3DataSource: {s3Uri: '%s'}}}]}"
)

HUBS: Mapping[str, Case] = {
    "AIWorkloadConfig": Case("chat", "", frozen=(_CHANNEL % "s3://bucket/one", _CHANNEL % "s3://bucket/two")),
    "Hub": Case(
        "models",
        "",
        changes={
            **change_text("HubDescription", "one", "two"),
            "HubDisplayName": (
                "hubDescription: ours\nhubDisplayName: one",
                "hubDescription: ours\nhubDisplayName: two",
            ),
            "HubSearchKeywords": (
                "hubDescription: ours\nhubSearchKeywords: [one]",
                "hubDescription: ours\nhubSearchKeywords: [one, two]",
            ),
        },
        frozen=(
            "hubDescription: ours\ns3StorageConfig: {s3OutputPath: 's3://bucket/one'}",
            "hubDescription: ours\ns3StorageConfig: {s3OutputPath: 's3://bucket/two'}",
        ),
    ),
    "HubContentReference": Case(
        "mistral",
        "hubName: models",
        changes={
            "MinVersion": (
                f"{_MODEL % 'huggingface-llm-mistral-7b'}\nminVersion: 1.0.0",
                f"{_MODEL % 'huggingface-llm-mistral-7b'}\nminVersion: 2.0.0",
            )
        },
        frozen=(_MODEL % "huggingface-llm-mistral-7b", _MODEL % "xgboost-classification-model"),
        needs=(standalone_documents.HUB,),
    ),
}
