"""Experiment, Trial and TrialComponent, and how jobs are entered into them.

If the experiment or the trial is not there, the job runs all the same and is not tracked; that, and the
name of the component, rest on what clients of AWS see.
"""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds import lineage
from controller.sandbox.lifecycle import create
from controller.sandbox.request import FaultEffect, OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid


def _birth(ask: OperationRequest) -> Json:
    return lineage.authored(ask) | lineage.displayed(ask, "ExperimentName")


def _no_trials(ask: OperationRequest, row: Row) -> None:
    if any(trial.keep["experiment"] == row.arn for trial in ask.others("Trial")):
        raise lineage.linked(row, "trials")


def _change(ask: OperationRequest, row: Row) -> Row:
    return lineage.changed(ask, row, maps=(), name="ExperimentName", merges=True)


EXPERIMENT = SandboxKind(
    name="Experiment",
    path="experiment",
    missing=lineage.missing("Experiment"),
    exists=lineage.exists("Experiment"),
    busy=lineage.busy("Experiment"),
    listing=lineage.newest_ten("ExperimentSummaries"),
    birth=_birth,
    change=_change,
    delete_guards=(_no_trials,),
    along=lineage.associations,
)


MEMBERSHIP = "TrialComponentAssociation"
SIEVED = frozenset({"ExperimentName", "TrialComponentName"})


def experiment_of(ask: OperationRequest) -> Row:
    """Return the experiment that a request names."""
    arn = EXPERIMENT.arn(ask.account, ask.knobs, ask.params["ExperimentName"])
    return lineage.known(ask, arn, "Experiment")


def _experiment_exists(ask: OperationRequest) -> None:
    experiment_of(ask)


def _trial_birth(ask: OperationRequest) -> Json:
    named = {"ExperimentName": experiment_of(ask).name}
    return lineage.authored(ask) | lineage.displayed(ask, "TrialName") | named


def _no_components(ask: OperationRequest, row: Row) -> None:
    if any(one.body["TrialArn"] == row.arn for one in ask.others(MEMBERSHIP)):
        raise lineage.linked(row, "trial components")


def _trial_change(ask: OperationRequest, row: Row) -> Row:
    return lineage.changed(ask, row, maps=(), name="TrialName", merges=True)


def _filters_exist(ask: OperationRequest) -> None:
    if "ExperimentName" in ask.params:
        experiment_of(ask)
    if "TrialComponentName" in ask.params:
        arn = ask.account.arn(f"experiment-trial-component/{ask.params['TrialComponentName']}")
        lineage.known(ask, arn, "TrialComponent")


def _wanted(ask: OperationRequest, row: Row) -> bool:
    if "ExperimentName" in ask.params and row.keep["experiment"] != experiment_of(ask).arn:
        return False
    component = ask.params.get("TrialComponentName")
    return component is None or any(
        one.body["TrialArn"] == row.arn and one.body["TrialComponentName"].lower() == component.lower()
        for one in ask.others(MEMBERSHIP)
    )


TRIAL = SandboxKind(
    name="Trial",
    path="experiment-trial",
    missing=lineage.missing("Trial"),
    exists=lineage.exists("Trial"),
    busy=lineage.busy("Trial"),
    listing=replace(
        lineage.newest_ten("TrialSummaries", sieve=_wanted, sieved=SIEVED), guards=(_filters_exist,)
    ),
    guards=(_experiment_exists,),
    birth=_trial_birth,
    keep=lambda ask: {"experiment": experiment_of(ask).arn},
    change=_trial_change,
    delete_guards=(_no_components,),
)


MAPS = (
    lineage.Merging("Parameters", "ParametersToRemove", 300),
    lineage.Merging("InputArtifacts", "InputArtifactsToRemove", 60),
    lineage.Merging("OutputArtifacts", "OutputArtifactsToRemove", 60),
)
ONE_OF = ("ExperimentName", "TrialName", "SourceArn")


def _trial_component_birth(ask: OperationRequest) -> Json:
    return lineage.in_lineage(ask) | lineage.displayed(ask, "TrialComponentName")


def _one_value(ask: OperationRequest) -> None:
    """Hold that a parameter is a text or a number; the words are ours."""
    for name, one in ask.params.get("Parameters", {}).items():
        if len(one) != 1:
            raise invalid(
                f"Exactly one of StringValue and NumberValue must be specified for parameter {name}."
            )


def _value_stays_one(ask: OperationRequest, _: Row) -> None:
    _one_value(ask)


def _trial_component_change(ask: OperationRequest, row: Row) -> Row:
    # "Replaces all of the component's parameters with the specified ones or adds" by key: it merges.
    return lineage.changed(ask, row, maps=MAPS, name="TrialComponentName", merges=True)


def memberships(ask: OperationRequest, component: Row) -> list[Row]:
    """All memberships of a component."""
    return [one for one in ask.others(MEMBERSHIP) if one.body["TrialComponentArn"] == component.arn]


def _in_no_trial(ask: OperationRequest, row: Row) -> None:
    if memberships(ask, row):
        raise lineage.linked(row, "trials")


def _at_most_one(ask: OperationRequest) -> None:
    if sum(name in ask.params for name in ONE_OF) > 1:
        raise invalid(f"At most one of {', '.join(ONE_OF)} can be specified.")
    if "TrialName" in ask.params:
        lineage.known(ask, TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"]), "Trial")
    if "ExperimentName" in ask.params:
        experiment_of(ask)


def _trial_component_wanted(ask: OperationRequest, row: Row) -> bool:
    if "SourceArn" in ask.params:
        return bool(row.body.get("Source", {}).get("SourceArn") == ask.params["SourceArn"])
    if "TrialName" in ask.params:
        trial = ask.world.spelled(TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"]))
        return any(one.body["TrialArn"] == trial for one in memberships(ask, row))
    if "ExperimentName" in ask.params:
        experiment = experiment_of(ask).arn
        return any(one.keep["experiment"] == experiment for one in memberships(ask, row))
    return True


TRIAL_COMPONENT = SandboxKind(
    name="TrialComponent",
    path="experiment-trial-component",
    missing=lineage.missing("TrialComponent"),
    exists=lineage.exists("TrialComponent"),
    busy=lineage.busy("TrialComponent"),
    listing=replace(
        lineage.newest_ten(
            "TrialComponentSummaries", sieve=_trial_component_wanted, sieved=frozenset(ONE_OF)
        ),
        guards=(_at_most_one,),
    ),
    by_arn=True,
    guards=(_one_value,),
    update_guards=(_value_stays_one,),
    birth=_trial_component_birth,
    change=_trial_component_change,
    delete_guards=(_in_no_trial,),
    along=lineage.associations,
)


def _arns(ask: OperationRequest) -> tuple[str, str]:
    trial = TRIAL.arn(ask.account, ask.knobs, ask.params["TrialName"])
    return trial, TRIAL_COMPONENT.arn(ask.account, ask.knobs, ask.params["TrialComponentName"])


def _pair(ask: OperationRequest) -> str:
    """Return the sandbox's key of a membership."""
    return " -> ".join(_arns(ask))


def _both(ask: OperationRequest) -> tuple[Row, Row]:
    trial, component = _arns(ask)
    return lineage.known(ask, trial, "Trial"), lineage.known(ask, component, "TrialComponent")


def _both_exist(ask: OperationRequest) -> None:
    _both(ask)


def _joined(ask: OperationRequest) -> Json:
    trial, component = _both(ask)
    names = {"TrialName": trial.name, "TrialComponentName": component.name}
    return names | {"TrialArn": trial.arn, "TrialComponentArn": component.arn}


TRIAL_COMPONENT_ASSOCIATION = SandboxKind(
    name=MEMBERSHIP,
    path="experiment-trial",
    missing=Phrase("ResourceNotFound", "The association '{arn}' does not exist."),
    exists=Phrase("ValidationException", "The association '{arn}' already exists."),
    busy=lineage.busy("TrialComponent"),
    listing=ListDefaults(key=""),
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


ENDINGS = {"TrainingJob": "training", "ProcessingJob": "processing", "TransformJob": "transform"}
TIMES = {
    f"{stem}{end}Time": f"{end}Time"
    for stem in ("Training", "Processing", "Transform")
    for end in ("Start", "End")
}


def follow(ask: OperationRequest, job: Row) -> None:
    """Track a job that was just created, or whose stop was just requested."""
    config = job.body.get("ExperimentConfig")
    if config is None or not ask.knobs.tracks_experiments:
        return
    ask = replace(ask, fate=FaultEffect())  # what was injected is meant for the job
    name = f"{job.name}-aws-{ENDINGS[job.kind]}-job"
    component = _component(ask, name)
    if component is None and (trial := _trial(ask, job.name, config)) is not None:
        component = _experiments_joined(ask, name, trial, config)
    if component is not None:
        source = {"SourceArn": job.arn, "SourceType": f"SageMaker{job.kind}"}
        kept = {name: value for name, value in component.body.items() if name not in TIMES.values()}
        body = kept | {"Source": source} | _job_members(job.kind, job.body)
        due = [replace(step, put=_job_members(job.kind, step.put), drop=()) for step in job.due]
        ask.commit(component, replace(component, body=body, due=tuple(step for step in due if step.put)))


def _component(ask: OperationRequest, name: str) -> Row | None:
    return ask.world.find(TRIAL_COMPONENT.arn(ask.account, ask.knobs, name), ask.now)


def _trial(ask: OperationRequest, job: str, config: Json) -> Row | None:
    """Return the trial that is named, if it is of the experiment that is named; or a new one, if none is."""
    experiment, named = config.get("ExperimentName"), config.get("TrialName")
    if experiment is not None and ask.find(EXPERIMENT.arn(ask.account, ask.knobs, experiment)) is None:
        return None
    if named is None and experiment is not None:
        # "If not specified, a new trial is created"; how AWS calls it is not documented.
        named = f"{job}-aws-trial"
        create(TRIAL, replace(ask, params={"TrialName": named, "ExperimentName": experiment}))
    found = ask.find(TRIAL.arn(ask.account, ask.knobs, str(named)))
    if found is None or experiment not in {None, found.body["ExperimentName"]}:
        return None
    return found


def _experiments_joined(ask: OperationRequest, name: str, trial: Row, config: Json) -> Row | None:
    """Return a new component that is a member of its trial."""
    given = {"TrialComponentName": name}
    display = config.get("TrialComponentDisplayName", name)
    create(TRIAL_COMPONENT, replace(ask, params=given | {"DisplayName": display}))
    create(TRIAL_COMPONENT_ASSOCIATION, replace(ask, params=given | {"TrialName": trial.name}))
    return _component(ask, name)


def _job_members(kind: str, job: Json) -> Json:
    """Say of a component what these members say of its job."""
    made: Json = {ours: job[theirs] for theirs, ours in TIMES.items() if theirs in job}
    if f"{kind}Status" in job:
        word = job[f"{kind}Status"]
        message = {"Message": job["FailureReason"]} if "FailureReason" in job else {}
        made["Status"] = {"PrimaryStatus": word} | message
    return made
