"""The plan: every call that would be made, why, and what cannot be seen. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from controller.core.cloud import Call, Identity
from controller.core.finding import Finding
from controller.core.path import Path
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.kinds import Impact
from controller.manifests.resolve import Unknown
from controller.runtime.redaction import MASK


@dataclass(frozen=True, slots=True)
class Change:
    """One changed member, in AWS's words. None stands for absent; ``after`` may be ``Unknown``.

    ``forces``: no update can bring it. ``stays``: the document dropped it and the service can't take it away.
    """

    path: Path
    before: Any
    after: Any
    forces: bool = False
    stays: bool = False


@dataclass(frozen=True)
class SecretUse:
    """Stands in a call where a secret goes; filled in at the last moment, in ``apply.py``."""

    reference: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """Never the value."""
        return MASK


@dataclass(frozen=True)
class Newest:
    """Stands in a call where the newest of a list goes; requested at the last moment, in ``apply.py``."""

    lists: Call
    elements: str
    member: str

    def __str__(self) -> str:
        """What it will be, in words."""
        return "(the newest)"


class DependencyForm(Enum):
    """How one resource depends on another: by name, ARN or id, by an output, or because its kind always does."""

    NAME = "name"
    ARN = "arn"
    ID = "id"
    OUTPUT = "output"
    IMPLIED = "implied"


@dataclass(frozen=True, order=True)
class Edge:
    """A document that needs another, by their addresses."""

    user: str
    need: str
    by: DependencyForm


@dataclass(frozen=True)
class Effect:
    """What a step brings with it besides the change itself, as data and in words."""

    impact: Impact
    message: str


LOSSES = frozenset({Impact.INTERRUPTS, Impact.LOSES})  # an outage, or data that is gone


@dataclass(frozen=True)
class LiveDetails:
    """Attributes of a live resource that its document does not set.

    Fields:
        tags: its tags, of whoever; None where the service would not list them.
        others: members that the document could set and does not (AWS's words).
        status, modified: as in ``Step``.
    """

    tags: Mapping[str, str] | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)  # two for each resource, of thirty fields: a dict for each is 800 bytes
class Step:
    """What is done, or would be, about one live or desired resource.

    Fields:
        id: ``Kind/name``, with ``@aws-name`` for an old generation; unique in the plan.
        name: the AWS name, the ARN of a numbered resource, ``Unknown``, or None before it is numbered.
        why, detail: the reason as a code and in words.
        calls: what would be sent, in order; values may hold ``Unknown``, ``SecretUse`` and ``Newest``.
        needs: ids of steps that must be settled first.
        before, after: the live body's share of the spec, and the desired spec (AWS's words).
        tags_after: the tags that people requested, without those of our own bookkeeping.
        notes: what cannot be seen, and effects (traffic, instances, interruptions).
        withheld: why the step is only reported (``policy.mode``); empty when it may run.
        gradual: AWS works asynchronously after the call was accepted.
        proofs: kinds whose resources must be proved not to use this one before it is deleted.
        digest: of the spec that the step brings; empty for deletions.
        effects: what it brings with it for people and data.
        seen: what else was seen of the live resource.
        mark: the fingerprint of all that this step was decided from.
        cascade: whether what people started in the resource is deleted before it (``policy.deletion``).
        emptying: whether the calls delete that, and not yet the resource.
        contended: fields that are left alone because somebody else sets them again and again, in words.
        at_once: how many of the calls are made in one pass; None for all. Each further one is made when AWS has
            finished the one before.
        leaves: whether another step of the plan deletes its resource, which is made again in a later pass.
    """

    id: str
    ref: Ref
    action: Action
    why: Reason
    name: str | Unknown | None = None
    arn: str = ""
    detail: str = ""
    calls: tuple[Call, ...] = ()
    changes: tuple[Change, ...] = ()
    needs: frozenset[str] = frozenset()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    tags_after: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    withheld: str = ""
    gradual: bool = False
    proofs: tuple[str, ...] = ()
    digest: str = ""
    phase: Phase = Phase.ABSENT
    status: str = ""
    modified: str = ""
    reason: str = ""
    secrets: tuple[str, ...] = ()
    numbered: bool = False
    effects: tuple[Effect, ...] = ()
    seen: LiveDetails | None = None
    mark: str = ""
    cascade: bool = False
    emptying: bool = False
    contended: tuple[str, ...] = ()
    at_once: int | None = None
    leaves: bool = False

    @property
    def then(self) -> tuple[str, ...]:
        """The operations of the calls that are made in later passes."""
        return () if self.at_once is None else tuple(call.operation for call in self.calls[self.at_once :])

    @property
    def loses(self) -> bool:
        """Whether an outage or a loss of data comes with it."""
        return any(effect.impact in LOSSES for effect in self.effects)

    @property
    def acts(self) -> bool:
        """Whether it would change the account in this run; a blocked step may hold what does not depend on that."""
        return (
            self.action.acts or (self.action is Action.BLOCKED and bool(self.calls))
        ) and not self.withheld


class Confirmation(Enum):
    """How deletions that are held back are confirmed: by their number, by the name of each, or not at all."""

    NUMBER = "number"
    NAME = "name"
    NONE = "none"


@dataclass(frozen=True)
class ConfirmationRequired:
    """Deletions that are not executed before a person confirms them: which, why, and by number or by name."""

    message: str
    deletions: frozenset[str]
    confirmation: Confirmation = Confirmation.NUMBER


class PlanResult(Enum):
    """What a plan comes to; the value is the JSON plan's ``result``."""

    NO_CHANGES = "no-changes"
    CHANGES = "changes"
    BLOCKED = "blocked"
    ERRORED = "errored"


@dataclass(frozen=True)
class Plan:
    """All steps in running order. The same inputs and world give the same plan, byte for byte.

    Fields:
        edges: which documents need which.
        along: documents that a choice of targets takes along, each with the reason.
        bound: what else the fingerprint covers, as the caller gave it (plain data).
        fingerprint: of all that the plan was made from; consent is bound to it.
        content: the part of it that does not depend on the caller, nor on where the documents came from.
        counted: ids of the deletions that count towards the limit of later runs, for nobody confirmed them.
        notices: what a person should know besides, such as an inventory that was lost.
        preflight: what a preflight found in other services, where one was requested.
    """

    identity: Identity
    set: str
    steps: tuple[Step, ...]
    confirmations: tuple[ConfirmationRequired, ...] = ()
    fingerprint: str = ""
    edges: tuple[Edge, ...] = ()
    along: Mapping[str, str] = field(default_factory=dict)
    bound: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    counted: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    preflight: tuple[Finding, ...] = ()

    @property
    def acting(self) -> tuple[Step, ...]:
        """The steps that would change the account."""
        unconfirmed = {each for required in self.confirmations for each in required.deletions}
        return tuple(step for step in self.steps if step.acts and step.id not in unconfirmed)

    @property
    def blocked(self) -> tuple[Step, ...]:
        """The steps that need a person."""
        return tuple(step for step in self.steps if step.action is Action.BLOCKED)

    @property
    def confirmable(self) -> tuple[ConfirmationRequired, ...]:
        """The confirmations that a person can give; the others hold until something else is mended."""
        return tuple(each for each in self.confirmations if each.confirmation is not Confirmation.NONE)

    @property
    def approvable(self) -> "Plan":
        """The plan that an approval lets be done: without the confirmations that it gives, and with those that stay."""
        stay = tuple(each for each in self.confirmations if each.confirmation is Confirmation.NONE)
        return replace(self, confirmations=stay)

    @property
    def result(self) -> PlanResult:
        """What the plan comes to: blocked is one in which nothing but blocked steps is left to do."""
        if any(step.why is Reason.UNREADABLE for step in self.steps):
            return PlanResult.ERRORED
        left = [step for step in self.steps if step.action not in (Action.NOOP, Action.FORGET)]
        if not left:
            return PlanResult.NO_CHANGES
        idle = all(step.action is Action.BLOCKED and not step.calls for step in left)
        return PlanResult.BLOCKED if idle else PlanResult.CHANGES

    def counts(self) -> Mapping[Action, int]:
        """How many steps of each action."""
        counts: dict[Action, int] = {}
        for step in self.steps:
            counts[step.action] = counts.get(step.action, 0) + 1
        return counts
