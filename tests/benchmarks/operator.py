"""The operator on a real API server, beside ACK as measured: ``python -m tests.benchmarks.operator [WORK...]``.

Prints a table; fails on counts of calls and on ratios. Without names only the benchmarks that take seconds run.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from controller.crds.definition import plural
from controller.manifests.envelope import API_VERSION, GROUP
from controller.operator.constants import RECONCILE_AT, objects
from controller.operator.kube.access import access
from controller.operator.kube.api import Api, Patch
from controller.operator.kube.request import ApiPath
from controller.operator.run import Setup
from controller.sandbox import Knobs, WallClock
from tests.benchmarks.cost import read_cost, resident_memory
from tests.benchmarks.figures import record
from tests.benchmarks.stacks import configs_of, endpoints_of, models, ten_kinds
from tests.benchmarks.watch import is_ready, watch
from tests.kubernetes.documents import pipeline
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.definitions import establish
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access, run_server
from tests.sandbox.conftest import client_of

LATENCY, WORKERS = 0.1, Setup.workers
_FEW = (
    5  # few workers on two cores, so that the overhead of a pass is measured and not the speed of the machine
)
_ROUNDS = 7
_TWO_PASSES = 80.0  # seconds
_MOST_GROWTH = 1.2
_POLL_INTERVAL = 0.001  # seconds for each object
_CONNECTIONS = 8  # kubectl creates one after the other, and takes longer than the operator
ACK_MODELS = 44.6  # seconds for 100 Models at 100 ms latency, ACK v1.9.1 measured in the same way
Row = tuple[str, str, str, bool]


class LaterClock(WallClock):
    """The machine's clock, an hour ahead."""

    def now(self) -> float:
        """Seconds since 1970."""
        return super().now() + 3600


@dataclass(frozen=True)
class BenchmarkCluster:
    """The cluster of the benchmarks: each runs in a namespace and an account of its own."""

    kubectl: Kubectl
    folder: Path

    @contextmanager
    def stage(
        self, name: str, knobs: Knobs, *, by_hand: bool = False, **options: str
    ) -> Iterator[OperatorStage]:
        """A running operator."""
        self.kubectl.must("create", "namespace", name)
        (self.folder / name).mkdir()
        within = self.kubectl.within(name)
        with operator_stage(within, self.folder / name, knobs, by_hand=by_hand) as made:
            made.start(
                kinds=ALL_KINDS,
                **{"workers": str(WORKERS), "poll": "0.5s", "lease": "15s", "deletion_limit": "0", **options},
            )
            client_of(
                made.sandbox
            ).list_models()  # on AWS the creation has already started; the sandbox starts it with its first call
            wait_until(lambda: any(line["msg"] == "leading" for line in made.lines()))
            time.sleep(3)  # until all lists were read
            yield made


def hundred_models(cluster: BenchmarkCluster) -> list[Row]:
    """100 Models from apply to Ready, and a pass over them when nothing has changed."""
    with cluster.stage("models", Knobs(latency=LATENCY), resync="15s") as stage:
        took = _seconds_to_ready(stage, models(100))
        made, described = stage.call_count("CreateModel"), stage.call_count("DescribeModel")
        before = len(stage.sandbox.calls)
        wait_until(lambda: len(stage.sandbox.calls) > before, 40)
        time.sleep(3)
        quiet = [call.operation for call in stage.sandbox.calls[before:]]
        return [
            ("100 Models Ready", f"{took:.1f} s", f"{ACK_MODELS} s", took <= ACK_MODELS / 8),
            ("  CreateModel, DescribeModel", f"{made}, {described}", "100, 321", made == 100 >= described),
            ("  calls of a quiet pass", str(len(quiet)), "200", len(quiet) <= 4),
        ]


def ten_stacks(cluster: BenchmarkCluster) -> list[Row]:
    """Ten stacks, one object after the other, dependents first. kubectl would take a second of its own.

    The median of some rounds: a processor that others share adds half a second to one or the other.
    """
    with cluster.stage("stacks", Knobs(pace=90, latency=LATENCY), poll="0.1s") as stage:
        rounds = [
            _build_and_delete(stage, endpoints_of(10), [*configs_of(10), *models(10)]) for _ in range(_ROUNDS)
        ]
        took, bound = median(rounds), 1.5 * (2 + 3 * LATENCY)
        created, refused = stage.call_count("CreateEndpoint"), len(stage.refused())
        return [
            (
                "10 stacks in the worst order Ready",
                f"{took:.2f} s ({min(rounds):.2f}-{max(rounds):.2f})",
                "35.9 s",
                took <= bound,
            ),
            (
                f"  CreateEndpoint, refused, in {_ROUNDS} rounds",
                f"{created}, {refused}",
                "20, 10 in one",
                (created, refused) == (10 * _ROUNDS, 0),
            ),
        ]


def fifty_endpoints(cluster: BenchmarkCluster) -> list[Row]:
    """The delay of an unrelated object while fifty endpoints stay Creating."""
    with cluster.stage("held", Knobs(), by_hand=True, workers="8") as stage:
        alone = _seconds_to_ready(stage, [pipeline(name="before")])
        stage.kubectl.must("create", "-f", "-", given=as_list([*models(1), *configs_of(1)]))
        stage.ready()
        stage.kubectl.must("create", "-f", "-", given=as_list(endpoints_of(50, of="m0")))
        wait_until(lambda: stage.call_count("CreateEndpoint") == 50)
        delayed = _seconds_to_ready(stage, [pipeline(name="after")]) - alone
        return [("delay behind 50 endpoints in Creating", f"{delayed:.1f} s", "", delayed <= 1.0)]


def thousand_objects(cluster: BenchmarkCluster) -> list[Row]:
    """A thousand objects of ten kinds: the overhead of passes over their calls, and the time with all workers."""
    return [*_measure_thousand(cluster, _FEW, most=1.3), *_measure_thousand(cluster, WORKERS)]


def _measure_thousand(cluster: BenchmarkCluster, workers: int, most: float = float("inf")) -> list[Row]:
    knobs = Knobs(pace=600, latency=LATENCY)
    with cluster.stage(f"thousand-{workers}", knobs, resync="1h", workers=str(workers)) as stage:
        began = read_cost(stage)
        took = _seconds_to_ready(stage, ten_kinds(1000), timeout=600, connections=_CONNECTIONS)
        spent = read_cost(stage).cost_since(began)
        bound = spent.calls.total() * LATENCY / workers
        if workers == WORKERS:
            record({"operator, 1,000 objects: processor time of each": f"{spent.cpu:.0f} ms"})
        return [
            (f"1,000 objects of 10 kinds, {workers} workers", f"{took:.1f} s", "", True),
            (
                "  of calls x latency / workers",
                f"{took / bound:.2f} x {bound:.1f} s",
                "",
                took <= most * bound,
            ),
            ("  each: turns, requests, calls, CPU", spent.summary(1000), "", True),
        ]


def growth_per_object(cluster: BenchmarkCluster) -> list[Row]:
    """The processor time of each object, and its memory, with ten times the objects."""
    few, many = (_cpu_of_each(cluster, count) for count in (1000, 10_000))
    ratio = many / few
    return [
        ("CPU of each of 1,000, of 10,000", f"{1000 * few:.0f} ms, {1000 * many:.0f} ms", "", True),
        ("  growth", f"{ratio:.2f} x", "", ratio <= _MOST_GROWTH),
    ]


def _cpu_of_each(cluster: BenchmarkCluster, count: int) -> float:
    """Seconds of processor time for each of so many objects, from the first to the last one Ready."""
    with cluster.stage(f"grown-{count}", Knobs(pace=600), resync="1h") as stage:
        began = read_cost(stage)
        _seconds_to_ready(stage, ten_kinds(count), timeout=6 * count / 10, connections=_CONNECTIONS)
        return read_cost(stage).cost_since(began).cpu / count


def quiet_passes(cluster: BenchmarkCluster) -> list[Row]:
    """Passes over a thousand objects an hour after all was done: their List pages, the pages of tags, and no more.

    The operator resyncs each half minute in place of each hour, and the clock of AWS is advanced by an hour.
    """
    with cluster.stage("quiet", Knobs(pace=600), resync="30s") as stage:
        _seconds_to_ready(stage, ten_kinds(1000), timeout=600, connections=_CONNECTIONS)
        time.sleep(_TWO_PASSES)  # the first pass after a start describes what no pass has observed
        stage.sandbox.clock = LaterClock()
        began = read_cost(stage)
        time.sleep(_TWO_PASSES)
        spent = read_cost(stage).cost_since(began)
        calls, passes = spent.calls.total(), spent.calls["ListModels"]  # of which a pass makes one
        requests = sum(count for what, count in spent.requests.items() if "leases" not in what)
        pages = 10 + 1000 // 100  # of lists, one for each kind, and of tags
        good = 0 < calls <= passes * pages
        return [
            (
                f"calls of {passes} quiet passes over 1,000",
                f"{calls}, of {passes * pages}",
                "2,000 each",
                good,
            ),
            ("  requests to the API server in them", str(requests), "", requests == 0),
        ]


def resident_memory_of_objects(cluster: BenchmarkCluster) -> list[Row]:
    """Resident memory: what an object adds, and what ten thousand passes leave."""
    with cluster.stage("memory", Knobs(pace=600), resync="1h") as stage:
        first = ten_kinds(200)
        _seconds_to_ready(stage, first, timeout=600, connections=_CONNECTIONS)
        few = resident_memory(stage)
        rest = [each for each in ten_kinds(1000) if each not in first]
        _seconds_to_ready(stage, rest, timeout=600, connections=_CONNECTIONS)
        many = resident_memory(stage)
        _request_passes(stage, [*first, *rest], rounds=2)  # passes of another sort than those before
        settled, began = resident_memory(stage), read_cost(stage)
        _request_passes(stage, [*first, *rest], rounds=10)
        after, turns = resident_memory(stage), read_cost(stage).cost_since(began).turns
        return [
            ("resident memory with 1,000 objects", f"{many // 1024} MB", "82 MB of 130", True),
            ("  of each object", f"{(many - few) / 800:.0f} KiB", "", True),
            (f"  after {turns:,} turns", f"{100 * (after / settled - 1):+.1f} %", "", after < 1.05 * settled),
        ]


def _seconds_to_ready(
    stage: OperatorStage, documents: list[dict[str, Any]], timeout: float = 120, *, connections: int = 0
) -> float:
    """Seconds from apply to Ready; ``kubectl`` creates the objects if ``connections`` is 0."""
    api = Api(access(stage.kubectl.access.kubeconfig), connections or 1)
    names = {(each["kind"], each["metadata"]["name"]) for each in documents}
    began = time.monotonic()
    if connections:
        _run_concurrently(lambda each: api.create(_path(stage, each["kind"]), each), documents, connections)
    else:
        stage.kubectl.must("create", "-f", "-", given=as_list(documents))
    while names:
        names -= set(_ready_objects(api, min(names)[0], stage))
        assert time.monotonic() - began < timeout, f"not Ready: {sorted(names)[:5]}"
        time.sleep(_POLL_INTERVAL * len(documents))  # a poll uses the same two cores
    return time.monotonic() - began


def _build_and_delete(
    stage: OperatorStage, last: list[dict[str, Any]], before: list[dict[str, Any]]
) -> float:
    """The same, and delete all of them afterwards."""
    took = _seconds_to_build(stage, last, before)
    kinds = {f"{plural(each['kind'])}.{GROUP}" for each in [*last, *before]}
    stage.kubectl.must("delete", ",".join(sorted(kinds)), "--all")
    return took


def _seconds_to_build(
    stage: OperatorStage, last: list[dict[str, Any]], before: list[dict[str, Any]]
) -> float:
    """Seconds from the first object to the last one Ready; those of one kind that are Ready last come first."""
    reached = access(stage.kubectl.access.kubeconfig)
    api = Api(reached, connections=1)
    with watch(reached, str(_path(stage, last[0]["kind"]))) as seen, ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        made = pool.submit(
            lambda: [api.create(_path(stage, each["kind"]), each) for each in [*last, *before]]
        )
        seen.ready({each["metadata"]["name"] for each in last})
        took = time.monotonic() - began
        made.result()
    return took


def _request_passes(stage: OperatorStage, documents: list[dict[str, Any]], rounds: int) -> None:
    """Request a pass over each object, a number of times one after the other."""
    api = Api(access(stage.kubectl.access.kubeconfig), _CONNECTIONS)
    for number in range(rounds):
        token = {"metadata": {"annotations": {RECONCILE_AT: f"{stage.folder}-{number}-{rounds}"}}}

        def request(each: dict[str, Any], token: dict[str, Any] = token) -> None:
            path = _path(stage, each["kind"]) / each["metadata"]["name"]
            api.patch(path, Patch.MERGE, token)

        before = read_cost(stage).turns
        _run_concurrently(request, documents, _CONNECTIONS)
        wait_until(lambda seen=before: read_cost(stage).turns >= seen + len(documents), 300)  # type: ignore[misc]


def _run_concurrently(
    work: Callable[[dict[str, Any]], object], documents: list[dict[str, Any]], connections: int
) -> None:
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(work, documents))


def _path(stage: OperatorStage, kind: str) -> ApiPath:
    return objects(API_VERSION, stage.kubectl.namespace, plural(kind))


def _ready_objects(api: Api, kind: str, stage: OperatorStage) -> Iterator[tuple[str, str]]:
    for each in api.get(_path(stage, kind))["items"]:
        if is_ready(each):
            yield kind, each["metadata"]["name"]


WORK: dict[str, Callable[[BenchmarkCluster], list[Row]]] = {
    "models": hundred_models,
    "stacks": ten_stacks,
    "endpoints": fifty_endpoints,
    "thousand": thousand_objects,
    "growth": growth_per_object,
    "quiet": quiet_passes,
    "memory": resident_memory_of_objects,
}


def main(*chosen: str) -> int:
    """Run, print, judge; the exit status."""
    rows: list[Row] = []
    print(f"{'':<42}{'ours':>22}{'ACK v1.9.1':>16}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _server(Path(folder) / "server") as reached:
        cluster = BenchmarkCluster(Kubectl(reached), Path(folder))
        establish(cluster.kubectl)
        for name in chosen or ("models", "stacks", "endpoints"):
            fresh = WORK[name](cluster)
            rows += fresh
            for what, ours, theirs, good in fresh:
                print(f"{what:<42}{ours:>22}{theirs:>16}{'' if good else '  FAILED'}", flush=True)
    return 0 if all(good for *_, good in rows) else 1


@contextmanager
def _server(folder: Path) -> Iterator[Access]:
    with run_server(programs(print), folder) as access:
        yield access


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
