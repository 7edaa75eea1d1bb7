"""The contract of a kind: the facts derived from its row and the recorded model."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from controller.core.cloud import Identity
from controller.core.path import Path
from controller.kinds import KINDS, Kind
from controller.schema.kind_names import kebab, plural_name, suffix_member
from controller.schema.record import RecordError, added_to, spec_of
from controller.schema.secret_references import referable, without_sources
from controller.schema.shape import (
    Operation,
    Shape,
    answer_member,
    is_secret,
    member,
    not_shown,
    operation,
    page_member,
    required_operation,
    shape,
    shape_at,
)

KEY_GAP = " "  # between the members of a written key; neither names nor ARNs contain a space
ABSENT = "-"  # an omitted optional member of a written key; no name is a single hyphen
SINGLE = "of-the-account"  # the written key of a kind that the account has only once


@dataclass(frozen=True)
class Contract:
    """The facts about a kind that other packages use, derived once."""

    kind: Kind

    @property
    def name(self) -> str:
        """The kind's name."""
        return self.kind.name

    @property
    def plural(self) -> str:
        """The plural in the List operation's name."""
        return plural_name(self.kind.name)

    @cached_property
    def creates(self) -> Operation:
        """``Create<Kind>``, or the row's operation; every kind has one."""
        return required_operation(self.kind.identity.verbs.create or f"Create{self.name}")

    @cached_property
    def describes(self) -> Operation:
        """``Describe<Kind>``, or the row's operation."""
        return required_operation(self.kind.identity.verbs.describe or f"Describe{self.name}")

    @cached_property
    def updates(self) -> Operation | None:
        """``Update<Kind>``, where the service has it."""
        return operation(self.kind.identity.verbs.update or f"Update{self.name}")

    @cached_property
    def deletes(self) -> Operation | None:
        """``Delete<Kind>``, where the service has it."""
        return operation(self.kind.identity.verbs.delete or f"Delete{self.name}")

    @cached_property
    def lists(self) -> Operation | None:
        """``List<Plural>``, where the service has it."""
        return operation(self.kind.identity.verbs.list or f"List{self.plural}")

    @cached_property
    def spec(self) -> Shape:
        """The shape of ``spec``: the Create input (with ``tags`` as a map) and the row's added members."""
        return shape(spec_of(self.kind))

    @cached_property
    def body(self) -> Shape:
        """The shape of Describe's output, without a wrapping member."""
        if self.listed_only:
            return shape(shape(answer_member(self.describes, page_member(self.describes))).element)
        answer = shape(self.describes.output)
        inner = member(answer, self.kind.compare.within) if self.kind.compare.within else answer
        if inner is None:
            raise RecordError(
                f"{self.describes.name} has no member {self.kind.compare.within}: check the row"
            )
        return inner

    @property
    def listed_only(self) -> bool:
        """Whether only a List shows a resource."""
        return self.describes.name.startswith("List") or self.describes == self.lists

    @cached_property
    def name_member(self) -> str:
        """The member of ``spec`` with the caller-chosen name: ``<Kind>Name``, or the end of that, as ``Name``."""
        return self.kind.identity.name_member or suffix_member(self.name, "Name", self.spec.members)

    @property
    def names_within(self) -> bool:
        """Whether the name is a part of the identity only, as a profile's name in its domain; it may be left out."""
        found_by = self.kind.identity.found_by
        return self.name_member in (*(self.kind.identity.key or ()), *(found_by.matches if found_by else ()))

    @cached_property
    def arn_member(self) -> str:
        """The member of Describe with the ARN: ``<Kind>Arn``, or the end of that, as ``Arn``."""
        return self.kind.identity.arn_member or suffix_member(self.name, "Arn", self.body.members)

    @cached_property
    def listed_as(self) -> tuple[str, str]:
        """The members of a List's element with name and ARN, whose names may be longer than those of Describe."""
        members = (
            shape(shape(answer_member(self.lists, self.page_member)).element).members if self.lists else {}
        )
        return _find_member(self.name_member, members), _find_member(self.arn_member, members)

    @cached_property
    def listed_id(self) -> str:
        """The member of a List's element with the ID that the service assigned beside the name; empty without one."""
        element = shape(shape(answer_member(self.lists, self.page_member)).element) if self.lists else None
        return f"{self.name}Id" if element and f"{self.name}Id" in element.members else ""

    def arn_in(self, answer: Mapping[str, Any]) -> str:
        """The ARN in an answer of Create, Update or Describe; empty where there is none.

        A version after a key's last part is left out: tag operations take the ARN without it.
        """
        arn = str(answer.get(self.arn_member) or answer.get(f"{self.name}Arn") or "")
        arn = arn if arn.startswith("arn:") else ""
        longest = max((template.count("/") + 1 for template in self.arns if "/" in template), default=0)
        return "/".join(arn.split("/")[:longest]) if self.kind.identity.key and longest else arn

    @property
    def service(self) -> str:
        """The service of the kind."""
        return self.creates.service

    @property
    def arns(self) -> tuple[str, ...]:
        """The part of the kind's ARNs after the account, with braces."""
        return self.kind.identity.arns or (f"{kebab(self.name)}/{{}}",)

    @cached_property
    def status_member(self) -> str:
        """The status member of Describe; empty for kinds without a status."""
        if self.kind.lifecycle.status is not None:
            return self.kind.lifecycle.status
        return next((m for m in (f"{self.name}Status", "Status") if m in self.body.members), "")

    @property
    def state_member(self) -> str:
        """The added member of ``spec`` for starting and stopping; empty if there is none."""
        return self.kind.lifecycle.desired_state.member if self.kind.lifecycle.desired_state else ""

    def applies_spec(self, operations: Collection[str]) -> bool:
        """Whether one of the operations applies a spec."""
        return any(each.name in operations for each in (self.creates, self.updates) if each)

    @property
    def stops_to_change(self) -> bool:
        """Whether Update and Delete require a stopped resource."""
        state = self.kind.lifecycle.desired_state
        return state is not None and state.stops_to_change

    @property
    def taggable(self) -> bool:
        """Whether Create takes tags."""
        return "Tags" in self.spec.members

    @cached_property
    def unsent_members(self) -> frozenset[str]:
        """Members of ``spec`` that are never sent."""
        return frozenset(added_to(self.kind))

    @cached_property
    def settable(self) -> frozenset[str]:
        """Members of ``spec`` that documents may have, except tags."""
        return frozenset(self.spec.members) - self.spec.tokens - {"Tags"}

    @cached_property
    def updatable(self) -> frozenset[str]:
        """Members of ``spec`` that Update takes at least in part, or that have operations of their own."""
        memberships = {each.member for each in self.kind.lifecycle.memberships if each.member}
        runs = self.kind.lifecycle.runs
        states = ({self.state_member, runs.state if runs else ""} - {""}) | self.stop_members
        known_by = self.identity | set(self.kind.identity.arn_parts)
        sent = {name for name in self.settable - known_by if self.update_name(name)}
        return frozenset(sent | memberships | states | set(self.kind.write.children))

    @cached_property
    def stop_members(self) -> frozenset[str]:
        """Added members of ``spec`` that the operation which stops a job takes."""
        runs = self.kind.lifecycle.runs
        stops = required_operation(runs.stop) if runs and runs.stop else None
        return self.unsent_members & frozenset(shape(stops.input).members) if stops else frozenset()

    @property
    def identity(self) -> frozenset[str]:
        """The members of ``spec`` that identify the resource."""
        if self.kind.identity.key is not None:
            return frozenset(self.kind.identity.key)
        labelled = self.kind.identity.found_by is not None and bool(self.kind.identity.found_by.matches)
        return frozenset() if labelled else frozenset({self.name_member})

    def fixed_part(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a spec that no Update can change, without the name; it identifies a job."""
        named = {self.name_member} if self.kind.identity.key else self.identity
        kept = {n: self._fixed_part((n,), value) for n, value in spec.items() if n not in named}
        given = {name: value for name, value in kept.items() if value is not None}
        return without_sources(given, self.referable)

    def _fixed_part(self, path: Path, value: Any) -> Any:
        if not self.is_updatable(path):
            return value
        if not isinstance(value, Mapping):
            return None
        inner = {key: self._fixed_part((*path, key), each) for key, each in value.items()}
        return {key: each for key, each in inner.items() if each is not None} or None

    @property
    def distinguishing(self) -> frozenset[str]:
        """The members that identify a resource, distinguish it from others, or hold its status."""
        kind = self.kind
        by = kind.identity.found_by
        listed = shape(self.lists.input).required if self.lists and by else ()
        found_by = (by.when, *by.matches, *by.listed_by.values(), *listed) if by else ()
        states = (
            kind.lifecycle.runs.state if kind.lifecycle.runs else "",
            kind.lifecycle.release.member if kind.lifecycle.release else "",
        )
        members = (*self.identity, *(kind.identity.key or ()), *found_by, *states, "Tags")
        return frozenset(each.split(".")[0] for each in members if each)

    def update_name(self, name: str) -> str:
        """The name of a member of ``spec`` in Update; empty if Update lacks it."""
        delta = self.kind.write.deltas.get(name)
        called = self.kind.write.renamed.get(name) or (delta.add if delta else "") or name
        return called if called in self.update_members else ""

    def is_updatable(self, path: Path) -> bool:
        """Whether Update takes the value at a path of ``spec``: its shapes may have fewer members than Create's."""
        name = str(path[0])
        if name in self.unsent_members:
            return name in self.updatable
        if any(path[: len(fixed)] == fixed for fixed in self._immutable):
            return False
        called = self.update_name(name)
        if not called or name in {*self.identity, *self.kind.identity.arn_parts} or self.updates is None:
            return False
        if name in self.kind.write.deltas:
            return True
        here: Shape | None = shape(self.updates.input)
        names = (
            self.kind.write.renamed.get(".".join(map(str, path[: i + 1])), path[i])
            for i in range(1, len(path))
        )
        for part in (called, *names):
            here = shape_at(here, (part,)) if here else None
            if here is not None and here.type not in ("structure", "list", "map"):
                return True
        return here is not None

    @cached_property
    def _immutable(self) -> tuple[Path, ...]:
        return tuple(tuple(each.split(".")) for each in self.kind.write.immutable)

    @cached_property
    def update_members(self) -> frozenset[str]:
        """All members of the Update input."""
        return frozenset(shape(self.updates.input).members) if self.updates else frozenset()

    @cached_property
    def update_key(self) -> str:
        """The member by which Update finds the resource."""
        return self.key_of(self.updates) if self.updates else ""

    def key_of(self, of: Operation) -> str:
        """The member by which an operation finds the resource: the name, or the ARN."""
        takes = shape(of.input)
        if self.arn_member in takes.required or self.name_member not in takes.members:
            return self.arn_member
        return self.name_member

    def address(self, of: Operation, name: str, home: Callable[[], Identity] | None = None) -> dict[str, Any]:
        """The parameters by which an operation finds the resource of that AWS name, ARN or written key.

        For a written key the ARN is built if the operation takes nothing else, with the identity from ``home``.
        """
        identity, takes = self.kind.identity, shape(of.input).members
        if identity.arn_parts:
            parts = zip(identity.arn_parts, name.split("/")[-len(identity.arn_parts) :], strict=True)
            return {m: int(text) if shape(takes[m]).type == "integer" else text for m, text in parts}
        if identity.key is None:
            return {self.key_of(of): name}
        given = self.key_parts(name)
        if home is not None and self.arn_member in takes and not given.keys() & takes.keys():
            here = home()
            of_account = f"arn:{here.partition}:{self.service}:{here.region}:{here.account}"
            return {self.arn_member: f"{of_account}:{self.arns[0].format_map(given)}"}
        # an operation for several resources takes a list
        fixed = {member: value for member, value in identity.fixed.items() if member in takes}
        several = {f"{member}s": [text] for member, text in given.items() if f"{member}s" in takes}
        return {member: text for member, text in given.items() if f"{member}s" not in takes} | several | fixed

    def key_parts(self, name: str) -> dict[str, str]:
        """The members of a written key with their values, without omitted ones; none for other kinds."""
        key = self.kind.identity.key or ()
        parts = zip(key, name.split(KEY_GAP) if key else (), strict=True)
        return {member: text for member, text in parts if text != ABSENT}

    def named_in(self, element: Mapping[str, Any]) -> str:
        """The argument of ``address`` for an element of the kind's List: its written key, name or ARN."""
        if self.kind.identity.key:
            return KEY_GAP.join(str(element.get(member) or ABSENT) for member in self.kind.identity.key)
        name, arn = self.listed_as
        by_arn = self.key_of(self.describes) == self.arn_member
        return str(element.get(arn if by_arn else name) or element[arn])

    def link_name(self, name: str) -> str:
        """The name by which links refer to the resource of that AWS name, ARN or written key."""
        key = self.kind.identity.key or ()
        return name.split(KEY_GAP)[key.index(self.name_member)] if self.name_member in key else name

    @cached_property
    def frozen(self) -> frozenset[str]:
        """Members that no Update takes."""
        return self.settable - self.updatable

    @cached_property
    def unreadable(self) -> tuple[str, ...]:
        """Dotted members of ``spec`` that Describe never shows, however deep."""
        hidden = list(self.kind.compare.unreadable)
        memberships = {each.member for each in self.kind.lifecycle.memberships}
        state = {self.kind.lifecycle.runs.state} if self.kind.lifecycle.runs else set()
        reported = (
            set(self.kind.compare.reads)
            | set(self.kind.compare.further)
            | set(self.kind.write.write_only)
            | memberships
            | set(self.kind.write.children)
            | state
            | self.identity
        ) | {self.state_member}
        for name in sorted(self.settable - reported):
            hidden += not_shown(name, shape(self.spec.members[name]), member(self.body, name), frozenset())
        return tuple(sorted(hidden))

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Dotted members that are sensitive and never shown: they must be given by reference."""
        return tuple(path for path in self.unreadable if is_secret(self.spec, path))

    @cached_property
    def referable(self) -> tuple[str, ...]:
        """Dotted members that are maps whose values may be references to secrets."""
        return referable(self.spec)

    @cached_property
    def page_member(self) -> str:
        """The member of List's answer with the page; empty if there is no List."""
        return page_member(self.lists) if self.lists else ""


@cache
def contract(kind: str) -> Contract:
    """The contract of a declared kind.

    Raises:
        KeyError: no row of that name.

    """
    return Contract(KINDS[kind])


@cache
def listed_kind(lists: str) -> Contract | None:
    """The contract of the kind with that List; None if no row has it."""
    return next((each for each in map(contract, KINDS) if each.lists and each.lists.name == lists), None)


def _find_member(member: str, members: Mapping[str, str]) -> str:
    """The member of that name, or the only one that ends with it, such as ``MonitoringJobDefinitionName``."""
    longer = [each for each in members if each.endswith(member)]
    return longer[0] if member not in members and len(longer) == 1 else member
