"""What may stay in an account once all is destroyed: records of runs, and projects as AWS still describes them."""

import re
from typing import Any

from controller.kinds import KINDS
from tests.journeys.stage import Stage


def _path(kind: str) -> str:
    """How an ARN spells a kind."""
    return re.sub("(?<!^)(?=[A-Z])", "-", kind).lower()


RECORDS = frozenset(_path(kind) for kind, row in KINDS.items() if row.runs)


def staying(stage: Stage) -> tuple[str, ...]:
    """The ARNs of all that lives and is neither the record of a run nor a project that is gone for good."""
    client: Any = stage.client()
    return tuple(arn for arn in stage.sandbox.resources() if not (_is_record(arn) or _is_gone(client, arn)))


def _is_record(arn: str) -> bool:
    parts = arn.split(":", 5)[-1].split("/")
    return parts[0] in RECORDS or "execution" in parts[2:3]


def _is_gone(client: Any, arn: str) -> bool:
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    return (
        kind == "project" and client.describe_project(ProjectName=name)["ProjectStatus"] == "DeleteCompleted"
    )
