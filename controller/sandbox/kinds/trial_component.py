"""TrialComponent, and its membership in trials, which is a resource of its own to the sandbox."""

from dataclasses import replace

from controller.sandbox.kind import Kind, Listing, Verb
from controller.sandbox.kinds import entity
from controller.sandbox.kinds.trial import MEMBERSHIP, TRIAL, experiment_of
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

MAPS = (
    entity.Merging("Parameters", "ParametersToRemove", 300),
    entity.Merging("InputArtifacts", "InputArtifactsToRemove", 60),
    entity.Merging("OutputArtifacts", "OutputArtifactsToRemove", 60),
)
ONE_OF = ("ExperimentName", "TrialName", "SourceArn")


def _birth(ask: Ask) -> Json:
    return entity.in_lineage(ask) | entity.displayed(ask, "TrialComponentName")


def _one_value(ask: Ask) -> None:
    """Hold that a parameter is a text or a number; the words are ours."""
    for name, one in ask.params.get("Parameters", {}).items():
        if len(one) != 1:
            raise invalid(
                f"Exactly one of StringValue and NumberValue must be specified for parameter {name}."
            )


def _value_stays_one(ask: Ask, _: Row) -> None:
    _one_value(ask)


def _change(ask: Ask, row: Row) -> Row:
    # "Replaces all of the component's parameters with the specified ones or adds" by key: it merges.
    return entity.changed(ask, row, maps=MAPS, name="TrialComponentName", merges=True)


def memberships(ask: Ask, component: Row) -> list[Row]:
    """All memberships of a component."""
    return [one for one in ask.others(MEMBERSHIP) if one.body["TrialComponentArn"] == component.arn]


def _in_no_trial(ask: Ask, row: Row) -> None:
    if memberships(ask, row):
        raise entity.linked(row, "trials")


def _at_most_one(ask: Ask) -> None:
    if sum(name in ask.params for name in ONE_OF) > 1:
        raise invalid(f"At most one of {', '.join(ONE_OF)} can be specified.")
    if "TrialName" in ask.params:
        entity.known(ask, TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"]), "Trial")
    if "ExperimentName" in ask.params:
        experiment_of(ask)


def _wanted(ask: Ask, row: Row) -> bool:
    if "SourceArn" in ask.params:
        return bool(row.body.get("Source", {}).get("SourceArn") == ask.params["SourceArn"])
    if "TrialName" in ask.params:
        trial = ask.world.spelled(TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"]))
        return any(one.body["TrialArn"] == trial for one in memberships(ask, row))
    if "ExperimentName" in ask.params:
        experiment = experiment_of(ask).arn
        return any(one.keep["experiment"] == experiment for one in memberships(ask, row))
    return True


TRIAL_COMPONENT = Kind(
    name="TrialComponent",
    path="experiment-trial-component",
    missing=entity.missing("TrialComponent"),
    exists=entity.exists("TrialComponent"),
    busy=entity.busy("TrialComponent"),
    listing=replace(
        entity.newest_ten("TrialComponentSummaries", sieve=_wanted, sieved=frozenset(ONE_OF)),
        guards=(_at_most_one,),
    ),
    by_arn=True,
    guards=(_one_value,),
    update_guards=(_value_stays_one,),
    birth=_birth,
    change=_change,
    delete_guards=(_in_no_trial,),
    along=entity.associations,
)


def _arns(ask: Ask) -> tuple[str, str]:
    trial = TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"])
    return trial, TRIAL_COMPONENT.arn(ask.account, ask.knobs, ask.params["TrialComponentName"])


def _pair(ask: Ask) -> str:
    """Return what the sandbox knows a membership by."""
    return " -> ".join(_arns(ask))


def _both(ask: Ask) -> tuple[Row, Row]:
    trial, component = _arns(ask)
    return entity.known(ask, trial, "Trial"), entity.known(ask, component, "TrialComponent")


def _both_exist(ask: Ask) -> None:
    _both(ask)


def _joined(ask: Ask) -> Json:
    trial, component = _both(ask)
    names = {"TrialName": trial.name, "TrialComponentName": component.name}
    return names | {"TrialArn": trial.arn, "TrialComponentArn": component.arn}


TRIAL_COMPONENT_ASSOCIATION = Kind(
    name=MEMBERSHIP,
    path="experiment-trial",
    missing=Phrase("ResourceNotFound", "The association '{arn}' does not exist."),
    exists=Phrase("ValidationException", "The association '{arn}' already exists."),
    busy=entity.busy("TrialComponent"),
    listing=Listing(key=""),
    modified=None,
    called={
        Verb.CREATE: "AssociateTrialComponent",
        Verb.DELETE: "DisassociateTrialComponent",
        Verb.DESCRIBE: None,
        Verb.LIST: None,
    },
    guards=(_both_exist,),
    identify=lambda ask: (_pair(ask), _pair(ask)),
    address=_pair,
    birth=_joined,
    keep=lambda ask: {"experiment": _both(ask)[0].keep["experiment"], "untagged": True},
    again=lambda _, row: row,  # associating twice is no error in any client's code in the service model
)
