"""The resources of an account, and those that may remain after everything is destroyed.

Records of runs stay, and what AWS writes down of a run by itself; so do projects, as AWS still describes them.
"""

import re
from collections import Counter
from typing import Any, Protocol

from controller.kinds import KINDS
from controller.sandbox import Sandbox
from controller.schema.contract import contract
from tests.journeys.stage import Stage

# A trial component that AWS makes for a run: it is named after the run and outlives it.
_OF_A_RUN = re.compile(".*experiment-trial-component/.*-aws-(training|processing|transform)-job")

# The ARNs of runs, from their kinds' patterns: {} or a member's name is one part, * is the rest.
_RECORD = re.compile(
    "|".join(
        re.sub(r"\{\w*\}", "[^/]+", arn).replace("*", ".+")
        for kind, row in KINDS.items()
        if row.lifecycle.runs
        for arn in contract(kind).arns
    )
)


class Account(Protocol):
    """A sandbox, and a function that creates clients of it."""

    @property
    def sandbox(self) -> Sandbox:
        """The account."""

    def client(self) -> Any:
        """A client of SageMaker."""


def remaining_arns(stage: Account) -> tuple[str, ...]:
    """The ARNs of all resources that are neither the record of a run nor a deleted project."""
    client: Any = stage.client()
    return tuple(arn for arn in stage.sandbox.resources() if not (_is_record(arn) or _is_gone(client, arn)))


def remaining_counts(stage: Stage) -> Counter[str]:
    """The number of resources of each type, without records of runs."""
    return Counter(_resource_type(arn) for arn in stage.sandbox.resources() if not _is_record(arn))


def _resource_type(arn: str) -> str:
    # before the name, or before the ID if there is one in between (Application Auto Scaling)
    return " -> ".join(re.split("[/:]", each.split(":", 5)[-1])[0] for each in arn.split(" -> "))


def _is_record(arn: str) -> bool:
    return bool(_OF_A_RUN.fullmatch(arn) or _RECORD.fullmatch(arn.split(":", 5)[-1]))


def _is_gone(client: Any, arn: str) -> bool:
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    return (
        kind == "project" and client.describe_project(ProjectName=name)["ProjectStatus"] == "DeleteCompleted"
    )
