import re

import pytest

from controller.operator.rbac import rbac_text
from tests.house.house import ROOT
from tests.kubernetes.rig.kubectl import Kubectl

DEPLOY = ROOT / "deploy"


def test_the_rights_are_in_step() -> None:
    """``deploy/base/rbac.yaml`` is what ``sagectl rbac`` writes from the kinds that there are."""
    assert (DEPLOY / "base" / "rbac.yaml").read_text(encoding="utf-8") == rbac_text()


@pytest.mark.parametrize("name", ["base", "examples/irsa", "examples/tenants"])
def test_the_api_server_takes_the_deployment(name: str, everywhere: Kubectl) -> None:
    """``kubectl apply -k --dry-run=server`` accepts the base and the examples, strictly."""
    for namespace in ("sagemaker-gitops", "risk"):
        everywhere.run("create", "namespace", namespace)
    told = everywhere.must("apply", "-k", str(DEPLOY / name), "--dry-run=server", "--validate=strict")
    assert "deployment.apps/sagemaker-gitops created" in told


def test_the_example_of_a_sync_is_taken(everywhere: Kubectl) -> None:
    """``deploy/examples/gitsync`` passes admission, with the rights that it needs in its namespace."""
    everywhere.run("create", "namespace", "risk")
    folder = str(DEPLOY / "examples" / "gitsync")
    told = everywhere.must("apply", "-k", folder, "--dry-run=server", "--validate=strict")
    assert "gitsync.sagemaker.gitops.dev/prod created" in told


def test_the_pod_is_restricted(everywhere: Kubectl) -> None:
    """The namespace enforces the restricted profile, and the pod's own words fit it."""
    told = everywhere.must("kustomize", str(DEPLOY / "base"))
    for word in ("runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false"):
        assert word in told
    assert "enforce: restricted" in told


def test_the_image_is_not_roots_and_everything_in_it_is_pinned() -> None:
    """The Dockerfile builds in one stage, runs in another as a user without rights, from hashed locks."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER 65532", text, re.MULTILINE)
