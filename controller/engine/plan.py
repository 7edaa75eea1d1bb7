"""The plan: every call that would be made, the reason, and what can't be determined. Values only."""

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
    """One changed member, with AWS member names. None stands for absent; ``after`` may be ``Unknown``.

    ``forces``: no update can make it. ``stays``: the document dropped the member and the service can't remove it.
    """

    path: Path
    before: Any
    after: Any
    forces: bool = False
    stays: bool = False


@dataclass(frozen=True)
class SecretUse:
    """Placeholder of a secret in a call; ``apply.py`` replaces it immediately before the call."""

    reference: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        """A text that never contains the value."""
        return MASK


@dataclass(frozen=True)
class Newest:
    """Placeholder of the newest element of a List in a call; ``apply.py`` reads it immediately before the call."""

    lists: Call
    elements: str
    member: str

    def __str__(self) -> str:
        """A description of the value."""
        return "(the newest)"


class DependencyForm(Enum):
    """How one resource depends on another: by name, ARN or id, by an output, or implied by its kind."""

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
    """A consequence of a step besides the change itself, as data and text."""

    impact: Impact
    message: str


LOSSES = frozenset({Impact.INTERRUPTS, Impact.LOSES})  # an outage, or a loss of data


@dataclass(frozen=True)
class LiveDetails:
    """Attributes of a live resource that its document does not set.

    Fields:
        tags: all its tags; None if they can't be read.
        others: members that the document could set and does not (AWS member names).
        status, modified: as in ``Step``.
    """

    tags: Mapping[str, str] | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)  # two for each resource; a dict for each takes 800 bytes
class Step:
    """The action for one live or desired resource.

    Fields:
        id: ``Kind/name``, with ``@aws-name`` for an old generation; unique in the plan.
        name: the AWS name, the ARN of a numbered resource, ``Unknown``, or None before it is numbered.
        why, detail: the reason as a code and as text.
        calls: what would be sent, in order; values may hold ``Unknown``, ``SecretUse`` and ``Newest``.
        needs: ids of steps that must be done first.
        before, after: the live body's members of the spec, and the desired spec (AWS member names).
        tags_after: the desired tags, without ownership tags.
        notes: what can't be determined, and effects (traffic, instances, interruptions).
        withheld: why the step is only reported (``policy.mode``); empty when it may run.
        gradual: AWS works asynchronously after the call was accepted.
        proofs: kinds whose resources are proved not to use this one before it is deleted.
        digest: of the spec that the step applies; empty for deletions.
        effects: the consequences for people and data.
        seen: further details of the live resource.
        mark: the digest of the inputs of this step's decision.
        cascade: whether the contents of the resource are deleted before it (``policy.deletion``).
        deletes_contents: whether the calls delete those contents, and not yet the resource.
        contended: texts about fields that are left alone because somebody else keeps changing them.
        at_once: how many of the calls are made in one pass; None for all. Each further one is made when AWS has
            finished the one before.
        leaves: whether another step of the plan deletes its resource, which a later pass creates again.
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
    deletes_contents: bool = False
    contended: tuple[str, ...] = ()
    at_once: int | None = None
    leaves: bool = False

    @property
    def later_operations(self) -> tuple[str, ...]:
        """The operations of the calls that are made in later passes."""
        return () if self.at_once is None else tuple(call.operation for call in self.calls[self.at_once :])

    @property
    def is_harmful(self) -> bool:
        """Whether it causes an outage or a loss of data."""
        return any(effect.impact in LOSSES for effect in self.effects)

    @property
    def changes_account(self) -> bool:
        """Whether it would change the account in this run; a blocked step may still have calls."""
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
    """The overall result of a plan; the value is the JSON plan's ``result``."""

    NO_CHANGES = "no-changes"
    CHANGES = "changes"
    BLOCKED = "blocked"
    ERRORED = "errored"


@dataclass(frozen=True)
class Plan:
    """All steps in running order. The same inputs and account give the same plan, byte for byte.

    Fields:
        edges: the dependencies between documents.
        along: documents that were added to the chosen targets, each with the reason.
        bound: what else the fingerprint covers, as the caller gave it (plain data).
        fingerprint: the digest of all inputs of the plan; an approval is bound to it.
        content: the digest of the inputs that depend neither on the caller nor on the documents' source.
        counted: ids of the unconfirmed deletions, which count towards the limit of later runs.
        notices: further information, such as a lost inventory.
        preflight: the findings of the preflight, if one was requested.
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
        return tuple(step for step in self.steps if step.changes_account and step.id not in unconfirmed)

    @property
    def blocked(self) -> tuple[Step, ...]:
        """The steps that need a person."""
        return tuple(step for step in self.steps if step.action is Action.BLOCKED)

    @property
    def possible_confirmations(self) -> tuple[ConfirmationRequired, ...]:
        """The confirmations that a person can give; the others hold until their cause is removed."""
        return tuple(each for each in self.confirmations if each.confirmation is not Confirmation.NONE)

    @property
    def after_approval(self) -> "Plan":
        """The plan without the confirmations that an approval gives."""
        stay = tuple(each for each in self.confirmations if each.confirmation is Confirmation.NONE)
        return replace(self, confirmations=stay)

    @property
    def result(self) -> PlanResult:
        """The overall result; ``BLOCKED`` if all remaining steps are blocked."""
        if any(step.why is Reason.UNREADABLE for step in self.steps):
            return PlanResult.ERRORED
        left = [step for step in self.steps if step.action not in (Action.NOOP, Action.FORGET)]
        if not left:
            return PlanResult.NO_CHANGES
        idle = all(step.action is Action.BLOCKED and not step.calls for step in left)
        return PlanResult.BLOCKED if idle else PlanResult.CHANGES

    def counts(self) -> Mapping[Action, int]:
        """The number of steps of each action."""
        counts: dict[Action, int] = {}
        for step in self.steps:
            counts[step.action] = counts.get(step.action, 0) + 1
        return counts
