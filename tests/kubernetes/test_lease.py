from dataclasses import replace

import pytest

from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.leader_election import Lease
from tests.kubernetes.rig.kubectl import Kubectl
from tests.operator.clock import StepClock


@pytest.fixture
def step_clock() -> StepClock:
    """A clock for the test."""
    return StepClock()


@pytest.fixture
def lease_pair(kubectl: Kubectl, step_clock: StepClock) -> tuple[Lease, Lease]:
    """Two candidates for one Lease of the real API server, with a clock that the test advances."""
    api = Api(access(kubectl.access.kubeconfig))
    one, two = (Lease(api, kubectl.namespace, "lease", me, 15.0, 5.0, step_clock) for me in ("one", "two"))
    return one, two


def test_only_the_first_candidate_leads(lease_pair: tuple[Lease, Lease]) -> None:
    """Whoever makes the Lease holds it."""
    one, two = lease_pair
    one.renew()
    two.renew()
    assert (one.holds(), two.holds()) == (True, False)


def test_a_leader_that_can_not_renew_stops_before_another_starts(
    lease_pair: tuple[Lease, Lease], step_clock: StepClock
) -> None:
    """Row 68: disconnected from the server the leader closes its fence while the Lease is still its own."""
    one, two = lease_pair
    one.renew()
    two.renew()
    reached = one.api
    one.api = Api(replace(reached.access, server="https://127.0.0.1:1"))
    step_clock.at += 9
    one.renew()
    assert one.holds()
    step_clock.at += 2
    assert not one.holds()
    two.renew()
    assert not two.holds()
    step_clock.at += 5
    two.renew()
    assert (one.holds(), two.holds()) == (False, True)
    one.api = reached
    one.renew()
    assert not one.holds()


def test_renewing_keeps_others_out(lease_pair: tuple[Lease, Lease], step_clock: StepClock) -> None:
    """As long as it is renewed in time no other process gets it."""
    one, two = lease_pair
    for _ in range(10):
        one.renew()
        two.renew()
        step_clock.at += 9
        assert one.holds()
        assert not two.holds()


def test_a_released_lease_is_free_at_once(lease_pair: tuple[Lease, Lease], kubectl: Kubectl) -> None:
    """A leader that ends normally lets the next one start without a wait."""
    one, two = lease_pair
    one.renew()
    one.stop()
    two.renew()
    assert two.holds()
    must = kubectl.must("get", "lease", "lease", "-o", "jsonpath={.spec.leaseTransitions}")
    assert must == "1"
