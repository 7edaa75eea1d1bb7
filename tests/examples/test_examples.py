from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.cloud import connect
from controller.core.finding import errors
from controller.core.phase import Action, Standing
from controller.desired.bundle import Bundle, bundle
from controller.desired.load import load
from controller.engine.inventory import Inventory
from controller.engine.plan import Plan
from controller.engine.reconcile import Order, reconcile
from controller.engine.report import Report
from controller.fronts import loop
from controller.kinds import KINDS
from controller.sandbox import Knobs, ManualClock, Sandbox

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
STACKS = [
    ("quickstart",),
    ("labeling-oidc",),
    ("quickstart", "labeling"),
]
EACH = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


class Notes:
    """An inventory kept in memory."""

    def __init__(self) -> None:
        self.held: Inventory | None = None

    def load(self, account: str, region: str) -> Inventory:
        """What was saved last."""
        return self.held or Inventory("default", account, region, "a key for tests")

    def save(self, inventory: Inventory) -> None:
        """Keep it."""
        self.held = inventory


class Account:
    """A sandbox, and the runs against it."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(clock=ManualClock(), knobs=Knobs())
        self.cloud = connect(region="us-east-1", attach=self.sandbox.attach)
        self.notes = Notes()

    def turn(self, wanted: Bundle, order: Order, consent: Callable[[Plan], bool]) -> Report:
        """One turn; secrets are made up from their references."""
        order = replace(order, secrets=lambda reference: f"made up for {sorted(reference)}")
        return reconcile(wanted, self.cloud, self.notes, consent, order)

    def plan(self, wanted: Bundle) -> Plan:
        """What would be done."""
        return self.turn(wanted, Order(), lambda _: False).plan

    def run(self, wanted: Bundle, order: Order | None = None) -> Report:
        """Turn after turn, while the sandbox's clock moves."""
        asked = order or Order()
        return loop.run(
            lambda _: self.turn(wanted, asked, lambda _: True),
            wait=self.sandbox.clock.advance,  # type: ignore[union-attr]
            now=self.sandbox.clock.now,
            poll=30,
            timeout=3600,
        )


def compiled(folders: tuple[str, ...]) -> Bundle:
    """The example folders as one bundle, without findings."""
    loaded = load([str(EXAMPLES / folder) for folder in folders])
    assert not loaded.findings, [str(each) for each in loaded.findings]
    whole = bundle(loaded.documents)
    assert not errors(whole.findings), [str(each) for each in whole.findings]
    return whole


@pytest.fixture
def account() -> Any:
    """An empty account in a sandbox with a clock of its own."""
    account = Account()
    yield account
    account.sandbox.close()


@pytest.mark.parametrize("folder", EACH)
def test_each_folder_validates_alone(folder: str) -> None:
    """Every folder of examples loads without a finding, by itself."""
    assert compiled((folder,)).order


def test_the_quick_start_has_every_kind() -> None:
    """The quick start shows each kind that the product knows."""
    assert {ref.kind for ref in compiled(("quickstart",)).order} == set(KINDS)


@pytest.mark.parametrize("folders", STACKS, ids="+".join)
def test_an_example_lives_a_whole_life(account: Account, folders: tuple[str, ...]) -> None:
    """Applied, an example settles and plans empty; destroyed, it leaves nothing behind."""
    wanted = compiled(folders)
    assert all(step.action is Action.CREATE for step in account.plan(wanted).steps)
    assert account.run(wanted).standing is Standing.SETTLED
    assert [str(step.id) for step in account.plan(wanted).acting] == []
    assert len(account.sandbox.resources()) == len(wanted.order)
    assert account.run(wanted, Order(destroy=True)).standing is Standing.SETTLED
    assert account.sandbox.resources() == ()


def test_labeling_alone_says_what_it_misses(account: Account) -> None:
    """Without the workforce that it links to, the labeling folder is blocked and the plan names it."""
    blocked = account.plan(compiled(("labeling",))).blocked
    assert len(blocked) == 2
    assert all("annotators" in step.detail for step in blocked)


@pytest.mark.parametrize("folder", EACH)
def test_each_folder_has_a_readme_that_the_front_page_links(folder: str) -> None:
    """Every folder of examples explains itself and is linked from the README."""
    assert (EXAMPLES / folder / "README.md").is_file()
    assert f"examples/{folder}" in (ROOT / "README.md").read_text(encoding="utf-8")
