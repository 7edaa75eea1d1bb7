from controller.fronts.git.snapshot import Mirrors
from tests.git.following import following, taken
from tests.git.forge import Forge
from tests.git.repository import DOCUMENT, Repository


def test_a_push_is_read(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """A branch's files under the path are given by name and content, with the commit they are from."""
    commit = repository.commit({"deploy/a.yaml": DOCUMENT % "a", "deploy/b/c.yml": "x", "other/d.yaml": "y"})
    snapshot = taken(mirrors.look(following(forge, path="deploy")))
    assert snapshot.files == (("deploy/a.yaml", (DOCUMENT % "a").encode()), ("deploy/b/c.yml", b"x"))
    assert str(snapshot) == f"refs/heads/main@sha1:{commit}"
