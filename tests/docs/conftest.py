"""The git server, API server and namespace for tests of the pages."""

from tests.gitops.conftest import stage as git_stage
from tests.kubernetes.conftest import apiserver, cluster_kubectl, kubectl
from tests.kubernetes.conftest import stage as cluster
from tests.source.git.conftest import forge, repository

__all__ = ["apiserver", "cluster", "cluster_kubectl", "forge", "git_stage", "kubectl", "repository"]
