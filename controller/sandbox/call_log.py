"""The record of every request that the sandbox answered."""

from dataclasses import dataclass

from controller.sandbox.rules import Json

READING = ("Describe", "List", "Get", "BatchDescribe", "Search")


@dataclass(frozen=True)
class Record:
    """One request and how it ended."""

    at: float
    service: str
    operation: str
    params: Json
    status: int
    error: str | None
    mutating: bool
    request_id: str


def is_mutating(operation: str) -> bool:
    """Whether an operation changes anything."""
    return not operation.startswith(READING)
