"""The types of the columns of a row. Members are dotted AWS names, with ``[]`` for the elements of a list."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from controller.core.path import Path

Body: TypeAlias = Mapping[str, Any]
Amend: TypeAlias = Callable[[Body, Body, Body], Body]
DocumentRule: TypeAlias = Callable[[Any, Callable[[str], bool]], Iterable[tuple[Path, str]]]


class TargetForm(Enum):
    """The form in which a linked field names its target."""

    NAME = "name"
    ARN = "arn"
    ID = "id"


@dataclass(frozen=True)
class Link:
    """A field that names another kind.

    A field that may name several kinds has a link for each. ``held`` are members of Describe, other than the field
    itself, that also show a use of the target: a target that any of them names is in use. ``within`` is the text around
    the name, such as ``endpoint/{}/variant/*``, if the field holds more than the name: ``{}`` stands for the name and
    ``*`` for any text without a slash. ``none`` is the field's value for no target. ``when`` is a dotted member with
    the value at which the field names this kind, if that depends on another member.
    """

    field: str
    to: str
    by: TargetForm = TargetForm.NAME
    held: tuple[str, ...] = ()
    within: str = ""
    when: tuple[str, str] = ("", "")
    none: str = ""


@dataclass(frozen=True)
class Generations:
    """An immutable kind whose change is a new resource beside the old one.

    ``hashed`` generations are called ``<name>-<hash>``; the others are numbered by the service. ``sweep`` is whether an
    old generation is deleted once it is proved unused.
    """

    hashed: bool = True
    sweep: bool = True


@dataclass(frozen=True)
class AssignedIdentity:
    """An identity that the service assigns, for specs that have the member ``when``.

    ``listed_by`` maps members of the List input that narrow it to members of the spec. Ownership is proved by tags;
    ``marker`` is the map member that carries the owner if such resources take no tags. ``matches`` are members that
    distinguish one resource from another. Without marker and matches only the client token finds a resource again.
    """

    when: str
    listed_by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marker: str = ""
    matches: tuple[str, ...] = ()
    generations: Generations | None = None


@dataclass(frozen=True)
class JsonDocument:
    """A member that holds JSON in a string.

    Fields:
        unordered: dotted lists inside it, from the spec's member on, whose order is irrelevant; one element may be
            written without a list.
        forms: by such a list, the normal form of elements with several spellings.
        python_literal: whether the service also takes Python's syntax, with single quotes.
        rule: the check of the service's requirements: the paths and messages of errors.
    """

    unordered: tuple[str, ...] = ()
    forms: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: MappingProxyType({}))
    python_literal: bool = False
    rule: DocumentRule | None = None


@dataclass(frozen=True)
class Delta:
    """An Update that takes additions and removals of a map's keys, a keyed list's elements or a list's strings.

    ``add`` and ``remove`` are members of the Update input; empty if there is none. A list of strings has both. A map
    without ``add`` is sent whole and merged. With ``fixed``, ``add`` also takes complete existing elements, and refuses
    a changed or missing value of these members.
    """

    add: str = ""
    remove: str = ""
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StringListUpdate:
    """A list of strings with an update operation of its own, which adds and removes elements.

    The operation ``update`` takes the ARN, the ``number`` of the newest element that ``lists`` shows in ``elements``,
    newest first, and ``Add`` and ``Remove`` in ``within``. If one of ``renewing`` changes too, the usual Update creates
    a new version that takes the whole list, after it was emptied.
    """

    update: str
    within: str
    lists: str
    elements: str
    number: str
    renewing: tuple[str, ...]


@dataclass(frozen=True)
class ChildList:
    """A list of the spec, not of Create, whose elements the service keeps beside the resource, and deletes with it.

    ``put`` creates or overwrites an element, ``remove`` removes it, and ``lists`` shows all of a resource. Each takes
    the members of the resource's key; ``named`` is the member that identifies an element.
    """

    put: str
    remove: str
    lists: str
    named: str


@dataclass(frozen=True)
class UpdateHold:
    """A resource of this kind blocks some updates of a linked resource, and ends with that one.

    The service refuses an update of the linked resource that removes the part that this one names, or changes one of
    the part's members. So this one is deleted for the update, and created again afterwards.

    Fields:
        field: our linked field; the text for ``*`` in its ``within`` names the part.
        through: the other's linked field whose target's spec holds the parts.
        parts: the dotted list of the parts.
        named: the member of a part with its name.
        frozen: the members of a part that can't be changed.
    """

    field: str
    through: str
    parts: str
    named: str
    frozen: tuple[str, ...]


@dataclass(frozen=True)
class Override:
    """Members that a resource of this kind sets on a linked one while it is active.

    Fields:
        field: our linked field.
        members: the top-level members of the other that differ from its document meanwhile.
        statuses: our statuses in which the override is active.
    """

    field: str
    members: tuple[str, ...]
    statuses: frozenset[str]


@dataclass(frozen=True)
class Verbs:
    """Operations that are not called ``Create<Kind>``, ``Describe<Kind>`` ...; empty for the usual name.

    A ``describe`` that is the List is narrowed to the key, and its one element is the body.
    """

    create: str = ""
    describe: str = ""
    update: str = ""
    delete: str = ""
    list: str = ""


USUAL_VERBS = Verbs()


@dataclass(frozen=True)
class JobRun:
    """A kind that runs to its end: once for each spec, stopped at deletion, its record kept.

    Fields:
        stop: the operation that ends it early; empty if there is none. It takes the members of the spec that its input
            has.
        state: the added member of the spec by which a document may request that.
        stopped: the values of ``state`` that request it, which are also Describe's statuses then.
        stop_defaults: further parameters of Stop, from Describe's answer, if the spec lacks them.
        resume: the operation that resumes a stopped job.
        start: the operation that starts a job in the status ``scheduled`` early, if ``state`` is Running.
    """

    stop: str = ""
    state: str = ""
    stopped: tuple[str, ...] = ("Stopped",)
    stop_defaults: Callable[[Body], Body] | None = None
    resume: str = ""
    start: str = ""
    scheduled: str = ""


@dataclass(frozen=True)
class DesiredState:
    """The desired state of a resource that can be started and stopped, as an added member of the spec.

    Fields: stopped: the value for the state after ``stop``, which is also Describe's status then. member: the member. A
        document without it leaves the state to others. started: the value for the state after Create, and after
        ``start``. start, stop: the operations. not_running: failure statuses in which it does not run, so that the
        service takes a start. stops_from: the statuses in which the service takes a stop; empty if no limitation is
        known. stops_to_change: whether Update and Delete require a stopped resource: then it is stopped first, and
        started again after an update if it ran before and the document does not request otherwise.
    """

    stopped: ClassVar[str] = "Stopped"
    member: ClassVar[str] = "DesiredState"
    started: str
    start: str
    stop: str
    not_running: tuple[str, ...] = ()
    stops_from: tuple[str, ...] = ()
    stops_to_change: bool = False

    def takes_stop(self, status: str) -> bool:
        """Whether the service takes a stop in a status."""
        return not self.stops_from or status in self.stops_from


@dataclass(frozen=True)
class Membership:
    """Membership in resources of another kind, which has operations of its own.

    ``lists`` shows the others if it is narrowed to this resource, and ``named`` is the member of its elements with
    their names. ``remove`` and ``add`` take both names. ``member`` is the added member of the spec with the desired
    memberships; without one memberships are only removed, before a deletion.
    """

    lists: str
    named: str
    remove: str
    add: str = ""
    member: str = ""


@dataclass(frozen=True)
class ServiceMade:
    """How to recognize a resource that AWS created for another one, and that no document declares.

    Fields:
        by: the creator, with its article.
        member: a dotted member of Describe that only such resources show; or name: a regular expression that their
            whole names match.
    """

    by: str
    member: str = ""
    name: str = ""


# The service's names for resources of a pipeline's step: the execution's ID, the step's name, and ten characters.
# Source: the steps' metadata in the Developer Guide's examples of ListPipelineExecutionSteps.
BY_PIPELINE = ServiceMade("a pipeline's execution", name=r"pipelines-[a-z0-9]{12}-.+-[A-Za-z0-9]{10}")


@dataclass(frozen=True)
class DeleteBlocker:
    """Resources that block a deletion until they are deleted, whoever owns them.

    The operation ``lists`` shows them: with this resource's name or ARN (as the member's name ends) in ``by``, or, if
    it takes no such member, as elements that name it in the dotted ``by``; ``states`` are the statuses that block. A
    List that filters by the members of this resource's identity is narrowed by them. ``cascades`` is whether people
    start them by themselves, so that ``policy.deletion: Cascade`` deletes them first. ``refused`` is whether the
    service refuses the deletion while they exist, so that they are read only to explain the refusal.
    """

    lists: str
    by: str = ""
    states: frozenset[str] = frozenset()
    cascades: bool = False
    refused: bool = False


@dataclass(frozen=True)
class ReleasedState:
    """A state in which others rely on parts of a resource: then a change of these is a new version, not an update.

    Fields:
        member: the member of Describe, and of the spec, that holds the state.
        open: the values in which nobody relies on it. Any other may follow a release, so it counts as released.
        released: the value that, once applied, freezes these parts, even if the state was reset since.
        defines: the members of the spec that determine what its dependents run.
    """

    member: str
    open: frozenset[str]
    released: str
    defines: tuple[str, ...]


@dataclass(frozen=True)
class CopiedMember:
    """Values that a resource copies from another when it is created or updated, and keeps when the other changes.

    Fields:
        created: the other's member of Describe with the time of its creation.
        updated: our member of Describe with the time of our last update. A resource that was created later can't have
            been copied. The converse is not proved if other events change that time too.
        along: the linked fields that lead to the other: one of ours, then one of its target, and so on.
        running: our dotted member of Describe that shows the copied values; empty if there is none.
        source: the other's dotted members whose values must be among these.
    """

    created: ClassVar[str] = "CreationTime"
    updated: ClassVar[str] = "LastModifiedTime"
    along: tuple[str, ...]
    running: str = ""
    source: tuple[str, ...] = ()
