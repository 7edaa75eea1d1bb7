"""The columns of a row.

Identity, create and update members, frozen members (create less update), status member, taggability and
plural are derived from botocore (``service/contract.py``); a row says only what cannot be derived.
Members are written in AWS's words, dotted, with ``[]`` for the elements of a list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeAlias

from controller.core.phase import Phase

Body: TypeAlias = Mapping[str, Any]
Amend: TypeAlias = Callable[[Body, Body, Body], Body]


class By(Enum):
    """In which form a linked field names its target."""

    NAME = "name"
    ARN = "arn"


@dataclass(frozen=True)
class Link:
    """A field that names another kind.

    ``held`` are members of Describe, other than the field itself, that also show a use of the target:
    a target that any of them names is in use.
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

    ``listed_by`` are the members of the spec that the List operation takes to narrow its answer; ``marker``
    is the map member that carries our ownership, because such resources take no tags.
    """

    when: str
    listed_by: tuple[str, ...]
    marker: str
    succession: Succession


@dataclass(frozen=True)
class Delta:
    """An Update that speaks in additions and removals of a map's keys or a keyed list's elements.

    ``add`` and ``remove`` are members of the Update input; an empty text means that it can't be done.
    A map without ``add`` is merged when it is sent whole.
    """

    add: str = ""
    remove: str = ""


@dataclass(frozen=True)
class Show:
    """A member of Describe worth telling a person beside name, status and age.

    ``says`` puts the member's value, or each element of it where it is a list, into one line; without it the
    value is shown as it is. A List whose summaries hold the member too gets a column of it.
    """

    member: str
    says: Callable[[Any], str] | None = None


class When(Enum):
    """When a detail is read; each is a call more, or several."""

    AT_WORK = "what is at work or failed, --steps and -v"
    ASKED_FOR_MORE = "-v, and where the result is JSON"
    BY_NAME = "`sagectl get KIND NAME --<detail>` alone"


@dataclass(frozen=True)
class Detail:
    """A further read that tells more of one resource; it takes the member that Describe takes.

    Args:
        name: a word for people: a heading, and the option of ``sagectl get`` that asks for it.
        operation: the read. A List is read to its end.
        member: the member of its answer that holds the detail: a list of structures, or a text.
        columns: members of an element of the list that are worth a column, in order.
        span: the members of an element between which it was at work, shown as a duration after the columns.
        when: when it is read.

    """

    name: str
    operation: str
    member: str
    columns: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    when: When = When.BY_NAME


@dataclass(frozen=True)
class OtherList:
    """A second List of a kind: of what belongs to a resource of the kind ``to``.

    Its option in ``sagectl get`` is called as that kind is (``--workteam``) and takes a name or an ARN, which
    goes into ``member`` in the form of ``by``.
    """

    operation: str
    member: str
    to: str
    by: By = By.ARN


@dataclass(frozen=True)
class Kind:
    """A row: one kind of SageMaker resource.

    Columns:
        name: the kind, as the operations spell it (``Create<name>``).
        plural: how the List operation spells many of it.
        within: member of Describe, and of Update's answer, that holds the body.
        links: fields that name other kinds.
        reads: spec member from the live body, where Describe shows it under another name or form.
        unreadable: members that Describe never returns although its shape has no say in it.
        carried: members that go along with an update but are never compared: they tell how, not what.
        cleared: the value that lifts an optional member once it was set.
        deltas: members that Update changes by additions and removals only.
        after: kinds whose documents come first though no field says so.
        unordered: lists whose order means nothing.
        keyed: lists whose elements are known by a member.
        documents: members that hold JSON in a string.
        words: status words that mean something else for this kind than in the shared dictionary.
        succession: how an immutable kind changes.
        found_by: when the service assigns the identity.
        exactly_one_of, at_most_one_of: rules that the model tells only in words.
        shows: members of Describe that tell a person most, in order.
        details: further reads that tell more of one resource, in order.
        other_lists: further ways to list the kind.
        listed_with: what List is given to show all, where it holds some back unless it is told otherwise.
        amend: last resort: the update's parameters from (parameters, live link targets, wanted ones).
    """

    name: str
    plural: str
    within: str = ""
    links: tuple[Link, ...] = ()
    reads: Mapping[str, Callable[[Body], Any]] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    deltas: Mapping[str, Delta] = field(default_factory=lambda: MappingProxyType({}))
    after: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    keyed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    documents: tuple[str, ...] = ()
    words: Mapping[str, Phase] = field(default_factory=lambda: MappingProxyType({}))
    succession: Succession | None = None
    found_by: FoundBy | None = None
    exactly_one_of: tuple[tuple[str, ...], ...] = ()
    at_most_one_of: tuple[tuple[str, ...], ...] = ()
    shows: tuple[Show, ...] = ()
    details: tuple[Detail, ...] = ()
    other_lists: tuple[OtherList, ...] = ()
    listed_with: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    amend: Amend | None = None
