"""The committed definitions, brought to a server."""

import time

from controller.crds.catalog import MEMORY, SYNC
from tests.kubernetes.rig.kubectl import Kubectl, admin_requests
from tests.repo.files import ROOT

FOLDER = ROOT / "crds"
SERVED = (
    "endpointconfigs",
    "endpoints",
    "models",
    "modelpackagegroups",
    "pipelines",
    "gitsyncs",
    "syncmemories",
)
_TIMEOUT = 60.0


def establish(kubectl: Kubectl, *plurals: str) -> str:
    """Apply definitions, all or those named, and wait until they are served; returns kubectl's output for each.

    A server's work for a definition takes 0.1 s of CPU time: one with six of them starts for half of what all cost.

    Raises:
        TimeoutError: not all of them are served after a minute.

    """
    files = [FOLDER / f"{each}.yaml" for each in plurals] or sorted(FOLDER.glob("*.yaml"))
    must = kubectl.must("apply", "--server-side", *(f"-f={each}" for each in files))
    kubectl.must("wait", "--for=condition=Established", "crd", "--all", f"--timeout={_TIMEOUT:.0f}s")
    end = time.monotonic() + _TIMEOUT
    while _count_discovered(kubectl) < len(files):
        if time.monotonic() > end:
            raise TimeoutError("the API server does not tell of all definitions")
        time.sleep(0.2)
    kubectl.must("api-resources", "--api-group", SYNC.group)  # renews kubectl's cache of it
    return must


def _count_discovered(kubectl: Kubectl) -> int:
    """The number of our kinds in the discovery, which lags a little."""
    paths = [f"/apis/{each.api_version}" for each in (SYNC, MEMORY)]
    found = [admin_requests(kubectl.access).send("GET", path).body.get("resources", ()) for path in paths]
    return sum("/" not in each["name"] for listed in found for each in listed)  # "/": a subresource
