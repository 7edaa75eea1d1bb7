"""A row: what botocore's model does not say of one kind of SageMaker resource.

Identity, create and update members, frozen members (create less update), status member and taggability are derived
from botocore (``schema/contract.py``), and the plural from the name. Members are dotted AWS names, with ``[]`` for
the elements of a list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import (
    USUAL_VERBS,
    Amend,
    AssignedIdentity,
    Body,
    ChildList,
    CopiedMember,
    DeleteBlocker,
    Delta,
    DesiredState,
    Generations,
    JobRun,
    JsonDocument,
    Link,
    Membership,
    Override,
    ReleasedState,
    ServiceMade,
    StringListUpdate,
    UpdateHold,
    Verbs,
)
from controller.kinds.defaults import Default
from controller.kinds.display import Detail, DisplayColumn, OtherList
from controller.kinds.effects import Consequence, Fleet
from controller.kinds.rule import Rule


@dataclass(frozen=True)
class KindIdentity:
    """Which resource it is, how it is found, and which others it refers to.

    Fields:
        verbs: operations that are not called as usual.
        name_member: the member of the spec with the name, where the service calls the resource otherwise than the kind.
        arn_member: the member of Describe with the ARN, where the service calls the resource otherwise than the kind.
        key: the members of the spec that are its identity, such as a parent's ID and a name within it; None for
            ``<Kind>Name``, empty where the account has one only.
        found_by: when the service assigns the identity.
        arn_parts: the members that operations take in place of the ARN that the service assigned: its last parts,
            in order.
        absence: the error code by which Describe says that it is not there, where other refusals have it too.
        unique: members of the spec whose values no two resources of an account share; empty where the account has
            one resource only, None where nothing but the name is unique.
        arns: what stands behind the account in its ARNs, in IAM's sense, with ``{}`` for the name or for a
            member in braces; none for the kind in kebab case and the name. Empty strings: IAM has no
            resource for it.
        links: fields that name other kinds.
        after: kinds whose documents come first though no field names them.
        made: how to recognise those that AWS made for something else: they are not exported.
        fixed: parameters that go along with each operation that takes them: those that make List show all, where it
            leaves some out by default, and those that say which of several sorts of resource is meant.
    """

    verbs: Verbs = USUAL_VERBS
    name_member: str = ""
    arn_member: str = ""
    key: tuple[str, ...] | None = None
    found_by: AssignedIdentity | None = None
    arn_parts: tuple[str, ...] = ()
    absence: str = ""
    unique: tuple[str, ...] | None = None
    arns: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    after: tuple[str, ...] = ()
    made: tuple[ServiceMade, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Compare:
    """How the spec is compared with Describe's answer.

    Fields:
        within: member of Describe, and of Update's answer, that holds the body.
        reads: spec member from the live body, where Describe shows it under another name or form.
        unreadable: members that Describe never returns although its shape has no say in it.
        further: members that Describe does not show, with the List of texts that does.
        unordered: lists whose order means nothing.
        keyed: lists whose elements are identified by a member.
        documents: members that hold JSON in a string.
        defaults: dotted members of ``spec`` that the service fills in where they are left out, and with what;
            each with its source. Such a value is no drift, and is left out of what is exported.
        rewritten: members that a part of the resource sets again by itself, with the dotted member that holds what it
            sets; an empty text where an autoscaler may set any value. Such a value is no drift; the member is written
            when the document changes it, and left to whoever sets it when the document drops it.
    """

    within: str = ""
    reads: Mapping[str, Callable[[Body], Any]] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unordered: tuple[str, ...] = ()
    keyed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    documents: Mapping[str, JsonDocument] = field(default_factory=lambda: MappingProxyType({}))
    defaults: Mapping[str, Default] = field(default_factory=lambda: MappingProxyType({}))
    rewritten: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Write:
    """What may be written, and how Create and Update take it.

    Fields:
        added: members of ``spec`` that are ours and not of Create, with shapes as botocore writes them.
        outputs: members of Create's input that only the service writes.
        rules: what the service demands of members beside each other, which the model has only in prose.
        write_only: members that go along with an update but are never compared: they say how, not what.
        cleared: by dotted member, the value that removes an optional member once it was set; ``Same`` for that of
            another member. Each with its source.
        kept: dotted members that stay as they are where an update leaves them out, and can't be removed.
        immutable: dotted members that Update's shape holds and the service does not let an update change.
        renamed: dotted members that Update takes under another name.
        sent_with: members that go along with a change of another one.
        deltas: members that Update changes by additions and removals only.
        locks: members of Update that take what Describe shows in another member: an optimistic lock, which the
            service refuses once somebody else has changed the resource.
        side_updates: members with an update operation of their own.
        children: lists of ours in the spec whose elements have operations of their own.
        one_change_per_update: whether each changed member takes an Update of its own, one after the other.
        replaces_all: whether Update removes the members that it leaves out, so that all go along with a change.
        merges: whether Update merges structures, so that what is left out inside of one stays as well; lists are
            replaced whole.
        updatable_in_phase: members that Update takes only in one phase of a run.
        presets: by the words of ``policy.rollout``, members of the spec with their values.
        amend: last resort: the update's parameters from (parameters, live link targets, desired ones).
    """

    added: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    outputs: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    write_only: tuple[str, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    kept: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sent_with: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    deltas: Mapping[str, Delta] = field(default_factory=lambda: MappingProxyType({}))
    locks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    side_updates: Mapping[str, StringListUpdate] = field(default_factory=lambda: MappingProxyType({}))
    children: Mapping[str, ChildList] = field(default_factory=lambda: MappingProxyType({}))
    one_change_per_update: bool = False
    replaces_all: bool = False
    merges: bool = False
    updatable_in_phase: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    amend: Amend | None = None


@dataclass(frozen=True)
class Lifecycle:
    """Its states, what a change or a deletion needs, and what they bring with them.

    Fields:
        status: the member of Describe that holds the status; None for ``<Kind>Status`` or ``Status``.
        update_status_path: a dotted member of Describe with the status of an update under way beside the status.
        reasons: dotted members of Describe, besides ``FailureReason``, that say why it failed.
        progress: dotted members of Describe that say at which stage of a transition it is.
        watched: dotted members of the spec that name what may have an update rolled back.
        status_phases: statuses that mean something else for this kind than in the shared dictionary.
        succession: how an immutable kind changes.
        release: the state after which what its dependents run is not changed in place.
        snapshots: what it took over from what it links to, and does not follow afterwards.
        runs: how a run to completion is stopped.
        desired_state: how a resource that lasts is stopped and started again.
        delete_blockers: what must be gone before it can be deleted.
        holds: what of the resources that it links to can't be updated while it is there.
        overrides: what it sets on resources that it links to while it is active.
        memberships: its membership in others.
        unguarded: whether the service may delete it though others use it, so that a deletion takes the proof that no
            resource of the account names it.
        irreplaceable: why it is never deleted to be created anew, whatever ``policy.replace`` says; empty where
            it may.
        shared: account-wide setting that others may rely on: found as desired it is left to whoever made
            it, and deletion undoes only what we did.
        consequences: what its steps bring with them for people and data. A deletion that interrupts or loses is
            agreed to by its name.
        fleets: the machines that it runs on.
        usual_seconds: how long AWS usually works on a new one, with its source; 0 where nothing is published. What
            takes long is begun first.
    """

    status: str | None = None
    update_status_path: str = ""
    reasons: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    status_phases: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    succession: Generations | None = None
    release: ReleasedState | None = None
    snapshots: tuple[CopiedMember, ...] = ()
    runs: JobRun | None = None
    desired_state: DesiredState | None = None
    delete_blockers: tuple[DeleteBlocker, ...] = ()
    holds: tuple[UpdateHold, ...] = ()
    overrides: tuple[Override, ...] = ()
    memberships: tuple[Membership, ...] = ()
    unguarded: bool = False
    irreplaceable: str = ""
    shared: bool = False
    consequences: tuple[Consequence, ...] = ()
    fleets: tuple[Fleet, ...] = ()
    usual_seconds: float = 0.0


@dataclass(frozen=True)
class Display:
    """What ``sagectl get`` shows.

    Fields:
        columns: members of Describe that are worth a column, in order.
        details: further reads of one resource, in order.
        other_lists: further ways to list the kind.
        short_name: that of kubectl, where another kind has the one that follows from the words of the name.
    """

    columns: tuple[DisplayColumn, ...] = ()
    details: tuple[Detail, ...] = ()
    other_lists: tuple[OtherList, ...] = ()
    short_name: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of SageMaker resource. ``name`` is as the operations spell it (``Create<name>``)."""

    name: str
    identity: KindIdentity = KindIdentity()
    compare: Compare = Compare()
    write: Write = Write()
    lifecycle: Lifecycle = Lifecycle()
    display: Display = Display()
