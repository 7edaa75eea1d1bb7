"""The minimal RBAC roles of the operator, and roles for people, derived from the kinds."""

from collections.abc import Sequence
from typing import Any

from controller.crds.catalog import MEMORY, SYNC
from controller.crds.definition import plural
from controller.kinds import KINDS
from controller.manifests.envelope import GROUP
from controller.operator.constants import MANAGER, OWN_SET, definition_name

Json = dict[str, Any]
_RBAC = "rbac.authorization.k8s.io"
SECRETS = f"{MANAGER}-secrets"
DEFINITIONS = f"{MANAGER}-definitions"
_READ = ("get", "list", "watch")
_WRITE = ("create", "update", "patch", "delete", "deletecollection")


def roles(home: str = MANAGER) -> tuple[Json, ...]:
    """Roles and bindings of the operator, and the roles for people.

    The role for Secrets is bound in the namespaces by their owners. Reading definitions is a role of its own:
    definitions are in no namespace, so a RoleBinding can't grant it, and an operator without it holds every deletion
    back.
    """
    return (
        _role("ClusterRole", MANAGER, _cluster_rules()),
        _binding("ClusterRoleBinding", MANAGER, "ClusterRole", home),
        _role("ClusterRole", DEFINITIONS, _of_definitions()),
        _binding("ClusterRoleBinding", DEFINITIONS, "ClusterRole", home),
        _role("Role", MANAGER, _own_namespace_rules(), namespace=home),
        _binding("RoleBinding", MANAGER, "Role", home, namespace=home),
        _role("ClusterRole", SECRETS, [_rule("", ["secrets"], ["get"])]),
        *_view_and_edit_roles(),
    )


def _view_and_edit_roles() -> tuple[Json, ...]:
    """Roles that Kubernetes adds to its own view, edit and admin (kubernetes.io, RBAC, "Aggregated ClusterRoles").

    Nobody else gets the subresource ``status``: whoever writes it can erase an object's inventory entry. The tenants
    file limits what an object may do in AWS; these roles decide who may write objects.
    """
    kinds = _kinds()
    view = [_rule(GROUP, kinds, _READ), _rule(GROUP, [f"{kind}/status" for kind in kinds], ["get"])]
    edit = [_rule(GROUP, kinds, _WRITE)]
    admin = [_rule(MEMORY.group, [MEMORY.plural], _READ)]
    return (
        _aggregated_role("view", view, ("view", "edit", "admin")),
        _aggregated_role("edit", edit, ("edit", "admin")),
        _aggregated_role("admin", admin, ("admin",)),
    )


def _aggregated_role(name: str, rules: list[Json], into: Sequence[str]) -> Json:
    found = _role("ClusterRole", f"{MANAGER}-{name}", rules)
    labels = {f"{_RBAC}/aggregate-to-{each}": "true" for each in into}
    return {**found, "metadata": {**found["metadata"], "labels": labels}}


def _kinds() -> list[str]:
    return sorted([*(plural(kind) for kind in KINDS), SYNC.plural])


def _cluster_rules() -> list[Json]:
    kinds = _kinds()
    return [
        _rule(GROUP, kinds, ["get", "list", "watch", "patch"]),  # patch: the finalizer
        _rule(GROUP, [f"{kind}/status" for kind in kinds], ["patch"]),
        _rule(MEMORY.group, [MEMORY.plural], ["create", "delete", "get", "update"]),
        _rule("", ["events"], ["create"]),
        _rule("", ["namespaces"], ["get"]),  # whether one is being deleted
    ]


def _of_definitions() -> list[Json]:
    group, what = "apiextensions.k8s.io", ["customresourcedefinitions"]
    ours = sorted(definition_name(kind) for kind in (*KINDS, SYNC.kind))
    return [
        _rule(group, what, ["list", "watch"]),  # a watch can't be narrowed to names
        _rule(group, what, ["get"], ours),  # whether one is being deleted
    ]


def _own_namespace_rules() -> list[Json]:
    leases, key = "coordination.k8s.io", f"{MANAGER}-key"
    return [
        _rule(leases, ["leases"], ["create"]),  # create can't be narrowed to names
        _rule(leases, ["leases"], ["get", "update"], [MANAGER]),
        _rule("", ["secrets"], ["create"]),
        _rule("", ["secrets"], ["get"], [key]),
        _rule("", ["configmaps"], ["create"]),
        _rule("", ["configmaps"], ["get"], [OWN_SET]),
    ]


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str], names: Sequence[str] = ()) -> Json:
    found: Json = {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
    return {**found, "resourceNames": list(names)} if names else found


def _role(kind: str, name: str, rules: list[Json], namespace: str = "") -> Json:
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": _metadata(name, namespace), "rules": rules}


def _binding(kind: str, name: str, role: str, home: str, namespace: str = "") -> Json:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": _metadata(name, namespace),
        "roleRef": {"apiGroup": _RBAC, "kind": role, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": MANAGER, "namespace": home}],
    }


def _metadata(name: str, namespace: str) -> Json:
    return {"name": name, **({"namespace": namespace} if namespace else {})}


def rbac_text() -> str:
    """The roles as one file."""
    from controller.manifests.yaml_writer import yaml_text

    head = "# Written by `sagectl rbac` from the rows in controller/kinds. Change those and write it anew.\n"
    return head + "---\n".join(yaml_text(role) for role in roles())
