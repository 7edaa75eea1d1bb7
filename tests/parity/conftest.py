from tests.kubernetes.conftest import apiserver, cluster_kubectl, gitsync_stage, kubectl, stage  # noqa: F401 - fixtures
from tests.source.git.conftest import forge, repository  # noqa: F401 - fixtures
