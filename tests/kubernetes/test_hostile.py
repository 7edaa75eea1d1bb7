"""Two hostile tenants on a real API server: whatever they write, nothing is read or written outside their namespaces.

The operator runs as its own process with its generated rights, and may read every Secret; what keeps it out of other
namespaces is its own code alone. What it requested stands in the server's audit log.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from controller.crds import definition
from controller.crds.catalog import MEMORY, SYNC, memory_definition, sync_definition
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION
from controller.sandbox import Knobs
from tests.kubernetes.documents import group, workforce
from tests.kubernetes.hostile import ATTEMPTS, HostileAttempt, Tenancy, text_of, without_validation
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import ADMIN, run_server
from tests.programs.requests import Requests
from tests.programs.required_programs import require

Json = dict[str, Any]
CANARY = "canary-of-a-secret"
STATUSES = 8  # of an object on its way to Ready, with a Secret that is rotated
OPERATOR = "sagemaker-gitops"
_ANYBODY = Tenancy("own", "other", "home", "row", "target")


@dataclass
class HostileCluster:
    """The cluster with all rows in it, and the requests of its operator."""

    stage: OperatorStage
    requests: Requests
    audit: Path
    tenants: tuple[str, str]
    other: str
    rows: dict[HostileAttempt, Tenancy] = field(default_factory=dict)
    written: set[tuple[str, str]] = field(default_factory=set)

    def received(self) -> list[Json]:
        """Every request of the operator, as the server parsed it."""
        lines = self.audit.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if f'"username":"{OPERATOR}"' in line]
        return [each for each in found if each["user"]["username"] == OPERATOR]

    def path(self, kind: str, version: str, namespace: str, name: str = "") -> str:
        """The path of an object."""
        plural = _plural(kind)
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{root}/namespaces/{namespace}/{plural}/{name}".rstrip("/")

    def get(self, made: Json, namespace: str) -> Json:
        """An object as it is now; empty if it was deleted."""
        path = self.path(made["kind"], made["apiVersion"], namespace, made["metadata"]["name"])
        answer = self.requests.send("GET", path)
        return dict(answer.body) if answer.accepted else {}

    def write(self, made: Json, namespace: str) -> None:
        """Create an object, with a plain request."""
        answer = self.requests.send(
            "POST", self.path(made["kind"], made["apiVersion"], namespace), text_of(made)
        )
        assert answer.accepted, answer.message

    def versions(self, namespace: str) -> set[tuple[str, str]]:
        """Secrets and inventories of a namespace by uid, with their versions."""
        kinds = (("Secret", "v1"), (MEMORY.kind, MEMORY.api_version))
        found = [
            self.requests.send("GET", self.path(kind, version, namespace)).body for kind, version in kinds
        ]
        each = [item["metadata"] for listed in found for item in listed["items"]]
        return {(document["uid"], document["resourceVersion"]) for document in each}


@cache
def _used_kinds() -> frozenset[str]:
    """The kinds of the rows and valid objects: the server defines only these (0.1 s of CPU time each)."""
    written = {made["kind"] for each in ATTEMPTS for made in each.write(_ANYBODY)}
    return frozenset(written & {*KINDS} | {"ModelPackageGroup"})


def _plural(kind: str) -> str:
    from controller.crds.definition import plural

    own = {SYNC.kind: SYNC.plural, MEMORY.kind: MEMORY.plural, "Secret": "secrets"}
    return own.get(kind) or plural(kind)


@pytest.fixture(scope="module")
def hostile_cluster(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[HostileCluster]:
    """Let both tenants write all rows, in batches, and the operator handle all of them several times."""
    require(programs, request.config)
    folder = tmp_path_factory.mktemp("hostile")
    audit, policy = folder / "audit.log", folder / "policy.yaml"
    policy.write_text(
        json.dumps(
            {
                "apiVersion": "audit.k8s.io/v1",
                "kind": "Policy",
                "omitStages": ["RequestReceived"],
                "rules": [{"level": "Metadata", "users": [OPERATOR]}, {"level": "None"}],
            }
        )
    )
    flags = (f"--audit-log-path={audit}", f"--audit-policy-file={policy}")
    with ExitStack() as held:
        access = held.enter_context(run_server(programs(print), folder / "server", *flags))
        everywhere = Kubectl(access)
        made = [*map(definition, sorted(_used_kinds())), sync_definition(), memory_definition()]
        everywhere.must("apply", "--server-side", "-f", "-", given=as_list(map(without_validation, made)))
        everywhere.must("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        home, one, two, other = (everywhere.fresh() for _ in range(4))
        everywhere.must(
            "create", "clusterrolebinding", "all", f"--clusterrole={OPERATOR}-secrets", f"--user={OPERATOR}"
        )
        stage = held.enter_context(operator_stage(home, folder, Knobs(pace=500)))
        requests = Requests(access.host, access.port, access.authority, f"Bearer {ADMIN}")
        held.callback(requests.close)
        names = one.namespace, two.namespace
        cluster = HostileCluster(stage, requests, audit, names, other.namespace)
        _write(cluster)
        cluster.written = cluster.versions(cluster.other)
        # The huge rows block the interpreter for seconds: a Lease that expires meanwhile would restart all rows.
        stage.start(kinds=ALL_KINDS, namespace=None, workers="8", lease="30s")
        _settle(cluster)
        yield cluster


def _write(cluster: HostileCluster) -> None:
    """Write the valid objects, and the rows: the first tenant the even ones, the second the odd ones."""
    for namespace in cluster.tenants:
        cluster.write(_secret("keep", "well known"), namespace)
        cluster.write(_valid_objects(namespace), namespace)
    cluster.write(_secret("sign-in", "first"), cluster.tenants[1])
    cluster.write(workforce(), cluster.tenants[1])
    for number, attempt in enumerate(ATTEMPTS):
        own = cluster.tenants[number % 2]
        tenancy = Tenancy(
            own, cluster.other, cluster.stage.kubectl.namespace, f"row-{number}", f"target-{number}"
        )
        cluster.rows[attempt] = tenancy
        cluster.write(_secret(tenancy.target, f"{CANARY}-{number}"), cluster.other)
        cluster.write(_memo(tenancy.target), cluster.other)
        objects = attempt.write(tenancy)
        for made in objects:
            cluster.write(made, own)
        status = attempt.status(tenancy)
        if status is not None:
            where = cluster.path(objects[0]["kind"], objects[0]["apiVersion"], own, tenancy.name)
            body = {**cluster.get(objects[0], own), "status": status}
            answer = cluster.requests.send("PUT", f"{where}/status", body)
            assert answer.accepted, f"{attempt.what}: {answer.message}"


def _settle(cluster: HostileCluster) -> None:
    """Wait for the valid objects, then for a rotated Secret among all rows, then some further passes."""
    stage = cluster.stage
    wait_until(lambda: all(_is_ready(cluster, _valid_objects(each), each) for each in cluster.tenants))
    wait_until(lambda: _is_ready(cluster, workforce(), cluster.tenants[1]))
    where = cluster.path("Secret", "v1", cluster.tenants[1], "sign-in")
    cluster.requests.send("PUT", where, _secret("sign-in", "second"))
    wait_until(lambda: stage.call_count("UpdateWorkforce") == 1)
    waiting = [row for row in cluster.rows.items() if row[0].fails]

    def reported() -> bool:
        while waiting and _reports_failure(cluster, *waiting[-1]):
            waiting.pop()
        return not waiting

    with suppress(AssertionError):  # the last test names the rows that report nothing
        wait_until(reported)


def _secret(name: str, value: str) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"client": value}}


def _valid_objects(namespace: str) -> Json:
    """The valid objects of a namespace; both use one account, where a name is unique."""
    return group(name=f"good-in-{namespace}")


def _memo(name: str) -> Json:
    return {"apiVersion": MEMORY.api_version, "kind": MEMORY.kind, "metadata": {"name": name}, "parts": []}


def _is_ready(cluster: HostileCluster, made: Json, namespace: str) -> bool:
    return _condition(cluster.get(made, namespace)).get("status") == "True"


def _condition(value: Json) -> Json:
    status = value.get("status")
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return next(
        (each for each in conditions or () if isinstance(each, dict) and each.get("type") == "Ready"), {}
    )


def _reports_failure(cluster: HostileCluster, attempt: HostileAttempt, tenancy: Tenancy) -> bool:
    """Whether the object of a row reports a failure."""
    return _condition(cluster.get(attempt.write(tenancy)[0], tenancy.own)).get("status") in {
        "False",
        "Unknown",
    }


def _unreported_rows(cluster: HostileCluster) -> list[str]:
    """The rows that must fail and whose object does not report it."""
    return [
        attempt.what
        for attempt, tenancy in cluster.rows.items()
        if attempt.fails and not _reports_failure(cluster, attempt, tenancy)
    ]


def test_the_number_and_names_of_attempts() -> None:
    """The table only grows; each row has a unique name."""
    assert len({attempt.what for attempt in ATTEMPTS}) == len(ATTEMPTS) >= 40


def test_no_request_is_outside_of_the_rows_namespaces(hostile_cluster: HostileCluster) -> None:
    """No request of the operator is for a namespace whose tenant wrote nothing, or names a target."""
    requested = hostile_cluster.received()
    assert len(requested) > len(ATTEMPTS)
    outside = [each for each in requested if not _is_expected_request(each, hostile_cluster)]
    reported = {f"{each['verb']} {unquote(each['requestURI'])[:200]}" for each in outside}
    assert not outside, "\n".join(sorted(reported))


def _is_expected_request(event: Json, cluster: HostileCluster) -> bool:
    """Whether a request is one that a correct operator makes."""
    uri, of = event["requestURI"], event.get("objectRef", {})
    path = uri.partition("?")[0]
    if unquote(unquote(path)) != path or re.search(r"//|/\.{1,2}(/|$)|target-", uri):
        return False
    namespace, what, name = of.get("namespace", ""), of.get("resource", ""), of.get("name", "")
    if not namespace:
        return path.startswith("/api") and event["verb"] in {"get", "list", "watch"}
    if namespace == cluster.stage.kubectl.namespace:
        own = {("leases", OPERATOR), ("secrets", f"{OPERATOR}-key"), ("configmaps", f"{OPERATOR}-set")}
        own |= {(each, "") for each, _ in own}
        return (what, name) in own and event["verb"] in {"get", "create", "update"}
    if namespace not in cluster.tenants:
        return False
    return what != "secrets" or name in {"keep", "sign-in"}


def test_a_status_is_written_when_it_changes(hostile_cluster: HostileCluster) -> None:
    """No row makes the operator write the same status repeatedly, whatever its status contains."""
    written = Counter(
        (of["namespace"], of["resource"], of["name"])
        for event in hostile_cluster.received()
        if event["verb"] == "patch" and (of := event["objectRef"]).get("subresource") == "status"
    )
    assert max(written.values()) <= STATUSES, written.most_common(3)


def test_no_foreign_object_changed(hostile_cluster: HostileCluster) -> None:
    """Secrets and inventories of the tenant who wrote nothing all exist, as they were written."""
    versions = hostile_cluster.versions(hostile_cluster.other)
    assert len(versions) == 2 * len(ATTEMPTS)
    assert versions == hostile_cluster.written


def test_no_secret_of_others_is_shown_anywhere(hostile_cluster: HostileCluster) -> None:
    """No canary is in an object, an Event or the log, and none was sent to AWS."""
    kinds = [*((kind, API_VERSION) for kind in (*_used_kinds(), SYNC.kind)), ("Event", "v1")]
    for namespace in hostile_cluster.tenants:
        kubectl = hostile_cluster.stage.kubectl.within(namespace)
        for kind, version in kinds:
            assert CANARY not in json.dumps(kubectl.found(kind, version))
    assert CANARY not in hostile_cluster.stage.log().read_text(encoding="utf-8")
    assert sum(operation.endswith("Workforce") for operation in hostile_cluster.stage.changes()) == 2


def test_the_object_of_a_row_reports_its_failure(hostile_cluster: HostileCluster) -> None:
    """Its status shows its writer that nothing was done, and why."""
    assert any(each.fails for each in ATTEMPTS)
    assert _unreported_rows(hostile_cluster) == []
