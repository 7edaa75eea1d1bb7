"""The committed definitions, brought to a server."""

import time

from controller.crds.catalog import MEMORY, SYNC
from tests.kubernetes.rig.kubectl import Kubectl
from tests.repo.files import ROOT

FOLDER = ROOT / "crds"
_TIMEOUT = 60.0


def establish(kubectl: Kubectl) -> str:
    """Apply all definitions and wait until they serve; gives what kubectl said of each.

    Raises:
        TimeoutError: not all of them are served after a minute.

    """
    must = kubectl.must("apply", "--server-side", "-f", str(FOLDER))
    kubectl.must("wait", "--for=condition=Established", "crd", "--all", f"--timeout={_TIMEOUT:.0f}s")
    end = time.monotonic() + _TIMEOUT
    while _discovered(kubectl) < len(list(FOLDER.glob("*.yaml"))):
        if time.monotonic() > end:
            raise TimeoutError("the API server does not tell of all definitions")
        time.sleep(0.2)
    return must


def _discovered(kubectl: Kubectl) -> int:
    """How many kinds of ours discovery tells of, which lags a little; asking renews kubectl's cache of it."""
    processes = [
        kubectl.run("api-resources", "--api-group", group, "--no-headers")
        for group in (SYNC.group, MEMORY.group)
    ]
    return sum(len(each.stdout.splitlines()) for each in processes)
