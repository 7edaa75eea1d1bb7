"""kube-apiserver, etcd and kubectl: found, or built once from the modules that go.mod lists."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.programs.built import MissingError, Recipe, Report, build_once

HERE = Path(__file__).parent
NAMES = ("kube-apiserver", "etcd", "kubectl")
_BUILT_AS = {"etcd": "server"}  # Go names a program by the last part of its package's path
_VERSION = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Programs:
    """Paths of the three programs."""

    apiserver: Path
    etcd: Path
    kubectl: Path


def programs(report: Report) -> Programs:
    """The programs: of ``KUBEBUILDER_ASSETS``, of ``PATH``, of the cache, or built into the cache.

    Raises:
        MissingError: there is no way to get them.

    """
    recipe = kubernetes_recipe()
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if assets and not recipe.within(Path(assets)):
        raise MissingError(f"KUBEBUILDER_ASSETS={assets} does not hold {', '.join(NAMES)}")
    if assets:
        return _programs_in(Path(assets))
    found = [shutil.which(name) for name in NAMES]
    if all(found):
        return Programs(*(Path(str(path)) for path in found))
    return _programs_in(build_once(recipe, report))


def kubernetes_recipe() -> Recipe:
    """How the three are built."""
    return Recipe(
        "kubernetes",
        HERE,
        NAMES,
        takes="four to seven minutes",
        without_go="install Go to have them built, or name a folder with them in KUBEBUILDER_ASSETS "
        "(docs/dev/api-server.md)",
        link=_version_flags(),
        finish=_rename_programs,
    )


def kubernetes_release() -> str:
    """The release of Kubernetes in go.mod."""
    found = re.search(r"k8s\.io/kubernetes (v[0-9.]+)", (HERE / "go.mod").read_text(encoding="utf-8"))
    return found[1] if found else "v0.0.0"


def _programs_in(folder: Path) -> Programs:
    return Programs(*(folder / name for name in NAMES))


def _rename_programs(go: str, folder: Path) -> None:
    for name, as_built in _BUILT_AS.items():
        (folder / as_built).rename(folder / name)


def _version_flags() -> str:
    """Without its version kubectl refuses to use the server."""
    major, minor, _ = kubernetes_release()[1:].split(".")
    fields = {"gitVersion": kubernetes_release(), "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s", "-w", *(f"-X {_VERSION}.{name}={value}" for name, value in fields.items())])
