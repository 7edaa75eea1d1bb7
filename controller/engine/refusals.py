"""What a refused call means for its step: the next pass may succeed, or a person must act.

SageMaker answers ``ValidationException`` both to bad input and to a transient state, such as that of a base inference
component whose copies are being changed. The messages differ between operations, so where they are inconclusive the
resources that the step names are described: while one of them is in transition, the refusal is transient.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.path import expand
from controller.core.phase import Action, Phase
from controller.core.ref import Ref
from controller.engine.lookup import describe
from controller.engine.plan import Step
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.identifiers import named_within

# Faults after which the next pass may succeed; all others need a person.
TRANSIENT = frozenset({Fault.BUSY, Fault.THROTTLED, Fault.MISSING, Fault.EXISTS, Fault.UNANSWERED})
_TRANSITIONS = frozenset({Phase.CHANGING, Phase.DELETING})


def explain_refusal(cloud: Cloud, step: Step, error: CloudError) -> CloudError:
    """The error of a step's call; ``BUSY`` if it is invalid while a resource that the step names is in transition.

    An error with an unknown reason stays as it is: AWS may have carried out the call, and the attempt must be recorded.
    """
    unclear = error.fault is Fault.INVALID and not error.ambiguous
    changing = _in_transition(cloud, step) if unclear else None
    if changing is None:
        return error
    message = f"{error.message} ({changing} is in transition, so it is tried again)"
    return CloudError(Fault.BUSY, error.code, message, error.operation)


def result_of(step: Step, error: CloudError, made: int) -> tuple[Result, str]:
    """The result of a step with a refused call after ``made`` successful ones."""
    if step.action is Action.REPLACE and made and error.fault in (Fault.EXISTS, Fault.BUSY):
        return Result.WAITING, "it is being deleted and will be created again"
    passes = error.fault in TRANSIENT or (
        error.fault is Fault.REFERENCE and _names_a_need(step, error.message)
    )
    return (Result.WAITING if passes else Result.FAILED), str(error)


def _in_transition(cloud: Cloud, step: Step) -> Ref | None:
    """The first resource of a step, or of its calls' links, that Describe shows in transition."""
    own = () if step.action is Action.CREATE or step.name is None else ((step.ref.kind, str(step.name)),)
    linked = ((kind, _whole_name(kind, name, params)) for kind, name, params in _links(step))
    for kind, name in dict.fromkeys((*own, *linked)):
        of = contract(kind)
        if not name or not of.status_member:
            continue
        try:
            live = describe(cloud, of, name)
        except CloudError:
            continue  # AWS's own message remains
        if live is not None and live.phase in _TRANSITIONS:
            return Ref(kind, name)
    return None


def _links(step: Step) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The links of a step's calls: kind, name, and the parameters of the call."""
    for link in KINDS[step.ref.kind].identity.links:
        for call in step.calls:
            for _, value in expand(call.params, link.field):
                if (name := named_within(link, str(value))) is not None:
                    yield link.to, name, call.params


def _whole_name(kind: str, name: str, params: Mapping[str, Any]) -> str:
    """The name of a linked resource with the other parts of its key; empty if the call lacks them."""
    of = contract(kind)
    parts = {**params, of.name_member: name}
    if not of.kind.identity.key:
        return name
    return of.named_in(parts) if parts.keys() >= set(of.kind.identity.key) else ""


def _names_a_need(step: Step, message: str) -> bool:
    """Whether AWS did not find a resource of one of our documents, which may not be visible everywhere yet.

    CreateEndpoint right after CreateEndpointConfig may not find it (API reference, CreateEndpoint).
    """
    needed = {Ref.parse(need).kind for need in step.needs}
    named = {name.rsplit("/", 1)[-1] for kind, name, _ in _links(step) if kind in needed}
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message) for name in named if name)
