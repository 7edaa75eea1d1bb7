"""One pass of the real engine in a history: what it planned, called and changed, and where it may be killed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import Call, Cloud, CloudWrapper, Json, Leadership
from controller.engine.order import Order
from controller.engine.plan import Plan, Step
from controller.engine.reconcile import reconcile
from controller.engine.report import Event, Happening, Report
from controller.inventory.model import Inventory, LockedInventoryStore, guard_writes
from controller.manifests.bundle import Bundle
from tests.simulation.account import Account, Mutation


class Killed(BaseException):
    """Stands for ``kill -9``: no code runs after it, and no handler catches it."""


def kill() -> None:
    """Stop a pass permanently."""
    raise Killed


@dataclass
class Interruption:
    """Interrupts a pass at its n-th change of AWS or of the inventory, before or after it; never where ``left`` is 0.

    ``then`` is what happens there: the process is killed, or it stands still while others run.
    """

    left: int = 0
    after: bool = False
    then: Callable[[], None] = kill

    def around(self, change: Callable[[], Any]) -> Any:
        """Make a change, and interrupt it if it is the n-th."""
        self.left -= 1
        if self.left == 0 and not self.after:
            self.left = -1
            self.then()
        made = change()
        if self.left == 0:
            self.left = -1
            self.then()
        return made


@dataclass(frozen=True)
class KillableCloud(CloudWrapper):
    """A cloud whose caller may be killed at a changing call."""

    interruption: Interruption

    def call(self, call: Call) -> Json:
        """Make one call."""
        if not call.changes:
            return self.cloud.call(call)
        answer: Json = self.interruption.around(lambda: self.cloud.call(call))
        return answer


@dataclass
class KillableStore:
    """An inventory whose writer may be killed at a save."""

    inner: LockedInventoryStore
    interruption: Interruption
    loaded: Callable[[Inventory], None] = lambda _: None

    def load(self, account: str, region: str) -> Inventory:
        """Read it, and note what was read."""
        inventory = self.inner.load(account, region)
        self.loaded(inventory)
        return inventory

    def save(self, inventory: Inventory) -> None:
        """Write it."""
        self.interruption.around(lambda: self.inner.save(inventory))

    def keep_elsewhere(self, error: Any) -> str:
        """Keep nothing."""
        return self.inner.keep_elsewhere(error)

    @property
    def leadership(self) -> Leadership | None:
        """What is checked before each change."""
        return self.inner.leadership

    def lock(self) -> AbstractContextManager[None]:
        """Lock out other runs: the history runs one at a time, or holds a lease around it."""
        return nullcontext()


@dataclass
class Pass:
    """One pass. ``plan`` is None if it ended before there was one, ``report`` if it was killed.

    ``held`` is the inventory with which it began; None if it could not be read.
    """

    owner: str
    bundle: Bundle
    held: Inventory | None
    plan: Plan | None = None
    report: Report | None = None
    called: list[tuple[Step, Call]] = field(default_factory=list)
    mutations: tuple[Mutation, ...] = ()
    number: int = 0


@dataclass
class Passes:
    """Runs the passes of a history in one account; ``check`` is called with each."""

    account: Account
    cloud: Cloud
    check: Callable[[Pass], None]

    def reconcile(
        self,
        bundle: Bundle,
        store: LockedInventoryStore,
        consent: Callable[[Plan], bool],
        order: Order,
        *,
        interruption: Interruption,
        earlier: Report | None = None,
    ) -> Report:
        """Run one pass, and check it however it ends."""

        def consented(plan: Plan) -> bool:
            done.plan = plan
            return consent(plan)

        def listen(event: Event) -> None:
            if event.happening is Happening.CALLED and event.step and event.call:
                done.called.append((event.step, event.call))
                self.account.making = event.step.ref, event.step.digest

        def loaded(inventory: Inventory) -> None:
            done.held = inventory

        with self.watched(order.set, bundle) as done:
            done.report = reconcile(
                bundle,
                KillableCloud(guard_writes(self.cloud, store), interruption),
                KillableStore(store, interruption, loaded),
                consented,
                order,
                listen=listen,
                earlier=earlier,
            )
        return done.report

    @contextmanager
    def watched(self, of: str, bundle: Bundle, held: Inventory | None = None) -> Iterator[Pass]:
        """Make calls for a set in the block, and check what they changed."""
        account = self.account
        account.runs += 1
        done = Pass(of, bundle, held, number=account.runs)
        before = account.by, account.making, account.run
        account.by, account.making, account.run = of, (None, ""), done.number
        try:
            yield done
        finally:
            done.mutations = tuple(each for each in account.mutations if each.run == done.number)
            account.by, account.making, account.run = before
            self.check(done)


def load_entries(store: LockedInventoryStore) -> Inventory | None:
    """The inventory in a store; None if it can't be read."""
    try:
        return store.load("123456789012", "us-east-1")
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the pass will say so
        return None
