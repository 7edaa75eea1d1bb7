"""Experiment, Trial and TrialComponent, and how jobs are tracked in them.

If the experiment or the trial does not exist, the job runs anyway and is not tracked; this, and the name of the
component, are inferred from what clients of AWS observe.
"""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.kinds import lineage
from controller.sandbox.lifecycle import create
from controller.sandbox.request import FaultEffect, OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid


def _initial(request: OperationRequest) -> Json:
    return lineage.creator_members(request) | lineage.display_name(request, "ExperimentName")


def _no_trials(request: OperationRequest, row: Row) -> None:
    if any(trial.keep["experiment"] == row.arn for trial in request.rows_of("Trial")):
        raise lineage.in_use_error(row, "trials")


def _change(request: OperationRequest, row: Row) -> Row:
    return lineage.update_entity(request, row, maps=(), name="ExperimentName", merges=True)


EXPERIMENT = SandboxKind(
    name="Experiment",
    path="experiment",
    missing=lineage.missing_entity("Experiment"),
    exists=lineage.exists("Experiment"),
    busy=lineage.busy("Experiment"),
    listing=lineage.newest_ten("ExperimentSummaries"),
    initial=_initial,
    change=_change,
    delete_guards=(_no_trials,),
    along=lineage.associations,
)


MEMBERSHIP = "TrialComponentAssociation"
FILTERED = frozenset({"ExperimentName", "TrialComponentName"})


def experiment_of(request: OperationRequest) -> Row:
    """Return the experiment that a request names."""
    arn = EXPERIMENT.arn(request.account, request.knobs, request.params["ExperimentName"])
    return lineage.find_entity(request, arn, "Experiment")


def _experiment_exists(request: OperationRequest) -> None:
    experiment_of(request)


def _trial_initial(request: OperationRequest) -> Json:
    named = {"ExperimentName": experiment_of(request).name}
    return lineage.creator_members(request) | lineage.display_name(request, "TrialName") | named


def _no_components(request: OperationRequest, row: Row) -> None:
    if any(one.body["TrialArn"] == row.arn for one in request.rows_of(MEMBERSHIP)):
        raise lineage.in_use_error(row, "trial components")


def _trial_change(request: OperationRequest, row: Row) -> Row:
    return lineage.update_entity(request, row, maps=(), name="TrialName", merges=True)


def _filters_exist(request: OperationRequest) -> None:
    if "ExperimentName" in request.params:
        experiment_of(request)
    if "TrialComponentName" in request.params:
        arn = request.account.arn(f"experiment-trial-component/{request.params['TrialComponentName']}")
        lineage.find_entity(request, arn, "TrialComponent")


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    if "ExperimentName" in request.params and row.keep["experiment"] != experiment_of(request).arn:
        return False
    component = request.params.get("TrialComponentName")
    return component is None or any(
        one.body["TrialArn"] == row.arn and one.body["TrialComponentName"].lower() == component.lower()
        for one in request.rows_of(MEMBERSHIP)
    )


TRIAL = SandboxKind(
    name="Trial",
    path="experiment-trial",
    missing=lineage.missing_entity("Trial"),
    exists=lineage.exists("Trial"),
    busy=lineage.busy("Trial"),
    listing=replace(
        lineage.newest_ten("TrialSummaries", row_filter=_matches_filters, filtered=FILTERED),
        guards=(_filters_exist,),
    ),
    guards=(_experiment_exists,),
    initial=_trial_initial,
    keep=lambda request: {"experiment": experiment_of(request).arn},
    change=_trial_change,
    delete_guards=(_no_components,),
)


MAPS = (
    lineage.Merging("Parameters", "ParametersToRemove", 300),
    lineage.Merging("InputArtifacts", "InputArtifactsToRemove", 60),
    lineage.Merging("OutputArtifacts", "OutputArtifactsToRemove", 60),
)
ONE_OF = ("ExperimentName", "TrialName", "SourceArn")


def _trial_component_initial(request: OperationRequest) -> Json:
    return lineage.in_lineage(request) | lineage.display_name(request, "TrialComponentName")


def _one_value(request: OperationRequest) -> None:
    """Enforce that a parameter is a string or a number; the message is our own."""
    for name, one in request.params.get("Parameters", {}).items():
        if len(one) != 1:
            raise invalid(
                f"Exactly one of StringValue and NumberValue must be specified for parameter {name}."
            )


def _value_stays_one(request: OperationRequest, _: Row) -> None:
    _one_value(request)


def _trial_component_change(request: OperationRequest, row: Row) -> Row:
    # "Replaces all of the component's parameters with the specified ones or adds" by key: a merge.
    return lineage.update_entity(request, row, maps=MAPS, name="TrialComponentName", merges=True)


def memberships(request: OperationRequest, component: Row) -> list[Row]:
    """All memberships of a component."""
    return [one for one in request.rows_of(MEMBERSHIP) if one.body["TrialComponentArn"] == component.arn]


def _in_no_trial(request: OperationRequest, row: Row) -> None:
    if memberships(request, row):
        raise lineage.in_use_error(row, "trials")


def _at_most_one(request: OperationRequest) -> None:
    if sum(name in request.params for name in ONE_OF) > 1:
        raise invalid(f"At most one of {', '.join(ONE_OF)} can be specified.")
    if "TrialName" in request.params:
        lineage.find_entity(
            request, TRIAL.arn(request.account, request.knobs, request.params["TrialName"]), "Trial"
        )
    if "ExperimentName" in request.params:
        experiment_of(request)


def _trial_component_matches(request: OperationRequest, row: Row) -> bool:
    if "SourceArn" in request.params:
        return bool(row.body.get("Source", {}).get("SourceArn") == request.params["SourceArn"])
    if "TrialName" in request.params:
        trial = request.state.existing_arn(
            TRIAL.arn(request.account, request.knobs, request.params["TrialName"])
        )
        return any(one.body["TrialArn"] == trial for one in memberships(request, row))
    if "ExperimentName" in request.params:
        experiment = experiment_of(request).arn
        return any(one.keep["experiment"] == experiment for one in memberships(request, row))
    return True


TRIAL_COMPONENT = SandboxKind(
    name="TrialComponent",
    path="experiment-trial-component",
    missing=lineage.missing_entity("TrialComponent"),
    exists=lineage.exists("TrialComponent"),
    busy=lineage.busy("TrialComponent"),
    listing=replace(
        lineage.newest_ten(
            "TrialComponentSummaries", row_filter=_trial_component_matches, filtered=frozenset(ONE_OF)
        ),
        guards=(_at_most_one,),
    ),
    by_arn=True,
    guards=(_one_value,),
    update_guards=(_value_stays_one,),
    initial=_trial_component_initial,
    change=_trial_component_change,
    delete_guards=(_in_no_trial,),
    along=lineage.associations,
)


def _arns(request: OperationRequest) -> tuple[str, str]:
    trial = TRIAL.arn(request.account, request.knobs, request.params["TrialName"])
    return trial, TRIAL_COMPONENT.arn(request.account, request.knobs, request.params["TrialComponentName"])


def _pair(request: OperationRequest) -> str:
    """Return the sandbox's key of a membership."""
    return " -> ".join(_arns(request))


def _find_trial_and_component(request: OperationRequest) -> tuple[Row, Row]:
    trial, component = _arns(request)
    return lineage.find_entity(request, trial, "Trial"), lineage.find_entity(
        request, component, "TrialComponent"
    )


def _both_exist(request: OperationRequest) -> None:
    _find_trial_and_component(request)


def _membership_members(request: OperationRequest) -> Json:
    trial, component = _find_trial_and_component(request)
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
    identify=lambda request: (_pair(request), _pair(request)),
    address=_pair,
    initial=_membership_members,
    keep=lambda request: {
        "experiment": _find_trial_and_component(request)[0].keep["experiment"],
        "untagged": True,
    },
    again=lambda _, row: row,  # no client in the service model treats a repeated association as an error
)


ENDINGS = {"TrainingJob": "training", "ProcessingJob": "processing", "TransformJob": "transform"}
TIMES = {
    f"{stem}{end}Time": f"{end}Time"
    for stem in ("Training", "Processing", "Transform")
    for end in ("Start", "End")
}


def follow(request: OperationRequest, job: Row) -> None:
    """Track a job that was just created, or whose stop was just requested."""
    config = job.body.get("ExperimentConfig")
    if config is None or not request.knobs.tracks_experiments:
        return
    request = replace(request, effect=FaultEffect())  # injected faults apply to the job only
    name = f"{job.name}-aws-{ENDINGS[job.kind]}-job"
    component = _component(request, name)
    if component is None and (trial := _trial(request, job.name, config)) is not None:
        component = _experiments_joined(request, name, trial, config)
    if component is not None:
        source = {"SourceArn": job.arn, "SourceType": f"SageMaker{job.kind}"}
        kept = {name: value for name, value in component.body.items() if name not in TIMES.values()}
        body = kept | {"Source": source} | _job_members(job.kind, job.body)
        due = [replace(step, put=_job_members(job.kind, step.put), drop=()) for step in job.due]
        request.commit(component, replace(component, body=body, due=tuple(step for step in due if step.put)))


def _component(request: OperationRequest, name: str) -> Row | None:
    return request.state.find(TRIAL_COMPONENT.arn(request.account, request.knobs, name), request.now)


def _trial(request: OperationRequest, job: str, config: Json) -> Row | None:
    """Return the given trial, if it belongs to the given experiment; a new one if none is given."""
    experiment, named = config.get("ExperimentName"), config.get("TrialName")
    if (
        experiment is not None
        and request.find(EXPERIMENT.arn(request.account, request.knobs, experiment)) is None
    ):
        return None
    if named is None and experiment is not None:
        # "If not specified, a new trial is created"; its name in AWS is not documented.
        named = f"{job}-aws-trial"
        create(TRIAL, replace(request, params={"TrialName": named, "ExperimentName": experiment}))
    found = request.find(TRIAL.arn(request.account, request.knobs, str(named)))
    if found is None or experiment not in {None, found.body["ExperimentName"]}:
        return None
    return found


def _experiments_joined(request: OperationRequest, name: str, trial: Row, config: Json) -> Row | None:
    """Return a new component that is a member of its trial."""
    given = {"TrialComponentName": name}
    display = config.get("TrialComponentDisplayName", name)
    create(TRIAL_COMPONENT, replace(request, params=given | {"DisplayName": display}))
    create(TRIAL_COMPONENT_ASSOCIATION, replace(request, params=given | {"TrialName": trial.name}))
    return _component(request, name)


def _job_members(kind: str, job: Json) -> Json:
    """Return the members of a component that describe its job."""
    made: Json = {ours: job[theirs] for theirs, ours in TIMES.items() if theirs in job}
    if f"{kind}Status" in job:
        word = job[f"{kind}Status"]
        message = {"Message": job["FailureReason"]} if "FailureReason" in job else {}
        made["Status"] = {"PrimaryStatus": word} | message
    return made
