"""The columns of a row.

Identity, create and update members, frozen members (create less update), status member, taggability and
plural are derived from botocore (``schema/contract.py``); a row says only what cannot be derived.
Members are written in AWS's words, dotted, with ``[]`` for the elements of a list.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeAlias

from controller.core.path import Path
from controller.core.phase import Phase
from controller.kinds.defaults import Default
from controller.kinds.display import Detail, OtherList, Show
from controller.kinds.effects import Consequence, Fleet
from controller.kinds.rule import Rule

Body: TypeAlias = Mapping[str, Any]
Amend: TypeAlias = Callable[[Body, Body, Body], Body]
DocumentRule: TypeAlias = Callable[[Any, Callable[[str], bool]], Iterable[tuple[Path, str]]]


class By(Enum):
    """In which form a linked field names its target."""

    NAME = "name"
    ARN = "arn"
    ID = "id"


@dataclass(frozen=True)
class Link:
    """A field that names another kind.

    A field that may name several kinds has a link for each. ``held`` are members of Describe, other than the
    field itself, that also show a use of the target: a target that any of them names is in use.
    """

    field: str
    to: str
    by: By = By.NAME
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class Succession:
    """An immutable kind whose change is a new resource beside the old one.

    ``hashed`` generations are called ``<name>-<hash>``; the others are numbered by the service.
    ``sweep`` says whether an old generation is deleted once it is proved unused.
    """

    hashed: bool = True
    sweep: bool = True


@dataclass(frozen=True)
class FoundBy:
    """An identity that the service assigns, for specs that have the member ``when``.

    ``listed_by`` gives the List input's members that narrow its answer, with the spec's members to take them
    from. What was found is ours by its tags; ``marker`` is the map member that carries our ownership where
    such resources take no tags. ``matches`` are members that tell one resource from another.
    Without marker and matches only the client token finds a resource again.
    """

    when: str
    listed_by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marker: str = ""
    matches: tuple[str, ...] = ()
    succession: Succession | None = None


@dataclass(frozen=True)
class Delta:
    """An Update that speaks in additions and removals of a map's keys or a keyed list's elements.

    ``add`` and ``remove`` are members of the Update input; an empty text means that it can't be done.
    A map without ``add`` is merged when it is sent whole.
    """

    add: str = ""
    remove: str = ""


@dataclass(frozen=True)
class Aside:
    """A list of texts with an update of its own: the operation ``update`` adds to it and removes from it.

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
class Verbs:
    """Operations that are not called ``Create<Kind>``, ``Describe<Kind>`` ...; an empty text: as usual.

    A ``describe`` that is a List is narrowed to the key, and its one element is the body.
    """

    create: str = ""
    describe: str = ""
    update: str = ""
    delete: str = ""
    list: str = ""


@dataclass(frozen=True)
class Runs:
    """A kind that runs to its end: once for each spec, stopped at deletion, its record kept.

    ``stop`` is the operation that ends it early. Where people may ask for that, ``state`` is our member of
    the spec that says so with the word ``stopped``, and ``resume`` goes on with what was stopped so.
    """

    stop: str
    state: str = ""
    stopped: str = "Stopped"
    resume: str = ""


@dataclass(frozen=True)
class Tie:
    """Membership in resources of another kind, which has operations of its own.

    ``lists`` shows the others when it is narrowed to this resource, and ``named`` is the member of its
    elements that names them. ``remove`` and ``add`` take both names. ``member`` is our member of the spec that
    says what is wanted; without one the ties are only cut, at deletion.
    """

    lists: str
    named: str
    remove: str
    add: str = ""
    member: str = ""


@dataclass(frozen=True)
class Made:
    """How to know a resource that AWS made for something else, and that no document stands for.

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
BY_PIPELINE = Made("a pipeline's execution", name=r"pipelines-[a-z0-9]{12}-.+-[A-Za-z0-9]{10}")


@dataclass(frozen=True)
class Gate:
    """What must be gone before a resource can be deleted, though it may be nobody's of ours.

    The operation ``lists``, with this resource's name or ARN (as the member's name ends) in ``by``, or, where
    it takes no such member, with elements that name it in ``by``; ``states`` are the status words that count.
    """

    lists: str
    by: str = ""
    states: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Release:
    """A state in which others rely on what a resource defines: then a change of that is a new version, no update.

    Fields:
        member: the member of Describe, and of the spec, that tells the state.
        open: the values in which nobody relies on it. Any other may follow a release, so it counts as one.
        released: the value that, once we applied it, keeps what it defines, even where the state was set back since.
        defines: the members of the spec that say what its dependents run.
    """

    member: str
    open: frozenset[str]
    released: str
    defines: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """What a resource takes over from another when it is created or updated, and keeps whatever becomes of the other.

    Fields:
        along: the linked fields that lead to the other: one of ours, then one of its target, and so on.
        created: the other's member of Describe with the time at which it was made.
        updated: our member of Describe with the time of our last update. What was made later can't have been taken
            over. The converse is not proved, where other events move that time too.
        running: our dotted member of Describe that shows what we run with; empty where nothing does.
        source: the other's dotted members whose values must be among those.
    """

    along: tuple[str, ...]
    created: str = "CreationTime"
    updated: str = "LastModifiedTime"
    running: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A row: one kind of SageMaker resource.

    Columns:
        name: the kind, as the operations spell it (``Create<name>``).
        plural: how the List operation spells many of it.
        verbs: operations that are called otherwise.
        key: the members of the spec that are its identity; None for ``<Kind>Name``, empty where the account
            has one only.
        within: member of Describe, and of Update's answer, that holds the body.
        status: the member of Describe that tells the state; None for ``<Kind>Status`` or ``Status``.
        update_status_path: a dotted member of Describe that tells of an update under way beside the status.
        reasons: dotted members of Describe, besides ``FailureReason``, that say why it failed.
        added: members of ``spec`` that are ours and not of Create, with shapes as botocore writes them.
        links: fields that name other kinds.
        snapshots: what it took over from what it links to, and does not follow afterwards.
        release: the state after which what its dependents run is not changed in place.
        reads: spec member from the live body, where Describe shows it under another name or form.
        unreadable: members that Describe never returns although its shape has no say in it.
        write_only: members that go along with an update but are never compared: they tell how, not what.
        cleared: by dotted member, the value that lifts an optional member once it was set; ``Same`` for that of another
            member. Each with its source.
        kept: dotted members that stay as they are where an update leaves them out, and can't be lifted.
        renamed: members that Update takes under another name.
        deltas: members that Update changes by additions and removals only.
        outputs: members of Create's input that only the service writes.
        side_updates: members with an update of their own.
        one_change_per_update: whether each changed member takes an Update of its own, one after the other.
        updatable_in_phase: members that Update takes only in one phase of a run.
        after: kinds whose documents come first though no field says so.
        delete_blockers: what must be gone before it can be deleted.
        memberships: its membership in others.
        shared: a setting of the account that others may rely on: found as wanted it is left to whoever made
            it, and deletion undoes only what we did.
        runs: how a run to completion is stopped.
        unordered: lists whose order means nothing.
        keyed: lists whose elements are known by a member.
        documents: members that hold JSON in a string.
        document_sets: lists inside documents whose order means nothing; one element may stand without a list.
        document_forms: the one form of the elements of such a set that have several spellings.
        status_phases: status words that mean something else for this kind than in the shared dictionary.
        succession: how an immutable kind changes.
        found_by: when the service assigns the identity.
        rules: what the service demands of members beside each other, which the model has only in words.
        unique: members of the spec whose values no two resources of an account share; empty where the account has
            one resource only, None where nothing but the name is unique.
        quoted: documents that the service takes as Python writes them as well, with single quotes.
        document_rules: what the service demands of a JSON document, as the paths and words of what is wrong.
        consequences: what its steps bring with them for people and data. A deletion that interrupts or loses is agreed
            to by its name.
        fleets: the machines that it runs on.
        defaults: dotted members of ``spec`` that the service fills in where nothing is said, and with what;
            each with its source. Such a value is no drift, and is left out of what is exported.
        arns: what stands behind the account in its ARNs, in IAM's sense, with ``{}`` for the name or for a
            member in braces; none for the kind in kebab case and the name. Empty texts: IAM knows no
            resource for it.
        columns: members of Describe that tell a person most, in order.
        details: further reads that tell more of one resource, in order.
        other_lists: further ways to list the kind.
        listed_with: what List is given to show all, where it holds some back unless it is told otherwise.
        made: how to know those that AWS made for something else: they are not exported.
        amend: last resort: the update's parameters from (parameters, live link targets, wanted ones).
    """

    name: str
    plural: str
    verbs: Verbs = Verbs()
    key: tuple[str, ...] | None = None
    within: str = ""
    status: str | None = None
    update_status_path: str = ""
    reasons: tuple[str, ...] = ()
    added: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    links: tuple[Link, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    release: Release | None = None
    reads: Mapping[str, Callable[[Body], Any]] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: tuple[str, ...] = ()
    write_only: tuple[str, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    kept: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    deltas: Mapping[str, Delta] = field(default_factory=lambda: MappingProxyType({}))
    outputs: tuple[str, ...] = ()
    side_updates: Mapping[str, Aside] = field(default_factory=lambda: MappingProxyType({}))
    one_change_per_update: bool = False
    updatable_in_phase: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    after: tuple[str, ...] = ()
    delete_blockers: tuple[Gate, ...] = ()
    memberships: tuple[Tie, ...] = ()
    shared: bool = False
    runs: Runs | None = None
    unordered: tuple[str, ...] = ()
    keyed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    documents: tuple[str, ...] = ()
    document_sets: tuple[str, ...] = ()
    document_forms: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: MappingProxyType({}))
    status_phases: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    succession: Succession | None = None
    found_by: FoundBy | None = None
    rules: tuple[Rule, ...] = ()
    unique: tuple[str, ...] | None = None
    quoted: tuple[str, ...] = ()
    document_rules: Mapping[str, DocumentRule] = field(default_factory=lambda: MappingProxyType({}))
    consequences: tuple[Consequence, ...] = ()
    fleets: tuple[Fleet, ...] = ()
    defaults: Mapping[str, Default] = field(default_factory=lambda: MappingProxyType({}))
    arns: tuple[str, ...] = ()
    columns: tuple[Show, ...] = ()
    details: tuple[Detail, ...] = ()
    other_lists: tuple[OtherList, ...] = ()
    listed_with: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    made: tuple[Made, ...] = ()
    amend: Amend | None = None
