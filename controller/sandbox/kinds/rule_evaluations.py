"""The evaluations of a training job's debugger and profiler rules: one processing job of AWS for each rule."""

from collections.abc import Iterable

from controller.sandbox.request import SandboxAccount
from controller.sandbox.rules import Json

EVALUATIONS = {
    "DebugRuleConfigurations": "DebugRuleEvaluationStatuses",
    "ProfilerRuleConfigurations": "ProfilerRuleEvaluationStatuses",
}
# What the evaluation of a rule comes to when the job ends. That a rule found nothing is the only outcome that needs
# no tensors; of a job that is stopped the rules are stopped as well (the enumeration has a word for it).
LAST = {"Completed": "NoIssuesFound", "Failed": "NoIssuesFound", "Stopped": "Stopped", "Stopping": "Stopping"}


def begun(account: SandboxAccount, job: str, rules: Iterable[Json], now: float) -> list[Json]:
    """Return the evaluations of new rules, each with the job that AWS would run for it; none is made here."""
    return [
        {
            "RuleConfigurationName": rule["RuleConfigurationName"],
            "RuleEvaluationJobArn": account.arn(f"processing-job/{job}-{rule['RuleConfigurationName']}"[:63]),
            "RuleEvaluationStatus": "InProgress",
            "LastModifiedTime": now,
        }
        for rule in rules
    ]


def turned(body: Json, word: str, at: float) -> Json:
    """Return the evaluations in `body` when its job comes to the status `word`."""
    return {
        member: moved(body[member], word, at)
        for member in EVALUATIONS.values()
        if member in body and word in LAST
    }


def moved(evaluations: Iterable[Json], word: str, at: float) -> list[Json]:
    """Return evaluations as they are when their job comes to the status `word`."""
    return [one | {"RuleEvaluationStatus": LAST[word], "LastModifiedTime": at} for one in evaluations]
