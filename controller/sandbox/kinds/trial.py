"""Trial: belongs to an experiment and holds trial components."""

from dataclasses import replace

from controller.sandbox.kind import Kind
from controller.sandbox.kinds import entity
from controller.sandbox.kinds.experiment import EXPERIMENT
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json

MEMBERSHIP = "TrialComponentAssociation"
SIEVED = frozenset({"ExperimentName", "TrialComponentName"})


def experiment_of(ask: Ask) -> Row:
    """Return the experiment that a request names."""
    arn = EXPERIMENT.arn(ask.account, ask.knobs, ask.params["ExperimentName"])
    return entity.known(ask, arn, "Experiment")


def _experiment_exists(ask: Ask) -> None:
    experiment_of(ask)


def _birth(ask: Ask) -> Json:
    named = {"ExperimentName": experiment_of(ask).name}
    return entity.authored(ask) | entity.displayed(ask, "TrialName") | named


def _no_components(ask: Ask, row: Row) -> None:
    if any(one.body["TrialArn"] == row.arn for one in ask.others(MEMBERSHIP)):
        raise entity.linked(row, "trial components")


def _change(ask: Ask, row: Row) -> Row:
    return entity.changed(ask, row, maps=(), name="TrialName", merges=True)


def _filters_exist(ask: Ask) -> None:
    if "ExperimentName" in ask.params:
        experiment_of(ask)
    if "TrialComponentName" in ask.params:
        arn = ask.account.arn(f"experiment-trial-component/{ask.params['TrialComponentName']}")
        entity.known(ask, arn, "TrialComponent")


def _wanted(ask: Ask, row: Row) -> bool:
    if "ExperimentName" in ask.params and row.keep["experiment"] != experiment_of(ask).arn:
        return False
    component = ask.params.get("TrialComponentName")
    return component is None or any(
        one.body["TrialArn"] == row.arn and one.body["TrialComponentName"].lower() == component.lower()
        for one in ask.others(MEMBERSHIP)
    )


TRIAL = Kind(
    name="Trial",
    path="experiment-trial",
    missing=entity.missing("Trial"),
    exists=entity.exists("Trial"),
    busy=entity.busy("Trial"),
    listing=replace(
        entity.newest_ten("TrialSummaries", sieve=_wanted, sieved=SIEVED), guards=(_filters_exist,)
    ),
    guards=(_experiment_exists,),
    birth=_birth,
    keep=lambda ask: {"experiment": experiment_of(ask).arn},
    change=_change,
    delete_guards=(_no_components,),
)
