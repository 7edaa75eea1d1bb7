"""Names of annotations, finalizer and API paths."""

from collections.abc import Sequence
from functools import lru_cache

from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.crds.definition import plural
from controller.engine.observed import REBUILD, RELEASE
from controller.kinds import KINDS
from controller.manifests.envelope import API_VERSION, GROUP
from controller.operator.kube.request import ApiPath

VERSION = API_VERSION.removeprefix(f"{GROUP}/")
FINALIZER = f"{GROUP}/finalizer"
RECONCILE_AT = f"{GROUP}/reconcile-at"
APPROVE = f"{GROUP}/approve"
ROLLBACK = f"{GROUP}/rollback"
CONFIRM = f"{GROUP}/confirm-deletion"
REQUEST_ANNOTATIONS = (
    RECONCILE_AT,
    APPROVE,
    RELEASE,
    ROLLBACK,
    CONFIRM,
    REBUILD,
)  # annotations that request a pass
CORE = "v1"  # the API of namespaces, ConfigMaps, Secrets and Events
EXTENSIONS = "apiextensions.k8s.io/v1"  # the API of custom resource definitions
MANAGER = "sagemaker-gitops"
KIND_NAMES = frozenset({*KINDS, SYNC.kind})  # the kinds that can be watched
OWN_SET = f"{MANAGER}-set"  # the ConfigMap with the cluster's set


def path_of(ref: Ref) -> ApiPath:
    """The path of an object.

    Raises:
        ApiError: no object can have that namespace and name.

    """
    return objects(API_VERSION, ref.namespace, plural_of(ref.kind)) / ref.name


@lru_cache(4096)
def objects(version: str, namespace: str, plural: str) -> ApiPath:
    """The path of the list of a resource in a namespace; ``version`` is the apiVersion.

    Raises:
        ApiError: there can be no such namespace.

    """
    return _root(version) / "namespaces" / namespace / plural


def _root(version: str) -> ApiPath:
    group, slash, name = version.rpartition("/")
    return ApiPath(("apis", group, name)) if slash else ApiPath(("api", name))


def plural_of(kind: str) -> str:
    """The plural of a watched kind in the API's paths."""
    return SYNC.plural if kind == SYNC.kind else plural(kind)


def list_paths_of(kind: str, namespaces: Sequence[str]) -> list[ApiPath]:
    """The paths of the lists of a kind: in some namespaces, or in all if none is given."""
    where = plural_of(kind)
    return [objects(API_VERSION, name, where) for name in namespaces] or [_root(API_VERSION) / where]


def secret_path(namespace: str, name: str) -> ApiPath:
    """The path of a Secret.

    Raises:
        ApiError: no Secret can have that namespace and name.

    """
    return objects(CORE, namespace, "secrets") / name


def namespace_path(name: str) -> ApiPath:
    """The path of a namespace.

    Raises:
        ApiError: there can be no such namespace.

    """
    return _root(CORE) / "namespaces" / name


def definition_name(kind: str) -> str:
    """The name of a kind's definition."""
    return f"{plural_of(kind)}.{GROUP}"


def definition_path(kind: str) -> ApiPath:
    """The path of a kind's definition."""
    return _root(EXTENSIONS) / "customresourcedefinitions" / definition_name(kind)
