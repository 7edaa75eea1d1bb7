from dataclasses import replace

import pytest

from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.leader_election import Lease
from tests.kubernetes.rig.kubectl import Kubectl
from tests.operator.clock import Hand


@pytest.fixture
def hand() -> Hand:
    """Make a clock."""
    return Hand()


@pytest.fixture
def pair(kubectl: Kubectl, hand: Hand) -> tuple[Lease, Lease]:
    """Make two that want the same Lease of the real API server, with a clock that is moved by hand."""
    api = Api(access(kubectl.access.kubeconfig))
    one, two = (Lease(api, kubectl.namespace, "lease", me, 15.0, 5.0, hand) for me in ("one", "two"))
    return one, two


def test_the_first_leads_and_the_second_does_not(pair: tuple[Lease, Lease]) -> None:
    """Whoever makes the Lease holds it."""
    one, two = pair
    one.renew()
    two.renew()
    assert (one.holds(), two.holds()) == (True, False)


def test_who_can_not_renew_stops_before_another_may_begin(pair: tuple[Lease, Lease], hand: Hand) -> None:
    """Row 68: Cut off from the server the leader closes its fence while the Lease is still its own."""
    one, two = pair
    one.renew()
    two.renew()
    reached = one.api
    one.api = Api(replace(reached.access, server="https://127.0.0.1:1"))
    hand.at += 9
    one.renew()
    assert one.holds()
    hand.at += 2
    assert not one.holds()
    two.renew()
    assert not two.holds()
    hand.at += 5
    two.renew()
    assert (one.holds(), two.holds()) == (False, True)
    one.api = reached
    one.renew()
    assert not one.holds()


def test_renewing_keeps_others_out(pair: tuple[Lease, Lease], hand: Hand) -> None:
    """As long as it is renewed in time nobody else gets it."""
    one, two = pair
    for _ in range(10):
        one.renew()
        two.renew()
        hand.at += 9
        assert one.holds()
        assert not two.holds()


def test_given_back_it_is_free_at_once(pair: tuple[Lease, Lease], kubectl: Kubectl) -> None:
    """A leader that ends in order lets the next begin without a wait."""
    one, two = pair
    one.renew()
    one.stop()
    two.renew()
    assert two.holds()
    must = kubectl.must("get", "lease", "lease", "-o", "jsonpath={.spec.leaseTransitions}")
    assert must == "1"
