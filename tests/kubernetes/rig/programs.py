"""kube-apiserver, etcd and kubectl: found, or built once from the modules that go.mod lists."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("kube-apiserver", "etcd", "kubectl")
_BUILT_AS = {"etcd": "server"}  # Go calls a program by the last part of its package's path
_GO = ("go", "/usr/local/go/bin/go")
_VERSION = "k8s.io/component-base/version"
_EVERY = 10.0  # seconds between lines of progress

Tell = Callable[[str], None]


class MissingError(Exception):
    """The programs are neither found nor can they be built; the message says what would help."""


@dataclass(frozen=True)
class Programs:
    """Paths of the three programs."""

    apiserver: Path
    etcd: Path
    kubectl: Path


def programs(tell: Tell) -> Programs:
    """The programs: of ``KUBEBUILDER_ASSETS``, of ``PATH``, of the cache, or built into the cache.

    Raises:
        MissingError: there is no way to get them.

    """
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if assets:
        return _in(Path(assets)) or _refused(f"KUBEBUILDER_ASSETS={assets} does not hold {', '.join(NAMES)}")
    found = [shutil.which(name) for name in NAMES]
    if all(found):
        return Programs(*(Path(str(path)) for path in found))
    return _in(cache()) or _built(tell)


def cache() -> Path:
    """Where built programs are kept: a folder for each state of go.sum."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256((HERE / "go.sum").read_bytes()).hexdigest()[:16]
    return root / "sagemaker-gitops" / f"kubernetes-{digest}"


def release() -> str:
    """The release of Kubernetes that go.mod names."""
    found = re.search(r"k8s\.io/kubernetes (v[0-9.]+)", (HERE / "go.mod").read_text(encoding="utf-8"))
    return found[1] if found else "v0.0.0"


def _in(folder: Path) -> Programs | None:
    paths = [folder / name for name in NAMES]
    return Programs(*paths) if all(path.is_file() for path in paths) else None


def _refused(message: str) -> Programs:
    raise MissingError(message)


def _built(tell: Tell) -> Programs:
    go = next((path for name in _GO if (path := shutil.which(name))), None)
    if go is None:
        raise MissingError(
            f"no {', '.join(NAMES)}: install Go to have them built, or name a folder with them in "
            "KUBEBUILDER_ASSETS (docs/kubernetes.md)"
        )
    folder = cache()
    with _alone(folder):
        found = _in(folder)
        if found:
            return found
        _build(go, folder, tell)
    return _in(folder) or _refused(f"the build left no programs in {folder}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One build at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: str, folder: Path, tell: Tell) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    tell(f"building kube-apiserver, etcd and kubectl {release()} into {folder}: minutes, and only once")
    command = [go, "build", "-v", "-buildvcs=false", "-ldflags", _flags(), "-o", f"{part}/", "tool"]
    with (part / "build.log").open("w") as log:
        running = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=subprocess.STDOUT)
        _watch(running, part / "build.log", tell)
    if running.returncode:
        tail = "\n".join((part / "build.log").read_text(encoding="utf-8").splitlines()[-20:])
        raise MissingError(f"go build failed:\n{tail}")
    for name, built in _BUILT_AS.items():
        (part / built).rename(part / name)
    part.rename(folder)


def _flags() -> str:
    """Without its version kubectl refuses to talk to the server."""
    major, minor, _ = release()[1:].split(".")
    told = {"gitVersion": release(), "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s", "-w", *(f"-X {_VERSION}.{name}={value}" for name, value in told.items())])


def _watch(running: "subprocess.Popen[bytes]", log: Path, tell: Tell) -> None:
    started = time.monotonic()
    while True:
        try:
            running.wait(_EVERY)
        except subprocess.TimeoutExpired:
            lines = log.read_text(encoding="utf-8").splitlines()
            fetched = sum(line.startswith("go: downloading") for line in lines)
            passed = time.monotonic() - started
            tell(f"  {passed:4.0f} s: {fetched} modules fetched, {len(lines) - fetched} packages compiled")
        else:
            return
