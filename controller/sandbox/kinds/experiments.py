"""ExperimentConfig: a job that names a trial gets a trial component, which shows how the job goes.

If the experiment or the trial is not there, the job runs all the same and is not tracked; that, and the
name of the component, rest on what clients of AWS see.
"""

from dataclasses import replace

from controller.sandbox.kinds.experiment import EXPERIMENT
from controller.sandbox.kinds.trial import TRIAL
from controller.sandbox.kinds.trial_component import TRIAL_COMPONENT, TRIAL_COMPONENT_ASSOCIATION
from controller.sandbox.lifecycle import create
from controller.sandbox.request import Ask, Fate
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json

ENDINGS = {"TrainingJob": "training", "ProcessingJob": "processing", "TransformJob": "transform"}
TIMES = {
    f"{stem}{end}Time": f"{end}Time"
    for stem in ("Training", "Processing", "Transform")
    for end in ("Start", "End")
}


def follow(ask: Ask, job: Row) -> None:
    """Track a job that was just created, or just told to stop."""
    config = job.body.get("ExperimentConfig")
    if config is None or not ask.knobs.tracks_experiments:
        return
    ask = replace(ask, fate=Fate())  # what was injected is meant for the job
    name = f"{job.name}-aws-{ENDINGS[job.kind]}-job"
    component = _component(ask, name)
    if component is None and (trial := _trial(ask, job.name, config)) is not None:
        component = _joined(ask, name, trial, config)
    if component is not None:
        source = {"SourceArn": job.arn, "SourceType": f"SageMaker{job.kind}"}
        kept = {name: value for name, value in component.body.items() if name not in TIMES.values()}
        body = kept | {"Source": source} | _job_members(job.kind, job.body)
        due = [replace(step, put=_job_members(job.kind, step.put), drop=()) for step in job.due]
        ask.commit(component, replace(component, body=body, due=tuple(step for step in due if step.put)))


def _component(ask: Ask, name: str) -> Row | None:
    return ask.world.find(TRIAL_COMPONENT.arn(ask.account, ask.knobs, name), ask.now)


def _trial(ask: Ask, job: str, config: Json) -> Row | None:
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


def _joined(ask: Ask, name: str, trial: Row, config: Json) -> Row | None:
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
