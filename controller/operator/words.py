"""The words that the operator and its cluster share: annotations, finalizer, paths."""

from collections.abc import Mapping, Sequence
from functools import cache

from controller.core.ref import Ref
from controller.crds.definition import plural
from controller.crds.own import SYNC
from controller.desired.envelope import API_VERSION, GROUP
from controller.kinds import KINDS

VERSION = API_VERSION.removeprefix(f"{GROUP}/")
FINALIZER = f"{GROUP}/finalizer"
RECONCILE_AT = f"{GROUP}/reconcile-at"
APPROVE = f"{GROUP}/approve"
RELEASE = f"{GROUP}/release"
ROLLBACK = f"{GROUP}/rollback"
STEERING = (RECONCILE_AT, APPROVE, RELEASE, ROLLBACK)  # annotations that ask for a turn
MANAGER = "sagemaker-gitops"


def path_of(ref: Ref) -> str:
    """Where the API server has an object."""
    return f"/apis/{API_VERSION}/namespaces/{ref.namespace}/{plural_of(ref.kind)}/{ref.name}"


def plural_of(kind: str) -> str:
    """The plural in the API's paths, of everything that the operator follows."""
    return SYNC.plural if kind == SYNC.kind else plural(kind)


def places_of(kind: str, namespaces: Sequence[str]) -> list[str]:
    """Where the API server lists the objects of a kind: in some namespaces, or in all where none is named."""
    base = f"/apis/{API_VERSION}"
    where = plural_of(kind)
    return [f"{base}/namespaces/{name}/{where}" for name in namespaces] or [f"{base}/{where}"]


def secret_path(namespace: str, name: str) -> str:
    """Where the API server has a Secret."""
    return f"/api/v1/namespaces/{namespace}/secrets/{name}"


@cache
def kinds_by_plural() -> Mapping[str, str]:
    """Our kinds by the plural in the API's paths."""
    return {plural(kind): kind for kind in KINDS}
