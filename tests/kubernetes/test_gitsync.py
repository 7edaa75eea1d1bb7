"""A GitSync from push to AWS: a real API server, a real git server, the operator as a process with its own rights."""

import pytest

from tests.git.conftest import forge, repository  # noqa: F401 - fixtures
from tests.git.forge import Forge
from tests.git.repository import Repository
from tests.kubernetes.followed import Followed
from tests.kubernetes.operated import Operated
from tests.sync.stage import group


@pytest.fixture
def followed(stage: Operated, forge: Forge, repository: Repository) -> Followed:  # noqa: F811 - fixtures
    """A git server with an empty repository, and an operator's rights."""
    return Followed(stage, forge, repository)


def test_a_push_is_made_so_and_told(followed: Followed) -> None:
    """``kubectl wait --for=condition=Ready`` ends with the pushed revision applied; the next push follows by itself."""
    first = followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    status = followed.ready()
    assert status["lastApplied"]["revision"] == status["head"] == first
    assert followed.stage.changes() == ["CreateModelPackageGroup"]
    second = followed.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    status = followed.ready(revision=second)
    assert status["resources"] == 2
    assert [each["revision"] for each in status["history"]] == [second, first]
