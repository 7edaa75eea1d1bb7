"""The operator as a process of its own, with the generated rights and a sandbox over HTTP as AWS."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from controller.crds.catalog import SYNC
from controller.kinds import KINDS
from controller.operator.rbac import roles
from controller.sandbox import Knobs, ManualClock, Sandbox, WallClock, serve
from tests.kubernetes.rig.kubectl import Kubectl, admin_requests
from tests.programs.forked import SAGECTL, Process, start_forked
from tests.sandbox.conftest import client_of

TIMEOUT = 60.0
_PAUSE = 0.25  # at most between two polls: each takes some milliseconds of CPU time, also of the server
USER = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "sagemaker-gitops"}
QUICK = {"poll": "0.3s", "longest-pause": "2s", "lease": "3s", "grace": "10s", "workers": "8"}
USUAL_KINDS = (
    "Model",
    "EndpointConfig",
    "Endpoint",
    "ModelPackageGroup",
    "ModelPackage",
    "Pipeline",
    "Workforce",
    "Workteam",
    SYNC.kind,
)
ALL_KINDS = ()  # no kinds are given
READS = ("Describe", "List", "Get", "Search", "BatchGet", "Head")
Json = dict[str, Any]


@dataclass
class OperatorStage:
    """A namespace, an AWS account, and the operators between them."""

    kubectl: Kubectl
    sandbox: Sandbox
    url: str
    folder: Path
    running: list[Process] = field(default_factory=list)
    watched: set[str] = field(default_factory=set)  # kinds, by any of the operators
    traced: bool = True  # by coverage; one that is killed leaves no data
    forked: bool = True  # from a process that has imported the project; False starts an interpreter
    program: tuple[str, ...] = (SAGECTL,)  # the module to run, and arguments before its own
    variables: dict[str, str] = field(default_factory=dict)  # further ones of the operators' environment

    def start(self, *beside: str, kinds: Iterable[str] = USUAL_KINDS, **options: str | None) -> Process:
        """Start an operator, also for more namespaces; options are the command line's, and None leaves one out.

        ``kinds`` are those that it watches, all where none is named: each takes two requests and a connection of its
        own, and these are two thirds of the CPU time of a start.
        """
        given = {"namespace": self.kubectl.namespace, "home": self.kubectl.namespace, "port": "0", **QUICK}
        fields = {
            **given,
            "endpoint-url": self.url,
            "region": "us-east-1",
            **{k.replace("_", "-"): v for k, v in options.items()},
        }
        command = [*self.program[1:], "operator"]
        given_options = {name: value for name, value in fields.items() if value is not None}
        command += [f"--{name}={value}" if value else f"--{name}" for name, value in given_options.items()]
        command += [f"--namespace={each}" for each in beside]
        command += [f"--kind={each}" for each in kinds]
        with self.log(len(self.running)).open("w") as log:
            environment = {**self._environment(), "AWS_ACCESS_KEY_ID": f"operator-{len(self.running)}"}
            process = start_forked(
                command, module=self.program[0], env=environment, stdout=log, forked=self.forked
            )
        self.running.append(process)
        self.watched |= {*kinds} or {*KINDS}
        return process

    def log(self, number: int = 0) -> Path:
        """The log of an operator."""
        return self.folder / f"operator-{number}.log"

    def lines(self, number: int = 0) -> list[Json]:
        """The lines of a log."""
        text = self.log(number).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def pass_count(self) -> int:
        """The number of passes of the first operator."""
        return sum(line["msg"] == "reconciled" for line in self.lines())

    def apply(self, *documents: Json) -> None:
        """Do what ``kubectl apply --server-side`` does."""
        self.kubectl.apply(*documents)

    def get(self, kind: str, name: str) -> Json:
        """An object; empty if there is none."""
        # Tests poll with this: a process of kubectl for each poll would take a core.
        try:
            answer = admin_requests(self.kubectl.access).send("GET", self.kubectl.path(kind, name))
        except (OSError, http.client.HTTPException):  # the server is stopped
            return {}
        return dict(answer.body) if answer.accepted else {}

    def condition(self, kind: str, name: str, of: str = "Ready") -> Json:
        """A condition of an object; empty if there is none."""
        conditions = self.get(kind, name).get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == of), {})

    def reason(self, kind: str, name: str) -> str:
        """The reason of its condition."""
        return str(self.condition(kind, name, of="Synced").get("reason", ""))

    def objects(self) -> list[Json]:
        """All objects of the namespace that represent a resource: of the watched kinds, or of all if none are set.

        To list each kind takes a tenth of the API server's CPU time.
        """
        return [
            each
            for kind in KINDS
            if kind in self.watched or not self.watched
            for each in self.kubectl.found(kind)
        ]

    def shown(self) -> str:
        """All objects and Events of the namespace as the API server shows them, without the lists of managed fields."""
        found = [*self.objects(), *self.kubectl.found(SYNC.kind), *self.kubectl.found("Event", "v1")]
        for each in found:
            each["metadata"].pop("managedFields", None)
        return json.dumps(found, ensure_ascii=False)

    def ready(self) -> None:
        """Wait until all objects are Ready, by the rules of ``kubectl wait --for=condition=Ready``."""
        waiting = self.objects()
        assert waiting
        for each in waiting:
            if not is_ready(each):
                wait_until(partial(self.is_ready, each["kind"], each["metadata"]["name"]))

    def is_ready(self, kind: str, name: str) -> bool:
        """Whether an object is Ready in its present generation."""
        return is_ready(self.get(kind, name))

    def gone(self, *documents: Json) -> bool:
        """Whether the API server has none of the objects of these documents."""
        return not any(self.get(each["kind"], each["metadata"]["name"]) for each in documents)

    def release_lease(self) -> None:
        """Delete the Lease of an operator that was killed: another would wait until it expires."""
        path = self.kubectl.path("Lease", "sagemaker-gitops", "coordination.k8s.io/v1")
        admin_requests(self.kubectl.access).send("DELETE", path)

    def changes(self) -> list[str]:
        """The operations that changed the account, or tried to, in order."""
        return [each.operation for each in self.sandbox.calls if not each.operation.startswith(READS)]

    def refused(self) -> list[str]:
        """The refused operations that would have changed something."""
        return [e.operation for e in self.sandbox.calls if e.error and not e.operation.startswith(READS)]

    def patch(self, kind: str, name: str, change: Json) -> None:
        """Do what ``kubectl patch --type=merge`` does."""
        path = f"{self.kubectl.path(kind, name)}?fieldManager=kubectl-patch&fieldValidation=Strict"
        self.kubectl.send("PATCH", path, change, "merge-patch+json")

    def annotate(self, kind: str, name: str, **annotations: str) -> None:
        """Set annotations of our group."""
        fields = {
            f"sagemaker.gitops.dev/{key.replace('_', '-')}": value for key, value in annotations.items()
        }
        self.patch(kind, name, {"metadata": {"annotations": fields}})

    def write_inventory(self, kind: str, name: str, memory: Json) -> None:
        """Write an inventory as only an operator should."""
        path = f"{self.kubectl.path(kind, name)}/status?fieldManager=kubectl-patch&fieldValidation=Strict"
        self.kubectl.send("PATCH", path, {"status": {"memory": memory}}, "merge-patch+json")

    def slow(self, seconds: float) -> None:
        """Let AWS take so long for every response."""
        self.sandbox.knobs = replace(self.sandbox.knobs, latency=seconds)

    def call_count(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(each.operation == operation for each in self.sandbox.calls)

    def sagemaker_calls(self) -> list[str]:
        """All operations except those by which an operator reads its account's identity."""
        return [each.operation for each in self.sandbox.calls if each.service != "sts"]

    def client(self) -> Any:
        """Another user's client in the account."""
        return client_of(self.sandbox)

    def describe(self, kind: str, **key: str) -> Json:
        """The resource as AWS describes it."""
        return dict(self.client()._make_api_call(f"Describe{kind}", key))

    def page(self, name: str, number: int = 0) -> str:
        """A page that an operator serves to probes and to Prometheus."""
        port = next(line["port"] for line in self.lines(number) if line["msg"] == "serving")
        httpconnection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            httpconnection.request("GET", f"/{name}")
            return httpconnection.getresponse().read().decode()
        finally:
            httpconnection.close()

    def stop(self) -> None:
        """Stop all operators, as a kubelet does."""
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(TIMEOUT)

    def _environment(self) -> dict[str, str]:
        names = ("PATH", "COVERAGE_PROCESS_CONFIG") if self.traced else ("PATH",)
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "KUBECONFIG": self.kubectl.access.operator,
            "AWS_SECRET_ACCESS_KEY": "dummy",
            **self.variables,
        }


def is_ready(found: Json) -> bool:
    """Whether ``kubectl wait --for=condition=Ready`` would end.

    It compares the generation that the condition, or else the status, observed where one of them has it (kubectl's
    pkg/cmd/wait/condition.go).
    """
    status = found.get("status", {})
    ready: Json = next((each for each in status.get("conditions", []) if each["type"] == "Ready"), {})
    generation = found.get("metadata", {}).get("generation", 0)
    observed = ready.get("observedGeneration", status.get("observedGeneration", generation))
    return bool(ready.get("status") == "True" and observed >= generation)


def wait_until(what: Callable[[], object], seconds: float = TIMEOUT) -> None:
    """Wait until a condition is true.

    Raises:
        AssertionError: it was not in time.

    """
    end, pause = time.monotonic() + seconds, 0.05
    while not what():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(pause)
        pause = min(pause * 1.2, _PAUSE)


@contextmanager
def operator_stage(
    kubectl: Kubectl, folder: Path, knobs: Knobs, *, by_hand: bool = False
) -> Iterator[OperatorStage]:
    """A namespace with the operator's permissions and an account of its own; no operator runs yet."""
    sandbox = Sandbox(clock=ManualClock() if by_hand else WallClock(), knobs=knobs)
    with operator_stage_on(sandbox, kubectl, folder) as stage:
        yield stage


@contextmanager
def operator_stage_on(sandbox: Sandbox, kubectl: Kubectl, folder: Path) -> Iterator[OperatorStage]:
    """The same in an existing account."""
    for each in _bound_roles(kubectl.namespace):
        namespaced = f"namespaces/{kubectl.namespace}/" if "namespace" in each["metadata"] else ""
        path = f"{namespaced}{each['kind'].lower()}s/{each['metadata']['name']}?fieldManager=tests&force=true"
        kubectl.send("PATCH", f"/apis/{each['apiVersion']}/{path}", each, "apply-patch+yaml")
    server = serve(sandbox).start()
    stage = OperatorStage(kubectl, sandbox, server.url, folder)
    try:
        yield stage
    finally:
        stage.stop()
        server.stop()
        sandbox.close()


def _bound_roles(namespace: str) -> list[Json]:
    """The generated roles, bound to the user of the rig in place of the ServiceAccount."""
    return [{**each, **({"subjects": [USER]} if "subjects" in each else {})} for each in roles(namespace)]
