"""ExperimentConfig: a job that names a trial gets a trial component, unless the trial is not there."""

from controller.sandbox.ask import Ask
from controller.sandbox.row import Row


def follow(ask: Ask, row: Row) -> None:
    """Track a job; filled in when trial components live here."""
