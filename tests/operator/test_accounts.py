import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from controller.aws import connect
from controller.core.cloud import Call, Cloud, CloudError, Identity, Json, Leadership
from controller.operator.accounts import Accounts, FencedCloud, Role, Tenants
from controller.runtime.concurrency_limit import Slots
from controller.sandbox import Sandbox

GROUP = Call("CreateModelPackageGroup", {"ModelPackageGroupName": "fraud"})


def test_a_process_that_does_not_lead_changes_nothing() -> None:
    """Row 68: behind the fence reads are sent, and a change is refused before it is sent."""
    sandbox = Sandbox()
    fenced = FencedCloud(
        connect(region="us-east-1", attach=sandbox.attach),
        "turn-1",
        Leadership(lambda: False, 5.0),
    )
    fenced.call(Call("ListModelPackageGroups"))
    with pytest.raises(CloudError, match="another replica is the leader"):
        fenced.call(GROUP)
    assert [each.operation for each in sandbox.calls] == ["ListModelPackageGroups"]


def test_a_role_is_opened_once() -> None:
    """Row 66: namespaces of one role share its cloud, and so its rate limit; an unnamed one has none."""
    sandbox = Sandbox()
    opened: list[Role] = []

    def open_one(role: Role) -> object:
        opened.append(role)
        return connect(region="us-east-1", attach=sandbox.attach)

    role = Role("arn:aws:iam::111111111111:role/x")
    accounts = Accounts(Tenants({"a": role, "b": role}), open_one, 1)  # type: ignore[arg-type]
    assert accounts.of("a") is accounts.of("b")
    assert accounts.of("c") is None
    assert opened == [role]


def _fenced_call(is_leader: threading.Event) -> tuple[FencedCloud, Sandbox]:
    """Make one call."""
    sandbox = Sandbox()
    accounts = Accounts(Tenants(), lambda _: connect(region="us-east-1", attach=sandbox.attach), 1)
    fenced = accounts.fenced_cloud("a", "turn-1", is_leader.is_set)
    assert fenced is not None
    return fenced, sandbox


class ConcurrentCloud:
    """A cloud whose calls wait until so many are made at once; ``most`` is the largest number of concurrent calls."""

    def __init__(self, cloud: Cloud, combined: int) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(combined)
        self._now = self.most = 0

    @property
    def identity(self) -> Identity:
        """The account's."""
        return self._cloud.identity

    def call(self, call: Call) -> Json:
        """Make a call, once the others have arrived."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._barrier.wait(10)
        answer = self._cloud.call(call)
        with self._lock:
            self._now -= 1
        return answer


@pytest.mark.parametrize("at_once", [1, 3])
def test_an_account_has_a_limit_of_concurrent_calls(at_once: int) -> None:
    """Of six passes exactly so many call at the same time; another account has its own limit."""
    sandbox = Sandbox()
    opened: list[ConcurrentCloud] = []

    def open_one(role: Role) -> Cloud:
        del role
        cloud = connect(region="us-east-1", attach=sandbox.attach)
        cloud.call(Call("ListModels"))  # the first one loads a model, and a slow call holds no slot
        opened.append(ConcurrentCloud(cloud, at_once))
        return opened[-1]

    accounts = Accounts(Tenants({"a": Role("one"), "b": Role("two")}), open_one, at_once)

    def reconcile_namespace(namespace: str) -> None:
        fenced = accounts.fenced_cloud(namespace, "turn", lambda: True)
        assert fenced is not None
        fenced.call(Call("ListModelPackageGroups"))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(reconcile_namespace, "ab" * 6))
    assert [each.most for each in opened] == [at_once, at_once]
    assert len(sandbox.calls) == 2 + 12


def test_a_lease_that_is_lost_while_a_call_waits_for_its_turn_stops_it() -> None:
    """Row 68: leadership is checked immediately before a change is sent."""
    is_leader = threading.Event()
    is_leader.set()
    fenced, sandbox = _fenced_call(is_leader)
    passed = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with fenced.slots.hold_slot("ListModels"):
            waiting = pool.submit(replace(fenced, before=passed.set).call, GROUP)
            assert passed.wait(10)  # the first check
            is_leader.clear()
        with pytest.raises(CloudError, match="another replica is the leader"):
            waiting.result(10)
    assert not sandbox.calls


def test_a_slot_is_free_again_after_a_refusal() -> None:
    """A refused call releases its slot."""
    slots = Slots(1)
    fenced, sandbox = _fenced_call(threading.Event())
    with pytest.raises(CloudError):
        replace(fenced, slots=slots).call(Call("DescribeModel", {"ModelName": "none"}))
    assert slots.has_spare
    assert len(sandbox.calls) == 1


def test_the_cluster_is_written_to_without_a_slot() -> None:
    """Writing to the cluster before a change does not delay a call of another object."""
    is_leader, slots, free = threading.Event(), Slots(1), []
    is_leader.set()
    fenced, sandbox = _fenced_call(is_leader)

    replace(fenced, before=lambda: free.append(slots.has_spare), slots=slots).call(GROUP)
    assert free == [True]
    assert [each.operation for each in sandbox.calls] == ["CreateModelPackageGroup"]
