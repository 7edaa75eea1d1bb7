"""Roles for users: the rights that Kubernetes' view, edit and admin gain."""

from typing import Any

import pytest
import yaml

from controller.crds.catalog import MEMORY, SYNC
from controller.crds.definition import plural
from controller.kinds import KINDS
from controller.manifests.envelope import GROUP
from controller.operator.rbac import roles
from tests.kubernetes.rig.kubectl import Kubectl, as_list

READ, WRITE = {"get", "list", "watch"}, {"create", "update", "patch", "delete", "deletecollection"}
DESIRED = {"view": READ, "edit": READ | WRITE, "admin": READ | WRITE}
PEOPLE = {f"sagemaker-gitops-{name}" for name in DESIRED}


def _aggregated_roles(kubectl: Kubectl, role: str) -> list[dict[str, Any]]:
    """Our roles that the server's controller adds to one of its own, by its selectors.

    The rig runs no controllers, so the selectors of the server's own roles are applied here; view is aggregated into
    edit, and edit into admin, by the labels of the server's roles themselves.
    """
    theirs = yaml.safe_load(kubectl.must("get", "clusterrole", role, "-o", "yaml"))
    selectors = [each["matchLabels"] for each in theirs["aggregationRule"]["clusterRoleSelectors"]]
    labels = {each["metadata"]["name"]: each["metadata"].get("labels", {}) for each in roles()}
    chosen = {
        name for name, has in labels.items() if any(selector.items() <= has.items() for selector in selectors)
    }
    return [each for each in roles() if each["kind"] == "ClusterRole" and each["metadata"]["name"] in chosen]


@pytest.mark.parametrize("role", DESIRED)
def test_the_aggregated_roles_grant_kinds_without_status(role: str, kubectl: Kubectl) -> None:
    """Bound in a namespace, the server's role with ours may read or write every kind there, and no status."""
    added = _aggregated_roles(kubectl, role)
    assert {each["metadata"]["name"] for each in added} <= PEOPLE
    kubectl.must("apply", "-f", "-", given=as_list(added))
    for each in added:
        name = each["metadata"]["name"]
        kubectl.must("create", "rolebinding", name, f"--clusterrole={name}", f"--user={role}")
    must = kubectl.must("auth", "can-i", "--list", f"--as={role}")
    rights = {
        line.split()[0]: set(line[line.rindex("[") + 1 : -1].split())
        for line in must.splitlines()
        if GROUP in line
    }
    everything = [*(plural(kind) for kind in KINDS), SYNC.plural]
    assert {name: rights[f"{name}.{GROUP}"] for name in everything} == dict.fromkeys(
        everything, DESIRED[role]
    )
    assert all(rights[f"{name}.{GROUP}/status"] == {"get"} for name in everything)
    assert rights.get(f"{MEMORY.plural}.{MEMORY.group}", set()) == (READ if role == "admin" else set())
    elsewhere = kubectl.within("default").run("auth", "can-i", "get", f"models.{GROUP}", f"--as={role}")
    assert elsewhere.stdout.strip() == "no"
