"""Single passes in this process, on a real API server, so that the requests of each can be counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from controller.aws import connect
from controller.core.cloud import Call
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.crds.definition import plural
from controller.manifests.envelope import API_VERSION
from controller.operator.accounts import Accounts, Tenants
from controller.operator.constants import objects
from controller.operator.context import OperatorContext, OperatorSettings
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.events import EventRecorder
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.metrics import OperatorMetrics
from controller.operator.object_cache import ObjectCache
from controller.operator.observed_cache import ObservedCache
from controller.operator.outcome import Verdict
from controller.operator.resource_reconciler import converge, publish
from controller.runtime.metrics import Metrics
from controller.runtime.workqueue import Queue
from controller.sandbox import Knobs, ManualClock, Sandbox
from tests.journeys.stage import ListenedCloud
from tests.kubernetes.operator_process import READS
from tests.kubernetes.rig.kubectl import Kubectl

Json = dict[str, Any]
_TURNS = 20


@dataclass
class OperatorPasses:
    """Runs single passes over objects; nothing watches, so the cache holds what the test adds.

    ``before_call`` is done before each call to AWS; ``calls`` are the requests to the API server.
    """

    kubectl: Kubectl
    sandbox: Sandbox
    clock: ManualClock
    context: OperatorContext
    calls: list[str]
    is_leader: bool = True
    before_call: Any = field(default=lambda _call: None)

    def show(self, document: Json) -> Ref:
        """Create an object and add it to the cache, as a watch would."""
        namespace = self.kubectl.namespace
        path = objects(API_VERSION, namespace, plural(document["kind"]))
        ref = Ref(document["kind"], document["metadata"]["name"], namespace)
        self.context.intake.on_object(ref, self.context.api.create(path, document))
        self.calls.clear()
        return ref

    def reconcile(self, ref: Ref) -> Verdict:
        """Run a pass."""
        subject = self.context.subject(ref)
        assert subject is not None
        return publish(subject, self.context, converge(subject, self.context, "turn"))

    def settle(self, ref: Ref) -> None:
        """Run passes, and let AWS work between them, until all objects are Ready."""
        for _ in range(_TURNS):
            if self.reconcile(ref).reason is Reason.READY:
                return
            self.clock.advance(60)
        raise AssertionError(f"{ref} is not ready after {_TURNS} turns")

    def changes(self) -> list[str]:
        """The operations that changed the account."""
        return [each.operation for each in self.sandbox.calls if not each.operation.startswith(READS)]


@contextmanager
def operator_passes(kubectl: Kubectl) -> Iterator[OperatorPasses]:
    """The passes of an operator with an account of its own."""
    clock, requested = ManualClock(), list[str]()
    sandbox = Sandbox(clock=clock, knobs=Knobs(pace=1000))
    handler = connect(region="us-east-1", attach=sandbox.attach)
    api = Api(
        access(kubectl.access.kubeconfig),
        count=lambda verb, what, _status: requested.append(f"{verb} {what}"),
    )
    store, queue = ObjectCache(), Queue[Ref]()

    def before(call: Call) -> None:
        made.before_call(call)

    context = OperatorContext(
        cluster="default",
        api=api,
        store=store,
        intake=ObjectEventHandler(store, queue),
        accounts=Accounts(Tenants(), lambda _: ListenedCloud(handler, before), at_once=2),
        observed=ObservedCache(),
        recorder=EventRecorder(api, "tests"),
        metrics=OperatorMetrics(Metrics(), queue, store),
        rules=OperatorSettings(
            deletion_limit=0
        ),  # passes are started by the test: none waits for other deletions
        key="key",
        is_leader=lambda: made.is_leader,
        now=lambda: "2026-11-21T12:00:00Z",
    )
    made = OperatorPasses(kubectl, sandbox, clock, context, requested)
    yield made
    sandbox.close()
