"""``make apiserver``: a server with the definitions for people to play with, or one for tests."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kubernetes.rig.definitions import establish
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access, run_server
from tests.programs.built import Report
from tests.programs.rig_command import play


@contextmanager
def serve(folder: Path, report: Report, *plurals: str) -> Iterator[Access]:
    """A server with all definitions, or with those named."""
    found = programs(report)
    report("starting etcd and kube-apiserver")
    with run_server(found, folder) as access:
        report("applying the definitions in crds/")
        report(establish(Kubectl(access), *plurals).strip())
        yield access


def shutdown_message(access: Access) -> str:
    """The instructions for using the server."""
    return (
        f"\nReady: https://{access.host}:{access.port}. In another shell:\n"
        f"  export KUBECONFIG={shlex.quote(access.kubeconfig)}\n"
        f"  alias kubectl={shlex.quote(access.kubectl)}\n"
        "  kubectl apply -f examples/quickstart\n"
        "  kubectl create namespace sagemaker-gitops; sagectl operator --sandbox &  # acts on it\n"
        "  kubectl get sagemaker\n"
        "  kubectl explain smep.spec\n"
        "Ctrl-C stops it; nothing is kept."
    )


if __name__ == "__main__":
    sys.exit(play(sys.argv[1:], serve, shutdown_message))
