"""CodeRepository: synchronous; only the secret of its Git configuration can change."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.service_error import Phrase


def _change(request: OperationRequest, row: Row) -> Row:
    # The model's pattern permits only SecretArn.
    git = row.body["GitConfig"] | request.params.get("GitConfig", {})
    return replace(row, body=row.body | {"GitConfig": git})


CODE_REPOSITORY = SandboxKind(
    name="CodeRepository",
    path="code-repository",
    missing=Phrase("ValidationException", "Cannot find CodeRepository: {arn}"),
    exists=Phrase("ValidationException", "CodeRepository already exists: {arn}"),
    busy=Phrase("ConflictException", "CodeRepository {arn} is being changed by another request."),
    listing=ListDefaults(key="CodeRepositorySummaryList", sort="Name"),
    change=_change,
)
