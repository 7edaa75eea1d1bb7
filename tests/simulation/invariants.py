"""What must hold after each pass and at the end of a history, judged by what lives in the account and not by reads."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from controller.core.path import get
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import DIGEST, OWNER
from controller.engine.plan import Plan, Step
from controller.inventory.model import Inventory
from controller.kinds import KINDS
from controller.manifests.bundle import Resource
from controller.manifests.document import Adopt
from controller.sandbox.resource import Row
from controller.schema.contract import contract
from tests.planned import calls_with_unknown_inputs, unplanned_calls
from tests.simulation.account import Account, Mutation
from tests.simulation.passes import Pass

Key = tuple[str, int]


@dataclass
class Invariants:
    """Collects violations; ``adopted`` are the resources that a set was allowed to adopt."""

    account: Account
    broken: list[str] = field(default_factory=list)
    adopted: set[tuple[str, Key]] = field(default_factory=set)
    released: set[tuple[str, Ref]] = field(default_factory=set)
    # Shows no owner, and the inventory with its entry was lost.
    unprovable: set[Key] = field(default_factory=set)
    # Reads have shown, or may show, an earlier owner. Before a deletion without data loss they are repeated.
    stale: bool = False

    def after(self, done: Pass) -> None:
        """Check a pass."""
        for mutation in done.mutations:
            if mutation.record.error is None:
                self.broken += self._trespasses(mutation, done)
                self.broken += self._twice(mutation)
                self.broken += _too_early(mutation, done, self.account)
                self.broken += _too_soon(mutation, done, self.account)
        if done.plan is not None:
            self.broken += _unplanned(done, done.plan)
            self.broken += self._plans_to_delete(done, done.plan)
            self.broken += self._not_ready_yet(done.plan)
        self._note_released(done)

    def orphans(self, held: Inventory, plan: Plan, elsewhere: Collection[Ref] = ()) -> Iterator[str]:
        """Resources of ours that nothing names any more: no inventory, no line of a plan.

        ``elsewhere`` are documents of other sets, whose plans name the owner of what they meet.
        """
        for key, row in self.account.rows().items():
            made = self.account.made[key]
            if made.ref is None or row.kind != made.ref.kind or made.by != plan.set or not is_live(row):
                continue
            if tag_of(row) not in (None, made.by) or is_record(row):
                continue  # another user removed its tag; or the record of a run, which stays
            names = (
                recorded_names(held)
                | {str(step.name) for step in plan.steps}
                | {step.arn for step in plan.steps}
            )
            # What shows no owner is known while the entry of its document stands, whatever name that has, and by
            # nothing at all once inventory and document are both gone: then there is no word of whose it is. Of a
            # document that waits for its parent the client token of its creation brings it back.
            waits = Reason.DEPENDENCY_BLOCKED
            desired = made.ref in {step.ref for step in plan.steps if step.why is not waits}
            known = (made.by, made.ref) in self.released or (tag_of(row) is None and made.ref in held.entries)
            known |= (key in self.unprovable and not desired) or made.ref in elsewhere
            if not known and not names & names_of(row) and not plan.notices:
                yield f"{row.arn} of {made.ref} is not named by the inventory nor by the plan"

    def note_lost(self, of: str) -> None:
        """Record that the inventory of a set was lost, and with it the only proof for resources without an owner."""
        made = self.account.made
        self.unprovable |= {
            key
            for key, row in self.account.rows().items()
            if row.kind in KINDS and made[key].by == of and tag_of(row) is None
        }

    def owner_explains(self, step: Step, of: str) -> bool:
        """Whether what exists for a step's name, or for its kind if it has none, is foreign or without an owner.

        Of what we made for this document it is not, unless somebody else changed it since, or nothing is left that
        says so: the plan let it go, or it shows no owner and the inventory was lost.
        """
        for key, row in self.account.rows().items():
            if row.kind != step.ref.kind or (step.arn and step.arn != row.arn):
                continue
            made = self.account.made[key]
            ours = made.by == of and made.ref == step.ref
            if (
                not ours
                or (of, step.ref) in self.released
                or key in self.unprovable
                or self._was_changed(key, of)
            ):
                return True
        return False

    def _was_changed(self, key: Key, of: str) -> bool:
        """Whether another user changed a resource."""
        return any(
            old is not None and (old.arn, old.serial) == key and new is not None
            for mutation in self.account.mutations
            if mutation.by != of
            for old, new in mutation.changed
        )

    def _note_released(self, done: Pass) -> None:
        """Record the resources that a plan releases."""
        for step in done.plan.steps if done.plan else ():
            if step.action is Action.FORGET and step.why in (Reason.RETAINED, Reason.RECORD_STAYS):
                self.released.add((done.owner, step.ref))

    def _trespasses(self, mutation: Mutation, done: Pass) -> Iterator[str]:
        """Nothing foreign is changed or deleted."""
        if any(
            old is None and new is not None and new.kind == mutation.kind for old, new in mutation.changed
        ):
            return  # made, and AWS takes from another of the kind that it is the account's default, as of an MlflowApp
        for old, _ in mutation.changed:
            if old is None or old.kind not in KINDS or old.kind != (mutation.kind or old.kind):
                continue  # what AWS changes together with it
            if status_of(old) in _GONE:
                continue  # a record that AWS keeps for a while, with another resource in its place
            key = (old.arn, old.serial)
            if (mutation.by, key) in self.adopted and tag_of(old) in (None, mutation.by):
                continue
            if _is_ours(old, mutation.by, self.account, done.held):
                continue
            if _may_adopt(old, mutation, done):
                self.adopted.add((mutation.by, key))
                continue
            yield f"{mutation.record.operation} changed {old.arn}, which is not of set {mutation.by}"

    def _plans_to_delete(self, done: Pass, plan: Plan) -> Iterator[str]:
        """No plan deletes or stops a foreign resource, even if the read right before the call would prevent it."""
        if self.stale:
            return
        rows = {row.arn: (key, row) for key, row in self.account.rows().items()}
        for step in plan.steps:
            if step.action not in _ENDING or not step.calls or step.arn not in rows:
                continue
            key, row = rows[step.arn]
            if row.kind != step.ref.kind or (done.owner, key) in self.adopted or status_of(row) in _GONE:
                continue
            if not _is_ours(row, done.owner, self.account, done.held):
                yield f"the plan has {step.action.name} of {row.arn}, which is not of set {done.owner}"

    def _not_ready_yet(self, plan: Plan) -> Iterator[str]:
        """Nothing counts as ready while AWS creates or changes it. No time passes within a pass."""
        ready = {
            step.arn: step for step in plan.steps if step.action is Action.NOOP and step.why is Reason.READY
        }
        for row in self.account.rows().values():
            step = ready.get(row.arn) if row.arn else None
            if step is None or row.kind != step.ref.kind or is_record(row):
                continue
            its = contract(row.kind)
            if _is_being_made(row) and its.status_member not in its.spec.members:
                yield f"{step.id} has no changes, and {row.arn} is {status_of(row)}"

    def _twice(self, mutation: Mutation) -> Iterator[str]:
        """Nothing is created while another resource of the same document and spec exists, unless others changed it.

        An approved model package that another tool changed is immutable: the next version is made beside it.
        """
        for old, new in mutation.changed:
            if old is not None or new is None or new.kind != mutation.kind:
                continue
            made = self.account.made[new.arn, new.serial]
            if made.ref is None:
                continue
            for key, row in self.account.rows().items():
                other = key not in {(new.arn, new.serial), *self.account.altered} and row.kind == new.kind
                if other and self.account.made.get(key) == made and is_live(row):
                    yield f"{new.arn} was made beside {row.arn}, of the same document and spec"


_ENDING = frozenset({Action.DELETE, Action.STOP})
_AT_WORK = frozenset(
    {"Creating", "Pending", "InProgress", "Initializing", "CREATING", "Starting", "Updating", "UPDATING"}
)
# Statuses of the record of a deleted resource. Source: the enumerations ProjectStatus and MlflowAppStatus.
_GONE = frozenset({"Deleted", "DeleteCompleted"})


def status_of(row: Row) -> str:
    """Its status, empty without one."""
    return str(row.body.get(contract(row.kind).status_member or "", ""))


def tag_of(row: Row) -> str | None:
    """The set in the ownership tag or marker, empty without one; None if the kind has neither."""
    its = contract(row.kind)
    found_by = its.kind.identity.found_by
    if found_by is not None and found_by.marker and found_by.when in row.body:
        return str((row.body.get(found_by.marker) or {}).get(OWNER, "")).partition("/")[0]
    return (row.tags or {}).get(OWNER, "").partition("/")[0] if its.taggable else None


def is_record(row: Row) -> bool:
    """Whether it can't be deleted: the record of a run, a setting of the account."""
    lifecycle = contract(row.kind).kind.lifecycle
    return lifecycle.shared or lifecycle.runs is not None


def _is_ours(row: Row, by: str, account: Account, held: Inventory | None) -> bool:
    made, tag = account.made.get((row.arn, row.serial)), tag_of(row)
    ours = made is not None and made.by == by
    if tag is None:
        return ours
    return tag == by and (ours or _is_held(row, held))


def _is_held(row: Row, held: Inventory | None) -> bool:
    """Whether the inventory has a resource of that name: another one with our tag can't be distinguished from it.

    Nor can one with the digest tag of a creation that was begun, and of which no answer was read.
    """
    if held is None or row.arn in recorded_names(held):
        return held is not None
    begun = [entry.attempt for entry in held.entries.values() if entry.ref.kind == row.kind and entry.attempt]
    return any((row.tags or {}).get(DIGEST) in each.sent for each in begun)


def names_of(row: Row) -> set[str]:
    """Its possible identifiers: its ARN, its name, and of a kind with a key the written key."""
    its = contract(row.kind)
    written = (
        {its.named_in(row.body)}
        if its.kind.identity.key and row.body.keys() >= set(its.kind.identity.key)
        else set()
    )
    return {row.arn, row.name} | written


def recorded_names(held: Inventory) -> set[str]:
    """The names and ARNs that an inventory holds."""
    found: set[str] = set()
    for entry in held.entries.values():
        found |= {entry.name, entry.arn, *(old.name for old in entry.old), *(old.arn for old in entry.old)}
    return found - {""}


def _may_adopt(row: Row, mutation: Mutation, done: Pass) -> bool:
    """Whether a document permits the adoption.

    The resource has the set's own tag already where a replica that stood still in its adoption wrote it.
    """
    unowned = tag_of(row) in (None, "", mutation.by)
    policies = [
        resource.policy.adopt
        for ref, resource in done.bundle.resources.items()
        if ref.kind == row.kind and mutation.ref in (None, ref)
    ]
    return Adopt.ALWAYS in policies or (Adopt.IF_UNOWNED in policies and unowned)


def is_live(row: Row) -> bool:
    """Whether a resource is neither failed nor being deleted."""
    status = status_of(row)
    return not any(word in status for word in ("Fail", "Delet", "Stop"))


def _too_early(mutation: Mutation, done: Pass, account: Account) -> Iterator[str]:
    """Nothing is created before the dependencies of its document."""
    if mutation.ref is None or not any(old is None for old, _ in mutation.changed):
        return
    resource = done.bundle.resources.get(mutation.ref)
    for need in resource.needs if resource else ():
        rows = [row for row in mutation.rows.values() if row.kind == need.kind]
        if not rows:
            yield f"{mutation.ref} was made before {need}"
        mine = [row for row in rows if account.made[row.arn, row.serial].ref == need]
        if mine and all(_is_being_made(row) for row in mine) and len(mine) == len(rows):
            yield f"{mutation.ref} was made while {need} was being made"


def _too_soon(mutation: Mutation, done: Pass, account: Account) -> Iterator[str]:
    """A tree is destroyed from its end: nothing is deleted before its dependents."""
    resources = [(old, new) for old, new in mutation.changed if old is not None and old.kind in KINDS]
    going = any(new is None or not is_live(new) for _, new in resources)
    destroyed = {step.ref for step, _ in done.called if step.why is Reason.DESTROYED}
    # What policy.deletion: Retain keeps, AWS may still delete together with it.
    retained = {step.ref for step in done.plan.steps if step.action is Action.FORGET} if done.plan else set()
    if mutation.ref not in destroyed or not going or mutation.ref is None:
        return
    for user in set(done.bundle.users_of(mutation.ref)) - retained:
        for key, row in mutation.rows.items():
            made = account.made[key]
            if (
                (made.by, made.ref, row.kind) == (done.owner, user, user.kind)
                and is_live(row)
                and not is_record(row)
            ):
                yield f"{mutation.record.operation} was made before {user} was gone"


def _is_being_made(row: Row) -> bool:
    return status_of(row) in _AT_WORK


def _unplanned(done: Pass, plan: Plan) -> Iterator[str]:
    """A plan lists every changing call with its known inputs, each is made once, and nothing else is."""
    accepted = (each.record.operation for each in done.mutations if each.record.error is None)
    absent = (
        "ResourceNotFound",
        "ValidationException",
    )  # codes of not-found errors
    refused = (each.record for each in done.mutations if each.record.error is not None)
    missing = {record.operation for record in refused if str(record.error).startswith(absent)}
    for operation, more in unplanned_calls(plan, accepted, missing).items():
        yield f"{operation} was made {more} times more often than the plan says"
    for call in calls_with_unknown_inputs(plan):
        yield f"{call} has an input that is not known"


def differing_values(resource: Resource, expected: Any, live: Any) -> list[str]:
    """The declared values that a fresh account shows for the same documents, and that the existing resources lack.

    Those that no read shows are left out, and those that the service has for itself where nobody sets them: it may
    show such a value to whoever has written it, and leave it out for others.
    """
    hidden = {f".{path}" for path in resource.contract.unreadable}
    for name, value in resource.contract.kind.compare.defaults.items():
        path = tuple(name.split("."))
        if get(live, path) is None and get(resource.spec, path) == value:
            hidden.add(f".{name}")
    return sorted({*differences(resource.spec, expected, live)} - hidden)


def differences(spec: Any, expected: Any, live: Any, path: str = "") -> Iterator[str]:
    """Differences of declared values from those that a fresh account shows for the same documents."""
    if isinstance(spec, dict) and isinstance(expected, dict):
        for name in spec.keys() & expected.keys():
            if not isinstance(live, dict) or name not in live:
                yield f"{path}.{name}"
            else:
                yield from differences(spec[name], expected[name], live[name], f"{path}.{name}")
    elif isinstance(spec, list) and isinstance(expected, list) and isinstance(live, list):
        if len(expected) != len(live):
            yield path
        for each, other, real in zip(spec, expected, live, strict=False):
            yield from differences(each, other, real, path + "[]")
    elif expected != live and not _varies(expected):
        yield path


def _varies(value: Any) -> bool:
    """Whether a value has a part that AWS numbers."""
    return isinstance(value, str) and ("arn:" in value or "d-" in value)
