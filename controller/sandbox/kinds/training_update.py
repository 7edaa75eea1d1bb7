"""UpdateTrainingJob, warm pools, and evaluations of rules.

Profiling can change while the job runs, the warm pool after its end; one call cannot change both. The source is ACK's
controller; the states of RemoteDebugConfig are those of its documentation.
"""

from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.request import OperationRequest, SandboxAccount
from controller.sandbox.resource import LifecycleStep, Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import invalid

EVALUATIONS = {
    "DebugRuleConfigurations": "DebugRuleEvaluationStatuses",
    "ProfilerRuleConfigurations": "ProfilerRuleEvaluationStatuses",
}
# The final status of a rule's evaluation. NoIssuesFound is the only outcome that needs no tensors; the rules of a
# stopped job are stopped as well (the enumeration has Stopped).
LAST = {"Completed": "NoIssuesFound", "Failed": "NoIssuesFound", "Stopped": "Stopped", "Stopping": "Stopping"}


def new_evaluations(account: SandboxAccount, job: str, rules: Iterable[Json], now: float) -> list[Json]:
    """Return the evaluations of new rules, each with the job that AWS would run for it; the sandbox creates none."""
    return [
        {
            "RuleConfigurationName": rule["RuleConfigurationName"],
            "RuleEvaluationJobArn": account.arn(f"processing-job/{job}-{rule['RuleConfigurationName']}"[:63]),
            "RuleEvaluationStatus": "InProgress",
            "LastModifiedTime": now,
        }
        for rule in rules
    ]


def with_evaluations(body: Json, word: str, at: float) -> Json:
    """Return the evaluations in `body` when its job reaches the status `word`."""
    return {
        member: evaluations_at(body[member], word, at)
        for member in EVALUATIONS.values()
        if member in body and word in LAST
    }


def evaluations_at(evaluations: Iterable[Json], word: str, at: float) -> list[Json]:
    """Return evaluations when their job reaches the status `word`."""
    return [one | {"RuleEvaluationStatus": LAST[word], "LastModifiedTime": at} for one in evaluations]


POOL = "WarmPoolStatus"


def pool_of(job: Json, word: str, spent: int = 0) -> Json:
    """Return the member with the state of a job's warm pool; empty without a keep-alive time."""
    if not job.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds"):
        return {}
    return {POOL: {"Status": word, "ResourceRetainedBillableTimeInSeconds": spent}}


def is_available(job: Json) -> bool:
    """Whether the pool waits for another job."""
    return bool(job.get(POOL, {}).get("Status") == "Available")


def is_kept(job: Json) -> bool:
    """Whether there is a pool whose keep-alive time can be changed."""
    return job.get(POOL, {}).get("Status") in {"Available", "InUse"}


PROFILER = ("ProfilerConfig", "ProfilerRuleConfigurations")
RULES, RESOURCES, DEBUG = "ProfilerRuleConfigurations", "ResourceConfig", "RemoteDebugConfig"
DEBUGGABLE = ("Downloading", "Training")


def update_is_valid(request: OperationRequest, row: Row) -> None:
    """Refuse updates in a wrong state."""
    profiles = any(member in request.params for member in PROFILER)
    if profiles and RESOURCES in request.params:
        raise invalid("The profiler and the warm pool configuration cannot be updated in the same request.")
    if profiles:
        _profiler_can_change(request, row)
    if RESOURCES in request.params and (
        row.body["TrainingJobStatus"] == "InProgress" or not is_kept(row.body)
    ):
        raise invalid(
            "KeepAlivePeriodInSeconds can only be updated when the warm pool of a training job that is over "
            "is Available or InUse."
        )
    if DEBUG in request.params and row.body["SecondaryStatus"] not in DEBUGGABLE:
        raise invalid("RemoteDebugConfig can only be updated while the job is Downloading or Training.")


def _profiler_can_change(request: OperationRequest, row: Row) -> None:
    status, secondary = row.body["TrainingJobStatus"], row.body["SecondaryStatus"]
    if status != "InProgress" or secondary == "Starting":
        raise invalid(
            f"Profiler configuration cannot be updated while the training job is in status {status} "
            f"({secondary})."
        )
    held = {rule["RuleConfigurationName"] for rule in row.body.get(RULES, ())}
    again = sorted(held & {rule["RuleConfigurationName"] for rule in request.params.get(RULES, ())})
    if again:
        raise invalid(f"Profiler rules {again} exist already; rules can only be added.")


def change(request: OperationRequest, row: Row) -> Row:
    """Apply the update."""
    if RULES in request.params:
        row = _with_new_evaluations(request, row)
    body = row.body | _profiler_members(request, row)
    if DEBUG in request.params:
        body[DEBUG] = row.body.get(DEBUG, {}) | request.params[DEBUG]
    if RESOURCES in request.params:
        return _kept_otherwise(request, replace(row, body=body))
    return replace(row, body=body)


def _profiler_members(request: OperationRequest, row: Row) -> Json:
    made: Json = {}
    if RULES in request.params:
        added = [{"VolumeSizeInGB": 0} | rule for rule in request.params[RULES]]
        made[RULES] = [*row.body.get(RULES, ()), *added]
    if "ProfilerConfig" in request.params:
        config = row.body.get("ProfilerConfig", {}) | request.params["ProfilerConfig"]
        disabled = config.get("DisableProfiler", False)
        made |= {"ProfilerConfig": config, "ProfilingStatus": "Disabled" if disabled else "Enabled"}
    return made


def _with_new_evaluations(request: OperationRequest, row: Row) -> Row:
    """Return the job with evaluations of the added rules; they end with it."""
    member = EVALUATIONS[RULES]
    added = new_evaluations(request.account, row.name, request.params[RULES], request.now)
    due = []
    for step in row.due:
        word = step.put.get("TrainingJobStatus")
        if word in LAST:
            held = step.put.get(member, evaluations_at(row.body.get(member, ()), word, step.at))
            more = {member: [*held, *evaluations_at(added, word, step.at)]}
            due.append(replace(step, put=step.put | more))
        else:
            due.append(step)
    return replace(row, body=row.body | {member: [*row.body.get(member, ()), *added]}, due=tuple(due))


def _kept_otherwise(request: OperationRequest, row: Row) -> Row:
    """Change the keep-alive time of the pool, counted from the end of the job."""
    keep = request.params[RESOURCES]["KeepAlivePeriodInSeconds"]
    body = row.body | {RESOURCES: row.body[RESOURCES] | {"KeepAlivePeriodInSeconds": keep}}
    over = request.time_after(keep, row.body["TrainingEndTime"])
    gone = {"WarmPoolStatus": {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": keep}}
    if over <= request.now:
        return replace(row, body=body | gone, due=())
    return replace(row, body=body | pool_of(body, "Available"), due=(LifecycleStep(at=over, put=gone),))
