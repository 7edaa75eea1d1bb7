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
    """In which form a linked field names its target."""

    NAME = "name"
    ARN = "arn"
    ID = "id"


@dataclass(frozen=True)
class Link:
    """A field that names another kind.

    A field that may name several kinds has a link for each. ``held`` are members of Describe, other than the
    field itself, that also show a use of the target: a target that any of them names is in use. ``within`` is the
    text around the name, such as ``endpoint/{}/variant/*``, where the field holds more than that: ``{}`` stands for
    the name and ``*`` for any text without a slash. ``none`` is the word that the field takes for no target.
    ``when`` is a dotted member with the value at which the field names this kind, where another member says which.
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

    ``hashed`` generations are called ``<name>-<hash>``; the others are numbered by the service.
    ``sweep`` says whether an old generation is deleted once it is proved unused.
    """

    hashed: bool = True
    sweep: bool = True


@dataclass(frozen=True)
class AssignedIdentity:
    """An identity that the service assigns, for specs that have the member ``when``.

    ``listed_by`` gives the List input's members that narrow its answer, with the spec's members to take them
    from. What was found is ours by its tags; ``marker`` is the map member that carries our ownership where
    such resources take no tags. ``matches`` are members that distinguish one resource from another.
    Without marker and matches only the client token finds a resource again.
    """

    when: str
    listed_by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marker: str = ""
    matches: tuple[str, ...] = ()
    succession: Generations | None = None


@dataclass(frozen=True)
class JsonDocument:
    """A member that holds JSON in a string.

    Fields:
        unordered: dotted lists inside it, from the spec's member on, whose order means nothing; one element may
            stand without a list.
        forms: by such a list, the one form of elements that have several spellings.
        python_literal: whether the service also takes it as Python writes it, with single quotes.
        rule: what the service demands of it: the paths and messages of what is wrong.
    """

    unordered: tuple[str, ...] = ()
    forms: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: MappingProxyType({}))
    python_literal: bool = False
    rule: DocumentRule | None = None


@dataclass(frozen=True)
class Delta:
    """An Update that takes additions and removals of a map's keys, a keyed list's elements or a list's strings.

    ``add`` and ``remove`` are members of the Update input; an empty text means that it can't be done. A list of
    strings has both. A map without ``add`` is merged when it is sent whole. With ``fixed``, ``add`` takes
    existing elements as well, whole, and refuses another value of these members of theirs, or none where they
    have one.
    """

    add: str = ""
    remove: str = ""
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class StringListUpdate:
    """A list of strings with an update operation of its own: the operation ``update`` adds to it and removes from it.

    It takes our ARN, the ``number`` of the newest of what ``lists`` shows in ``elements``, newest first, and ``Add``
    and ``Remove`` in ``within``. Where one of ``renewing`` changes too, the usual Update makes something new that
    takes the list whole, after it was emptied.
    """

    update: str
    within: str
    lists: str
    elements: str
    number: str
    renewing: tuple[str, ...]


@dataclass(frozen=True)
class ChildList:
    """A list of ours in the spec whose elements the service keeps beside the resource, and deletes with it.

    ``put`` makes an element or overwrites it, ``remove`` takes it away, and ``lists`` shows all of a resource. Each
    takes the members of the resource's key; ``named`` is the member that identifies an element.
    """

    put: str
    remove: str
    lists: str
    named: str


@dataclass(frozen=True)
class UpdateHold:
    """What the service refuses of a linked resource while a resource of this kind is there, which ends with the other.

    An update of the other that removes the part that this one names, or changes one of the part's members. Such a
    resource is deleted for the update, and made again afterwards.

    Fields:
        field: our linked field; what replaces ``*`` in its ``within`` names the part.
        through: the other's linked field whose target's spec holds the parts.
        parts: the dotted list of the parts.
        named: the member of a part with its name.
        frozen: the members of a part that can't change.
    """

    field: str
    through: str
    parts: str
    named: str
    frozen: tuple[str, ...]


@dataclass(frozen=True)
class Override:
    """What a resource of this kind sets on a linked one while it is active; afterwards the other is as before.

    Fields:
        field: our linked field.
        members: the top-level members of the other that differ from its document meanwhile.
        statuses: ours in which it is so.
    """

    field: str
    members: tuple[str, ...]
    statuses: frozenset[str]


@dataclass(frozen=True)
class Verbs:
    """Operations that are not called ``Create<Kind>``, ``Describe<Kind>`` ...; an empty text: as usual.

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
        stop: the operation that ends it early; empty where nothing does. It takes those of our members of the spec
            that its input has.
        state: our member of the spec by which a document may request that.
        stopped: the words of ``state`` that request it, which are the statuses that Describe shows then.
        stop_defaults: what else Stop takes, from Describe's answer, where no document says it.
        resume: the operation that resumes what was stopped so.
        start: the operation that begins before its time what waits in the status ``scheduled``, where ``state`` is
            Running.
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
    """The states between which a resource is started and stopped, as our member of the spec names them.

    Fields:
        stopped: the word for the state that ``stop`` brings, which is the status that Describe shows then.
        member: our member of the spec. A document without it leaves the state to others.
        started: the word for the state that Create leads to, and that the operation ``start`` brings back.
        start, stop: the operations.
        not_running: statuses of a failure in which it does not run, so that the service takes a start.
        stops_from: the statuses in which the service takes a stop; none where that is not known to be limited.
        stops_to_change: whether Update and Delete are taken only of what is stopped: then it is stopped first, and
            started again after an update where it ran before and the document does not say otherwise.
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

    ``lists`` shows the others when it is narrowed to this resource, and ``named`` is the member of its
    elements that names them. ``remove`` and ``add`` take both names. ``member`` is our member of the spec that
    says the desired state; without one the ties are only cut, at deletion.
    """

    lists: str
    named: str
    remove: str
    add: str = ""
    member: str = ""


@dataclass(frozen=True)
class ServiceMade:
    """How to recognize a resource that AWS made for something else, and that no document stands for.

    Fields:
        by: what made it, with its article.
        member: a dotted member of Describe that only such resources show; or
        name: a regular expression that their whole names match.
    """

    by: str
    member: str = ""
    name: str = ""


# The service names what a pipeline's step makes so: the execution's ID, the step's name, and ten more characters.
# Source: the steps' metadata in the Developer Guide's examples of ListPipelineExecutionSteps.
BY_PIPELINE = ServiceMade("a pipeline's execution", name=r"pipelines-[a-z0-9]{12}-.+-[A-Za-z0-9]{10}")


@dataclass(frozen=True)
class DeleteBlocker:
    """What must be gone before a resource can be deleted, though it may be nobody's of ours.

    The operation ``lists``, with this resource's name or ARN (as the member's name ends) in ``by``, or, where
    it takes no such member, with elements that name it in the dotted ``by``; ``states`` are the status words that
    count. A List that filters by the members of this resource's identity is narrowed by them. ``cascades`` says
    whether people start it by themselves, so that ``policy.deletion: Cascade`` deletes it first. ``refused`` says that
    the service refuses the deletion while such is there, so that it is read only to say why.
    """

    lists: str
    by: str = ""
    states: frozenset[str] = frozenset()
    cascades: bool = False
    refused: bool = False


@dataclass(frozen=True)
class ReleasedState:
    """A state in which others rely on what a resource defines: then a change of that is a new version, no update.

    Fields:
        member: the member of Describe, and of the spec, that holds the state.
        open: the values in which nobody relies on it. Any other may follow a release, so it counts as one.
        released: the value that, once we applied it, keeps what it defines, even where the state was set back since.
        defines: the members of the spec that say what its dependents run.
    """

    member: str
    open: frozenset[str]
    released: str
    defines: tuple[str, ...]


@dataclass(frozen=True)
class CopiedMember:
    """What a resource takes over from another when it is created or updated, and keeps whatever becomes of the other.

    Fields:
        created: the other's member of Describe with the time at which it was made.
        updated: our member of Describe with the time of our last update. What was made later can't have been taken
            over. The converse is not proved, where other events move that time too.
        along: the linked fields that lead to the other: one of ours, then one of its target, and so on.
        running: our dotted member of Describe that shows what we run with; empty where nothing does.
        source: the other's dotted members whose values must be among those.
    """

    created: ClassVar[str] = "CreationTime"
    updated: ClassVar[str] = "LastModifiedTime"
    along: tuple[str, ...]
    running: str = ""
    source: tuple[str, ...] = ()
