from pathlib import Path

import pytest

from tests.kubernetes.failover import repeat_trial
from tests.kubernetes.rig.kubectl import Kubectl


@pytest.mark.parametrize("seed", range(1))
def test_a_leader_that_was_cut_off_makes_no_late_change(kubectl: Kubectl, tmp_path: Path, seed: int) -> None:
    """Row 68: Throttled changes and deletions end before another replica's lease begins, which does the rest."""
    came = repeat_trial(kubectl, tmp_path, seed)
    assert came.before
    assert came.late == ()
