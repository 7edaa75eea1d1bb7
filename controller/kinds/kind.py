"""The type of a row: the facts about one kind of SageMaker resource that botocore's model lacks.

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
    """The identity of a resource, how it is found, and its links.

    Fields:
        verbs: operations with unusual names.
        name_member: the member of the spec with the name, if it is not ``<Kind>Name``.
        arn_member: the member of Describe with the ARN, if it is not ``<Kind>Arn``.
        key: the members of the spec that are its identity, such as a parent's ID and a name within it; None for the
            name, empty if the account has only one.
        found_by: when the service assigns the identity.
        arn_parts: the members that operations take instead of the assigned ARN: its last parts, in order.
        absence: the error code of Describe for a missing resource, if other errors have it too.
        unique: members of the spec whose values are unique in an account; empty if the account has only one resource,
            None if only the name is unique.
        arns: the parts of its ARNs after the account, as IAM has them, with ``{}`` for the name or a member in braces;
            none for the kind in kebab case and the name. Empty strings: IAM has no resource for it.
        links: fields that name other kinds.
        after: kinds that are applied before it although no field names them.
        made: how to recognise resources that AWS created for another one: they are not exported.
        fixed: constant parameters of each operation that takes them, such as those that make List show all, or that
            select one of several resource types.
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
        reads: functions that compute a spec member from the live body, if Describe shows it under another name or form.
        unreadable: members that Describe never returns although its shape has them.
        further: members that Describe does not show, with the List of strings that does.
        unordered: lists whose order is irrelevant.
        keyed: lists whose elements are identified by a member.
        documents: members that hold JSON in a string.
        defaults: dotted members of ``spec`` with the service's default, each with its source. Such a value is no drift,
            and is not exported.
        rewritten: members that another part of the resource sets, with the dotted member that holds the value; empty if
            an autoscaler may set any value. Such a value is no drift; the member is updated only when the document
            changes it, and left alone when the document drops it.
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
    """The writable members, and how Create and Update take them.

    Fields:
        added: members of ``spec`` that Create lacks, with shapes in botocore's format.
        outputs: members of Create's input that only the service writes.
        rules: the service's requirements between members, which the model has only in prose.
        write_only: members that are sent with an update but never compared, such as how to update.
        cleared: by dotted member, the value that removes an optional member once it was set; ``Same`` for that of
            another member. Each with its source.
        kept: dotted members that an update leaves unchanged if they are omitted, and that can't be removed.
        immutable: dotted members of Update that the service does not change.
        renamed: dotted members that Update takes under another name.
        sent_with: members that must accompany a change of another one.
        deltas: members that Update changes by additions and removals only.
        locks: members of Update that take the value of a member of Describe: an optimistic lock, which fails if
            somebody else has changed the resource.
        side_updates: members with an update operation of their own.
        children: added lists of the spec whose elements have operations of their own.
        one_change_per_update: whether each changed member needs an Update of its own, one after the other.
        replaces_all: whether Update removes omitted members, so that all must be sent.
        merges: whether Update merges structures, so that omitted nested members stay as well; lists are replaced.
        updatable_in_phase: members that Update takes only in one phase of a job.
        presets: by the value of ``policy.rollout``, members of the spec with their values.
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
    """The states of a resource, requirements of changes and deletions, and their consequences.

    Fields:
        status: the member of Describe that holds the status; None for ``<Kind>Status`` or ``Status``.
        update_status_path: a dotted member of Describe with a separate status of an update.
        reasons: dotted members of Describe, besides ``FailureReason``, with the reason of a failure.
        progress: dotted members of Describe with the stage of a transition.
        watched: dotted members of the spec with the alarms that may roll an update back.
        status_phases: statuses with another phase for this kind than in the shared mapping.
        generations: how an immutable kind changes.
        release: the state after which the parts that dependents run are not updated.
        snapshots: values that it copies from linked resources, and that do not follow their changes.
        runs: for a job, how it is stopped.
        desired_state: how a lasting resource is stopped and started again.
        delete_blockers: resources that must be deleted before it.
        holds: the parts of linked resources that can't be updated while it exists.
        overrides: members that it sets on linked resources while it is active.
        memberships: its membership in others.
        unguarded: whether the service deletes it although others use it, so that a deletion needs the proof that no
            resource of the account names it.
        irreplaceable: why it is never deleted to be recreated, despite ``policy.replace``; empty if it may be.
        shared: whether it is an account-wide setting that others may rely on: if it was already as desired it is not
            deleted, and a deletion reverts only our own change, or one that we noted and whose answer was lost.
        consequences: the consequences of its steps for people and data. A deletion that causes an outage or a loss is
            confirmed by name.
        fleets: the instances that it runs on.
        usual_seconds: the usual duration of a creation, with its source; 0 if unpublished. Longer creations start
            first.
    """

    status: str | None = None
    update_status_path: str = ""
    reasons: tuple[str, ...] = ()
    progress: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    status_phases: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    generations: Generations | None = None
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

    @property
    def has_hashed_names(self) -> bool:
        """Whether a change is a new generation that is called ``<name>-<hash>``."""
        return self.generations is not None and self.generations.hashed


@dataclass(frozen=True)
class Display:
    """The output of ``sagectl get``.

    Fields:
        columns: members of Describe that get a column, in order.
        details: further reads of one resource, in order.
        other_lists: further ways to list the kind.
        short_name: the short name for kubectl, if another kind has the derived one.
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
