"""A stage for journeys: documents as text, the sandbox as AWS through a real client, and a file as inventory.

The stage controls the clock: waiting advances the sandbox's clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import boto3
import botocore.session

from controller.aws import connect
from controller.aws.client import share_models
from controller.core.cloud import Call, Cloud, CloudError, CloudWrapper, Fault, Identity, Json
from controller.core.finding import errors
from controller.core.phase import Action
from controller.core.secret import SecretError
from controller.engine.converge import later_consent, run
from controller.engine.in_flight import Waiter
from controller.engine.order import Order
from controller.engine.plan import Plan, Step
from controller.engine.reconcile import Rebuilt, rebuild, reconcile
from controller.engine.report import Listener, Report
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from controller.sandbox import Knobs, Sandbox
from tests.botocore_shortcut import attach_short
from tests.planned import CheckedInventoryStore, calls_with_unknown_inputs, unplanned_calls

HEAD = "apiVersion: sagemaker.gitops.dev/v1alpha1\n"


def document_text(kind: str, name: str, spec: str, policy: str = "") -> str:
    """One document; ``spec`` and ``policy`` are YAML, indented by two."""
    text = f"{HEAD}kind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{_indent(spec)}"
    return text + (f"policy:\n{_indent(policy)}" if policy else "")


def _indent(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.strip("\n").splitlines())


@lru_cache(256)
def compile_documents(*documents: str) -> Bundle:
    """Valid documents as a bundle, a frozen value: the same texts give the same one."""
    loaded = load_bytes([(f"doc{i}.yaml", text.encode()) for i, text in enumerate(documents)])
    made = bundle(loaded.documents)
    assert not errors((*loaded.findings, *made.findings)), [
        str(f) for f in (*loaded.findings, *made.findings)
    ]
    return made


@dataclass
class Stage:
    """A sandbox, an inventory and a clock.

    ``concurrency`` is the number of concurrent calls: by default one, because responses are immediate, and threads took
    a sixth of the CPU time. The fixture ``parallel`` sets the product's number.
    """

    folder: Path
    sandbox: Sandbox = field(default_factory=Sandbox)
    secrets: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    plans: list[Plan] = field(default_factory=list)
    set: str = "default"
    poll: float | None = 120
    concurrency: int = 1
    before_call: Callable[[Call], None] = lambda call: None
    listen: Listener = lambda event: None
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def inventory_store(self) -> CheckedInventoryStore:
        """The inventory's file, opened again as in each run of a program."""
        return CheckedInventoryStore(self.folder / f"inventory-{self.set}.json", self.set)

    def inventory(self) -> Inventory:
        """The inventory."""
        return self.inventory_store.load("123456789012", "us-east-1")

    def cloud(self) -> Cloud:
        """A client of the sandbox that calls ``before_call`` first."""
        return ListenedCloud(self._sandbox_cloud, self.before_call)

    @cached_property
    def _sandbox_cloud(self) -> Cloud:
        """One client for all runs, because creating one takes longer than most journeys."""
        return connect(region="us-east-1", attach=partial(attach_short, handler=self.sandbox.answer))

    def cloud_now(self, call: Call) -> None:
        """Make a call without ``before_call``, such as a request whose response is never read."""
        self._sandbox_cloud.call(call)

    def client(self, service: str = "sagemaker") -> Any:
        """A plain boto3 client of another user of the account; the same one for each service."""
        if service not in self._clients:
            self._clients[service] = self._other_session.client(service)
        return self._clients[service]

    @cached_property
    def _other_session(self) -> Any:
        """A session of the embedded sandbox; the type stubs know each service by its literal name."""
        core = botocore.session.Session()
        share_models(core)
        core.set_credentials("other", "other")
        self.sandbox.attach(core)
        return boto3.Session(botocore_session=core, region_name="us-east-1")

    def reconcile(self, *documents: str, consent: bool = True, **order: Any) -> Report:
        """One pass."""
        return self._reconcile_bundle(compile_documents(*documents), lambda _: consent, self.cloud(), order)

    def plan(self, *documents: str, **order: Any) -> Plan:
        """The plan."""
        return self.reconcile(*documents, consent=False, **order).plan

    def apply(self, *documents: str, timeout: float = 7200, **order: Any) -> Report:
        """Plan, consent, and run passes until every step is done or failed."""
        return self._go(compile_documents(*documents), timeout, order)

    def destroy(self, *documents: str, timeout: float = 7200, **order: Any) -> Report:
        """Delete the declared resources."""
        return self._go(compile_documents(*documents), timeout, {**order, "destroy": True})

    def rebuild(self, *documents: str) -> Rebuilt:
        """Rebuild the inventory and store it, as ``sagectl inventory rebuild --yes`` does."""
        made = rebuild(
            compile_documents(*documents),
            self.cloud(),
            self.inventory(),
            self._order({}),
        )
        self.inventory_store.save(made.inventory)
        return made

    def _go(self, made: Bundle, timeout: float, order: dict[str, Any]) -> Report:
        cloud = self.cloud()
        first = self._reconcile_bundle(made, lambda _: False, cloud, order)
        consent = later_consent(first.plan)
        return run(
            lambda earlier: self._reconcile_bundle(made, consent, cloud, order, earlier),
            cloud,
            Waiter(lambda: self.seconds, self.poll, order.get("concurrency", self.concurrency)),
            wait=self.wait,
            timeout=timeout,
        )

    def _reconcile_bundle(
        self,
        made: Bundle,
        consent: Callable[[Plan], bool],
        cloud: Cloud,
        order: dict[str, Any],
        earlier: Report | None = None,
    ) -> Report:
        counted = ChangeRecorder(cloud)
        report = reconcile(
            made,
            counted,
            self.inventory_store,
            consent,
            self._order(order),
            earlier=earlier,
            listen=self.listen,
        )
        self.plans.append(report.plan)
        assert not (more := unplanned_calls(report.plan, counted.accepted, counted.missing)), more
        assert not (unknown := calls_with_unknown_inputs(report.plan)), unknown
        return report

    def _order(self, options: dict[str, Any]) -> Order:
        """The options of a run, whose reads are valid by the stage's clock."""
        own = {"set": self.set, "secrets": self._secret, "concurrency": self.concurrency}
        return Order(**{**own, "reads": SharedReads(lambda: self.seconds), **options})

    def _secret(self, reference: Mapping[str, Any]) -> str:
        if reference.get("env") not in self.secrets:
            raise SecretError(f"the environment has no {reference.get('env')}")
        return self.secrets[reference["env"]]

    def wait(self, seconds: float) -> None:
        """Advance the sandbox's clock."""
        self.seconds += seconds
        self.sandbox.clock.advance(seconds)  # type: ignore[attr-defined,unused-ignore]

    def mutations(self) -> list[str]:
        """The operations that changed the account, in order, refused ones left out."""
        return [record.operation for record in self.sandbox.calls if record.mutating and record.error is None]

    def forget_calls(self) -> None:
        """Start counting calls again."""
        self.sandbox.clear_calls()


def full_stage(folder: Path, **secrets: str) -> Stage:
    """A stage whose account takes the full specs of every kind: its S3 holds a pipeline's definition."""
    sandbox = Sandbox(knobs=Knobs(stored_definition='{"Version": "2020-12-01", "Steps": []}'))
    return Stage(folder, sandbox, secrets or {"SECRET": "hush"}, poll=120)


@dataclass(frozen=True)
class ChangeRecorder(CloudWrapper):
    """A cloud that records the operation of each change that AWS accepts, or refuses as not found."""

    accepted: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def call(self, call: Call) -> Json:
        """Make one call."""
        try:
            answer = self.cloud.call(call)
        except CloudError as error:
            if error.fault is Fault.MISSING:
                self.missing.append(call.operation)
            raise
        if call.changes:
            self.accepted.append(call.operation)
        return answer


@dataclass
class ListenedCloud:
    """A cloud that reports each call before it is sent."""

    inner: Cloud
    before: Callable[[Call], None]

    @property
    def identity(self) -> Identity:
        """The inner cloud's identity."""
        return self.inner.identity

    def call(self, call: Call) -> Json:
        """Report, then call."""
        self.before(call)
        return self.inner.call(call)


def acting_steps(plan: Plan) -> dict[str, Action]:
    """The actions of a plan, by step, without steps that change nothing."""
    return {step.id: step.action for step in plan.acting}


def step_of(plan: Plan, ident: str) -> Step:
    """One step of a plan."""
    return next(each for each in plan.steps if each.id == ident)
