import re
from typing import Any

import pytest
import yaml

from controller.operator.argocd import script
from controller.operator.rbac import rbac_text
from tests.kubernetes.rig.kubectl import Kubectl
from tests.repo.files import ROOT

DEPLOY = ROOT / "deploy"


def test_the_rights_are_in_step() -> None:
    """``deploy/base/rbac.yaml`` is what ``sagectl rbac`` writes for the present kinds."""
    assert (DEPLOY / "base" / "rbac.yaml").read_text(encoding="utf-8") == rbac_text()


@pytest.mark.parametrize("name", ["base", "examples/irsa", "examples/tenants", "examples/network"])
def test_the_api_server_takes_the_deployment(name: str, cluster_kubectl: Kubectl) -> None:
    """``kubectl apply -k --dry-run=server`` accepts the base and the examples, strictly."""
    for namespace in ("sagemaker-gitops", "risk"):
        cluster_kubectl.run("create", "namespace", namespace)
    must = cluster_kubectl.must("apply", "-k", str(DEPLOY / name), "--dry-run=server", "--validate=strict")
    assert "deployment.apps/sagemaker-gitops created" in must


def test_the_example_of_a_sync_is_taken(cluster_kubectl: Kubectl) -> None:
    """``deploy/examples/gitsync`` passes admission, with the permissions that it needs in its namespace."""
    cluster_kubectl.run("create", "namespace", "risk")
    folder = str(DEPLOY / "examples" / "gitsync")
    must = cluster_kubectl.must("apply", "-k", folder, "--dry-run=server", "--validate=strict")
    assert "gitsync.sagemaker.gitops.dev/prod created" in must


def test_the_pod_is_restricted(cluster_kubectl: Kubectl) -> None:
    """The namespace enforces the restricted profile, and the pod's specification satisfies it."""
    must = cluster_kubectl.must("kustomize", str(DEPLOY / "base"))
    for word in ("runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false"):
        assert word in must
    assert "enforce: restricted" in must


def test_every_component_only_adds_to_the_network_policy(cluster_kubectl: Kubectl) -> None:
    """Each component is in the example, adds to the policy of the base, and removes nothing."""
    base = _read_policy(cluster_kubectl, "base")["egress"]
    example = DEPLOY / "examples" / "network" / "kustomization.yaml"
    named = {
        each.rsplit("/", 1)[-1] for each in yaml.safe_load(example.read_text(encoding="utf-8"))["components"]
    }
    assert named == {each.name for each in (DEPLOY / "components").iterdir()}
    egress = _read_policy(cluster_kubectl, "examples/network")["egress"]
    assert egress[: len(base)] == base
    ports = {each["port"] for rule in egress[len(base) :] for each in rule["ports"]}
    assert ports == {8443, 2222, 7999, 3128, 80}


def _read_policy(everywhere: Kubectl, name: str) -> dict[str, Any]:
    documents = yaml.safe_load_all(everywhere.must("kustomize", str(DEPLOY / name)))
    return next(dict(each["spec"]) for each in documents if each["kind"] == "NetworkPolicy")


def test_the_build_context_has_only_the_files_of_the_image() -> None:
    """``.dockerignore`` admits each file that the Dockerfile copies, and nothing else of the project."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line.removeprefix("!") for line in lines if line.startswith("!")}
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in line.split()
    }
    assert lines[1] == "*"
    assert taken == copied
    assert all((ROOT / name).exists() for name in taken)


def test_the_patch_for_argo_cd_keeps_other_keys(kubectl: Kubectl) -> None:
    """``kubectl patch`` with the file adds the health checks, and leaves the other keys of the ConfigMap."""
    kubectl.must("create", "configmap", "argocd-cm", "--from-literal=url=https://argocd.example.com")
    kubectl.must("patch", "configmap", "argocd-cm", "--patch-file", str(DEPLOY / "argocd" / "argocd-cm.yaml"))
    data = yaml.safe_load(kubectl.must("get", "configmap", "argocd-cm", "-o", "yaml"))["data"]
    assert data.pop("url") == "https://argocd.example.com"
    assert set(data.values()) == {script()}


def test_the_image_runs_without_root_and_is_pinned() -> None:
    """The Dockerfile builds in one stage, runs in another as a user without rights, from hashed locks."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert re.search(r"^ARG PYTHON=python:[\w.-]+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER 65532", text, re.MULTILINE)
