"""A pipeline's definition: its validity, its parameters, and the order of its steps."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError, invalid

# A step depends on the steps in DependsOn, and on those whose properties it reads.
READ = re.compile(r'"Get":\s*"Steps\.([A-Za-z0-9_-]+)')
PARAMETER = re.compile(r'"Get":\s*"Parameters\.([A-Za-z0-9_-]+)')
MOST = (  # of CreateProcessingJob and CreateTrainingJob
    ("Processing", ("ProcessingInputs",), 10),
    ("Processing", ("ProcessingOutputConfig", "Outputs"), 10),
    ("Training", ("InputDataConfig",), 20),
)
BRANCHES = ("IfSteps", "ElseSteps")


Outcome = Callable[[Json], bool]  # of a Condition step


@dataclass(frozen=True)
class StepPlan:
    """A step of the definition."""

    name: str
    type: str
    needs: frozenset[str]
    spec: Json
    outcome: bool | None = None  # of a Condition step


def invalid_definition(what: str) -> ServiceError:
    """Refuse a definition."""
    return invalid(f"Pipeline definition is invalid: {what}")


def check(text: str) -> None:
    """Refuse a text that is no pipeline definition."""
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise invalid(f"Unable to parse pipeline definition: {error}") from None
    if not isinstance(parsed, dict) or "Version" not in parsed:
        raise invalid_definition("Version is missing.")
    _check_parameters(parsed.get("Parameters", []))
    _check_steps(parsed.get("Steps"))
    _check_reads(parsed)
    plans = steps_of(parsed, lambda _: True) + steps_of(parsed, lambda _: False)
    known = {plan.name for plan in plans}
    for plan in plans:
        if foreign := sorted(plan.needs - known):
            raise invalid_definition(f"step {plan.name} depends on {foreign[0]}, which is not a step.")
    try:
        TopologicalSorter({plan.name: plan.needs for plan in plans}).prepare()
    except CycleError as error:
        raise invalid_definition(f"steps depend on each other: {' -> '.join(error.args[1])}") from None


def names_of(definition: Json) -> set[str]:
    """Return the names of all steps, including those of every branch."""
    return {step["Name"] for step in _every(definition.get("Steps", []))}


def steps_of(definition: Json, outcome: Outcome) -> list[StepPlan]:
    """Return the steps that run with these outcomes of the conditions, in the order of the text."""
    return list(_step_plans(definition.get("Steps", []), frozenset(), outcome))


def _step_plans(steps: Sequence[Json], above: frozenset[str], outcome: Outcome) -> Iterator[StepPlan]:
    for step in steps:
        arguments = step.get("Arguments", {})
        own = {key: value for key, value in arguments.items() if key not in BRANCHES}
        read = READ.findall(json.dumps(own))
        needs = above | frozenset(step.get("DependsOn", ())) | frozenset(read)
        if step["Type"] != "Condition":
            yield StepPlan(step["Name"], step["Type"], needs, step)
            continue
        holds = outcome(step)
        yield StepPlan(step["Name"], step["Type"], needs, step, holds)
        branch = arguments.get(BRANCHES[0] if holds else BRANCHES[1], [])
        yield from _step_plans(branch, frozenset({step["Name"]}), outcome)


def _check_parameters(parameters: object) -> None:
    if not isinstance(parameters, list) or not all(isinstance(one, dict) for one in parameters):
        raise invalid_definition("Parameters must be a list of parameters.")
    names = [one.get("Name") for one in parameters]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise invalid_definition("parameters must have names that are unique.")


def _check_steps(steps: object) -> None:
    names: set[str] = set()
    for step in _every(steps):
        name = step.get("Name")
        if not isinstance(name, str) or "Type" not in step:
            raise invalid_definition(f"step {name!r} must have a Name and a Type.")
        if name in names:
            raise invalid_definition(f"step names must be unique, but {name} is repeated.")
        names.add(name)


def _check_reads(parsed: Json) -> None:
    """Refuse undeclared parameters, and more elements than the jobs of steps accept."""
    declared = {one["Name"] for one in parsed.get("Parameters", [])}
    for step in _every(parsed.get("Steps")):
        own = {key: value for key, value in step.get("Arguments", {}).items() if key not in BRANCHES}
        unknown = sorted(set(PARAMETER.findall(json.dumps(own))) - declared)
        if unknown:
            raise invalid_definition(
                f"step {step['Name']} uses parameter {unknown[0]}, which is not defined."
            )
        for kind, path, most in MOST:
            listed: object = own
            for name in path:
                listed = listed.get(name) if isinstance(listed, dict) else None
            if step["Type"] == kind and isinstance(listed, list) and len(listed) > most:
                raise invalid_definition(
                    f"step {step['Name']} has {len(listed)} {path[-1]}, but at most {most} are allowed."
                )


def _every(steps: object) -> Iterator[Json]:
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise invalid_definition("Steps must be a list of steps.")
    for step in steps:
        arguments = step.get("Arguments", {})
        if not isinstance(arguments, dict):
            raise invalid_definition("the Arguments of a step must be an object.")
        yield step
        for branch in BRANCHES:
            yield from _every(arguments.get(branch, []))


def parameters_of(definition: Json, given: Sequence[Json], *, all_of_them: bool) -> list[Json]:
    """Return the parameters of an execution, or refuse invalid ones.

    The messages are our own; AWS's are not published.
    """
    declared = {one["Name"]: one for one in definition.get("Parameters", [])}
    sent = {one["Name"]: one["Value"] for one in given}
    if len(sent) != len(given):
        raise invalid("Parameter names must be unique.")
    if unknown := [name for name in sent if name not in declared]:
        raise invalid(f"Parameters [{', '.join(unknown)}] are not defined in the pipeline.")
    missing = [name for name, one in declared.items() if name not in sent and "DefaultValue" not in one]
    if missing:
        raise invalid(f"Parameters [{', '.join(missing)}] have no default values and must be provided.")
    for name, value in sent.items():
        _check_value(name, value, declared[name])
    values = {name: one["DefaultValue"] for name, one in declared.items() if "DefaultValue" in one} | sent
    desired = values if all_of_them else sent
    return [{"Name": name, "Value": _as_text(value)} for name, value in values.items() if name in desired]


PATTERNS = {
    "Integer": re.compile(r"[+-]?\d+"),
    "Float": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "Boolean": re.compile("true|false", re.IGNORECASE),
}


def _check_value(name: str, value: str, declared: Json) -> None:
    terms = PATTERNS.get(declared.get("Type", "String"))
    if terms is not None and terms.fullmatch(value) is None:
        raise invalid(f"Parameter [{name}] must be of type {declared['Type']}, but is {value!r}.")
    allowed = [_as_text(one) for one in declared.get("EnumValues", [])]
    if allowed and value not in allowed:
        raise invalid(f"Parameter [{name}] must be one of [{', '.join(allowed)}], but is {value!r}.")


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
