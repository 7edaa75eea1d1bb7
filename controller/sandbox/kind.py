"""The sandbox's definition of a kind of resource: one frozen value, written in one file under `kinds/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from controller.sandbox.knobs import Knobs
from controller.sandbox.request import OperationRequest, SandboxAccount
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase

Seconds = Callable[[OperationRequest], float]
Handler = Callable[[OperationRequest], Json]
Guard = Callable[[OperationRequest], None]
RowGuard = Callable[[OperationRequest, Row], None]


class Verb(StrEnum):
    """The four operations that nearly every kind has. Several Updates of a kind are named by what they change."""

    CREATE = "Create"
    DESCRIBE = "Describe"
    DELETE = "Delete"
    LIST = "List"


@dataclass(frozen=True)
class StateSequence:
    """The states that a resource passes without further requests.

    `growth` lists the transitional states of a creation with the time spent in each; without any, the resource is
    created in state `grown`.
    """

    status: str
    stable: str
    growth: tuple[tuple[str, Seconds], ...] = ()
    failed: str = "Failed"
    failure: str = "FailureReason"
    failure_members: Callable[[str], Json] | None = None  # the members with the reason, if not `failure`
    deleting: str = "Deleting"
    deletion_states: tuple[
        tuple[str, Seconds], ...
    ] = ()  # further states of a deletion, with their time after the previous one
    deleted: str | None = None  # the final state, in which Describe still returns the resource
    delete_failed: str | None = None  # the state after a failed deletion
    deletion_seconds: Seconds | None = None
    busy: frozenset[str] = frozenset()  # states in which Update and Delete are refused
    running: frozenset[str] = frozenset()  # states in which only Delete is refused


@dataclass(frozen=True)
class ListDefaults:
    """The default order and page size of List."""

    key: str
    sort: str = "CreationTime"
    order: str = "Ascending"
    page: int = 100
    row_filter: Callable[[OperationRequest, Row], bool] | None = None  # filters that only this kind has
    filtered: frozenset[str] = frozenset()  # the members of the request that `row_filter` or a guard reads
    item: Callable[[Row], Json] | None = None  # members of a List item that Describe has elsewhere
    guards: tuple[Guard, ...] = ()


def no_members(_: OperationRequest) -> Json:
    """No members except the request's."""
    return {}


def no_dependents(_: OperationRequest, __: Row) -> list[Row]:
    """No resource is deleted with this one."""
    return []


@dataclass(frozen=True)
class SandboxKind:
    """One kind. The operations `Create<name>`, `Describe<name>` ... follow from its name."""

    name: str
    path: str  # the resource part of its ARN, before the name
    missing: Phrase
    exists: Phrase
    busy: Phrase
    listing: ListDefaults
    service: str = "sagemaker"
    life: StateSequence | None = None
    name_member: str = ""  # the member with the name, if it is not `<name>Name`
    arn_member: str = ""  # the member of Describe with the ARN, if it is not `<name>Arn`
    within: str | None = None  # the member of Describe that contains the body
    created: str = "CreationTime"
    modified: str | None = "LastModifiedTime"
    by_arn: bool = False  # operations accept the ARN in place of the name
    instructions: frozenset[str] = (
        frozenset()
    )  # members of Create and Update that are instructions, not state
    token: Callable[[OperationRequest], str | None] | None = None  # the client token of a creation
    guards: tuple[Guard, ...] = ()
    update_guards: tuple[RowGuard, ...] = ()
    delete_guards: tuple[RowGuard, ...] = ()
    identify: Callable[[OperationRequest], tuple[str, str]] | None = None  # ARN and name of a new resource
    address: Callable[[OperationRequest], str] | None = None  # the ARN that a request addresses
    initial: Callable[[OperationRequest], Json] = (
        no_members  # members that the server adds; None for one that it ignores
    )
    settle: Callable[[OperationRequest, Json], tuple[Json, tuple[str, ...]]] | None = (
        None  # put and drop when grown
    )
    keep: Callable[[OperationRequest], Json] = no_members
    grow: Callable[[OperationRequest, Row], Row] | None = (
        None  # in place of the states of `life`, if they do not suffice
    )
    shown: Callable[[OperationRequest, Row], Json] | None = (
        None  # the response of Describe, if it is not the body
    )
    change: Callable[[OperationRequest, Row], Row] | None = None
    stop: Callable[[OperationRequest, Row], Row] | None = None
    follows: tuple[
        Callable[[OperationRequest, Row], None], ...
    ] = ()  # further effects of a creation or a Stop
    unknown: Phrase | None = None  # the refusal of Stop for an unknown name, if it is not `missing`
    delete_response: Json = field(default_factory=dict)  # members of the response to Delete
    # Further updates.
    changes: Mapping[str, Callable[[OperationRequest, Row], Row]] = field(default_factory=dict)
    reads: Mapping[str, Callable[[OperationRequest], Json]] = field(default_factory=dict)  # further reads
    views: Mapping[str, ListDefaults] = field(default_factory=dict)  # further lists

    acts: Mapping[str, Handler] = field(default_factory=dict)  # further changes
    called: Mapping[Verb, str | None] = field(default_factory=dict)  # None: there is no such operation
    along: Callable[[OperationRequest, Row], list[Row]] = no_dependents  # deleted with it
    again: Callable[[OperationRequest, Row], Row] | None = (
        None  # what a second creation does, if it is no error
    )

    @property
    def named(self) -> str:
        """The member with the name."""
        return self.name_member or f"{self.name}Name"

    @property
    def plural(self) -> str:
        """The plural of the name, as in the List operation."""
        return f"{self.name[:-1]}ies" if self.name.endswith("y") else f"{self.name}s"

    @property
    def grows(self) -> bool:
        """Whether a creation takes time, and so can fail at its end."""
        return self.grow is not None or (self.life is not None and bool(self.life.growth))

    def operation(self, verb: Verb) -> str | None:
        """Return the name of an operation; None if the kind does not have it."""
        return self.called.get(verb, f"{verb}{self.plural if verb is Verb.LIST else self.name}")

    def is_deleted(self, row: Row) -> bool:
        """Whether a resource is deleted, although Describe still returns it."""
        return bool(self.life and self.life.deleted and row.body.get(self.life.status) == self.life.deleted)

    def arn(self, account: SandboxAccount, knobs: Knobs, name: str) -> str:
        """Return the ARN of `name`, which may already be an ARN if the kind accepts one."""
        if self.by_arn and name.startswith("arn:"):
            return name
        return account.arn(f"{self.path}/{name.lower() if self.name in knobs.lowered_arns else name}")

    def arn_in(self, request: OperationRequest) -> str:
        """Return the ARN that a request addresses."""
        if self.address is not None:
            return self.address(request)
        return self.arn(request.account, request.knobs, request.params[self.named])
