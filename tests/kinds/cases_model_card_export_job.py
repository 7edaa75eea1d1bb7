"""The case of ModelCardExportJob."""

from tests.journeys import standalone_documents
from tests.kinds.case import Case

MODEL_CARD_EXPORT_JOB = Case(
    "fraud-pdf",
    "modelCardName: fraud-card",
    frozen=(
        "outputConfig: {s3OutputPath: 's3://bucket/one'}",
        "outputConfig: {s3OutputPath: 's3://bucket/two'}",
    ),
    needs=(standalone_documents.MODEL_CARD,),
)
