"""The committed definitions, brought to a server."""

from tests.house.house import ROOT
from tests.kubernetes.rig.kubectl import Kubectl

FOLDER = ROOT / "crds"


def establish(kubectl: Kubectl) -> str:
    """Apply all definitions and wait until they serve; gives what kubectl said of each."""
    told = kubectl.must("apply", "--server-side", "-f", str(FOLDER))
    kubectl.must("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    return told
