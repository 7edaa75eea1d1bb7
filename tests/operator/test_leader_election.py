"""The thread that renews the Lease, with any response of the API server."""

import time

from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.leader_election import Lease
from tests.operator.wire import serve_wire


def test_an_answer_that_is_no_lease_does_not_end_the_thread() -> None:
    """It is retried: without that thread this process would never lead again."""
    with serve_wire() as server:  # answers {} to everything, as a proxy may for a while
        lease = Lease(Api(Access(server.url)), "home", "lease", "me", duration=0.25, margin=0.05)
        lease.start()
        try:
            until = time.monotonic() + 30
            while len(server.targets) < 3 and time.monotonic() < until:
                time.sleep(0.01)
            assert len(server.targets) >= 3
            assert not lease.holds()
        finally:
            lease.stop()
