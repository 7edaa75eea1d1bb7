from tests.kubernetes.conftest import apiserver, everywhere, followed, kubectl, stage  # noqa: F401 - fixtures
from tests.source.git.conftest import forge, repository  # noqa: F401 - fixtures
