"""Runs of the command line in a history: plan, agree, and go on until all is settled or stuck."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import CloudError
from controller.engine.converge import PlanMoved, later_consent, run
from controller.engine.in_flight import Waiter
from controller.engine.order import Order
from controller.engine.plan import Confirmation, Plan
from controller.engine.reconcile import rebuild
from controller.engine.report import Report
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import InventoryError, LockedInventoryStore
from controller.manifests.bundle import Bundle
from tests.simulation.account import Account
from tests.simulation.documents import bundle_of
from tests.simulation.invariants import Invariants
from tests.simulation.inventories import Inventories
from tests.simulation.passes import Interruption, Killed, Passes

POLL, TIMEOUT = 600, 7200
LAPSED = 300.0  # seconds after which a lease of 120 s has certainly expired


@dataclass
class Runs:
    """The runs of all sets of a history."""

    account: Account
    passes: Passes
    inventories: Inventories
    secret: Callable[[Mapping[str, Any]], str]
    invariants: Invariants
    counts: Counter[str] = field(default_factory=Counter)

    def apply(
        self,
        documents: tuple[str, ...],
        order: Order,
        interruption: Interruption | None = None,
        *,
        named: bool = True,
        once: bool = False,
    ) -> Report | None:
        """A run of ``sagectl apply``; None if it did not end by itself.

        Args:
            documents: the tree; one with errors is not taken.
            order: the set, and whether to prune or destroy.
            interruption: what interrupts the passes that change something.
            named: whether the person agrees to what the plan holds back as well.
            once: one pass only, as a sync takes it.

        """
        made, faulty = bundle_of(documents)
        if faulty:
            self._refused(made, order)
            return None
        order = self._completed(order)
        before = self.account.by, self.account.making, self.account.run
        try:
            with self.inventories.lock(order.set) as store:
                return self._applied(
                    made, store, order, interruption or Interruption(), named=named, once=once
                )
        except Killed:
            self.counts["crashes"] += 1
        except PlanMoved:
            self.counts["plans moved"] += 1
        except (InventoryError, CloudError):
            self.counts["refused"] += 1
        finally:
            self.account.by, self.account.making, self.account.run = before
        return None

    def _refused(self, made: Bundle, order: Order) -> None:
        """The engine accepts no documents with errors, from any caller."""
        calls = len(self.account.sandbox._calls)
        try:
            self._looked(made, self.inventories.opened(order.set), order)
        except ValueError:
            if made.invalid_documents and calls == len(self.account.sandbox._calls):
                return
        except (InventoryError, CloudError):
            pass
        if made.invalid_documents:
            self.invariants.broken.append(f"documents with errors were taken: {made.invalid_documents}")

    def _applied(
        self,
        made: Bundle,
        store: LockedInventoryStore,
        order: Order,
        interruption: Interruption,
        *,
        named: bool,
        once: bool,
    ) -> Report:
        if once:
            return self.passes.reconcile(made, store, lambda _: True, order, interruption=interruption)
        plan = self._planned(made, store, order)
        if named and plan.possible_confirmations:
            order = confirm_all(order, plan)
            plan = self._planned(made, store, order)
        consent = later_consent(plan)
        return run(
            lambda earlier: self.passes.reconcile(
                made, store, consent, order, interruption=interruption, earlier=earlier
            ),
            self.passes.cloud,
            Waiter(lambda: self.account.seconds, POLL, concurrency=1),
            wait=self.inventories.wait,
            timeout=TIMEOUT,
        )

    def plan(self, made: Bundle, order: Order) -> Report:
        """A run of ``sagectl plan``."""
        return self._looked(made, self.inventories.opened(order.set), self._completed(order))

    def _completed(self, order: Order) -> Order:
        """The options of one run of the program, by the account's clock."""
        return replace(
            order,
            concurrency=1,
            secrets=self.secret,
            at=self.account.sandbox.clock.now(),
            reads=SharedReads(lambda: self.account.seconds),
        )

    def _planned(self, made: Bundle, store: LockedInventoryStore, order: Order) -> Plan:
        return self._looked(made, store, order).plan

    def _looked(self, made: Bundle, store: LockedInventoryStore, order: Order) -> Report:
        return self.passes.reconcile(made, store, lambda _: False, order, interruption=Interruption())

    def overtaken(self, documents: tuple[str, ...], order: Order, at: Interruption, seconds: float) -> None:
        """A replica is suspended in its run for some seconds, while another one runs; then the first continues.

        Once its lease has run out, the first sends no change any more.
        """
        late: list[int] = []

        def stand_still() -> None:
            self.account.wait(seconds)
            stopped, self.inventories.lease = self.inventories.lease, None
            self.counts["overtaken"] += self.apply(documents, order) is not None
            self.inventories.lease = stopped
            late.append(len(self.account.mutations))

        known = self.account.runs
        self.apply(documents, order, replace(at, then=stand_still))
        if not late or seconds < LAPSED:
            return
        paused = next(iter(range(known + 1, self.account.runs + 1)), 0)
        for each in self.account.mutations[late[0] :]:
            if each.run >= paused:
                message = "was sent by a replica whose lease had run out"
                self.invariants.broken.append(f"{each.record.operation} {message}")

    def rebuild(self, made: Bundle, of: str) -> None:
        """A run of ``sagectl inventory rebuild``, after unreadable documents were removed."""
        self.inventories.write(of, None)
        store = self.inventories.opened(of)
        order = Order(set=of, concurrency=1, secrets=self.secret)
        found = rebuild(made, self.passes.cloud, store.load("123456789012", "us-east-1"), order)
        store.save(found.inventory)


def confirm_all(order: Order, plan: Plan) -> Order:
    """The order of a person who confirms everything that a plan blocks."""
    names = {
        each
        for required in plan.confirmations
        if required.confirmation is Confirmation.NAME
        for each in required.deletions
    }
    numbers = [
        len(required.deletions)
        for required in plan.confirmations
        if required.confirmation is Confirmation.NUMBER
    ]
    return replace(order, confirm_delete=frozenset(names), confirm_deletes=max(numbers, default=None))
