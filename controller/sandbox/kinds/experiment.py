"""Experiment: a folder of trials; its name is the same in any case of letters."""

from controller.sandbox.kind import Kind
from controller.sandbox.kinds import entity
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json


def _birth(ask: Ask) -> Json:
    return entity.authored(ask) | entity.displayed(ask, "ExperimentName")


def _no_trials(ask: Ask, row: Row) -> None:
    if any(trial.keep["experiment"] == row.arn for trial in ask.others("Trial")):
        raise entity.linked(row, "trials")


def _change(ask: Ask, row: Row) -> Row:
    return entity.changed(ask, row, maps=(), name="ExperimentName", merges=True)


EXPERIMENT = Kind(
    name="Experiment",
    path="experiment",
    missing=entity.missing("Experiment"),
    exists=entity.exists("Experiment"),
    busy=entity.busy("Experiment"),
    listing=entity.newest_ten("ExperimentSummaries"),
    birth=_birth,
    change=_change,
    delete_guards=(_no_trials,),
    along=entity.associations,
)
