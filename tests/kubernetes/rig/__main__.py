"""``make apiserver``: a server with the definitions for people to play with, or one for tests.

With a folder as argument it serves until its standard input ends, so that it can't outlive who started it.
"""

import shlex
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import NoReturn

from tests.kubernetes.rig.definitions import establish
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import Access, server
from tests.programs.built import MissingError

READY = "access.json"


def main(arguments: list[str]) -> int:
    """Start, tell, and wait until it is to stop."""
    for each in (
        signal.SIGTERM,
        signal.SIGINT,
    ):  # a shell that starts us in the background has SIGINT ignored
        signal.signal(each, _interrupted)
    try:
        if arguments:
            _for_tests(Path(arguments[0]))
        else:
            with tempfile.TemporaryDirectory(prefix="apiserver-") as folder:
                _for_people(Path(folder))
    except MissingError as missing:
        _tell(f"error: {missing}")
        return 1
    except KeyboardInterrupt:
        _tell("stopped")
    return 0


def _for_tests(folder: Path) -> None:
    with server(programs(_tell), folder) as access:
        access.save(folder / READY)
        sys.stdin.read()


def _for_people(folder: Path) -> None:
    found = programs(_tell)
    _tell("starting etcd and kube-apiserver")
    with server(found, folder) as access:
        _tell("applying the definitions in crds/")
        _tell(establish(Kubectl(access)).strip())
        _tell(_farewell(access))
        threading.Event().wait()


def _farewell(access: Access) -> str:
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


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
