import hashlib
import zlib
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.source.git import objects
from controller.source.git.errors import RefusedError, RetryTrigger, SourceFailure
from controller.source.git.snapshot import Mirrors
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository, TreeLine

OID = "a" * 40


def test_what_somebody_changed_in_the_cache_is_not_believed(
    forge: Forge, repository: Repository, mirrors: Mirrors, tmp_path: Path
) -> None:
    """A replaced object in the cache is detected by its name; the cache is dropped and fetched again."""
    repository.commit({"a.yaml": "good"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    git = mirrors._mirror(git_source(forge)).store.git
    for pack in (git / "objects" / "pack").iterdir():
        pack.unlink()
    for loose in repository.path.glob("objects/??/*"):
        copy = git / "objects" / loose.parent.name / loose.name
        copy.parent.mkdir(exist_ok=True)
        raw = zlib.decompress(loose.read_bytes())
        copy.write_bytes(zlib.compress(raw.replace(b"blob 4\0good", b"blob 4\0evil")))
    other = Mirrors(tmp_path / "cache")
    outcome = refusal_of(other.fetch_snapshot(git_source(forge)), Code.BROKEN_OBJECT)
    assert outcome.retry_trigger is RetryTrigger.RETRY_SOON
    assert snapshot_of(other.fetch_snapshot(git_source(forge))).files == (("a.yaml", b"good"),)


def test_a_cache_that_can_not_be_used_is_told(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """A cache folder that is a file is a transient error, not an empty source."""
    repository.commit({"a.yaml": "a"})
    (tmp_path / "file").touch()
    refusal_of(Mirrors(tmp_path / "file").fetch_snapshot(git_source(forge)), Code.UNREACHABLE)


def test_a_file_of_an_unknown_mode_is_refused(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """A device, or any other mode that git does not write, is named."""
    repository.commit({"a.yaml": TreeLine("060000", repository.write("blob", b"")), "b.yaml": ""})
    refusal_of(mirrors.fetch_snapshot(git_source(forge)), Code.BROKEN_OBJECT)


@pytest.mark.parametrize(
    "data",
    [b"100644 a", b"100644 a\0short", b"abc a\0" + b"x" * 20, b"100644a\0" + b"x" * 20,
    b" a\0" + b"x" * 20, b"100644 a\0" + b"x" * 20 + b"1"],
    ids=repr,
)  # fmt: skip
def test_a_tree_that_is_not_well_formed_is_refused(data: bytes) -> None:
    """Half a line, an invalid mode, a name without an object."""
    with pytest.raises(RefusedError):
        objects.entries(data, OID)


@pytest.mark.parametrize(
    "data",
    [b"", b"tree\n\n", b"parent x\ntree " + OID.encode() + b"\n\n", b"tree " + b"a" * 39 + b"\n\n",
    b"tree " + OID.encode(), b"tree " + OID.encode() + b"\ntree " + OID.encode() + b"\n\n"],
    ids=repr,
)  # fmt: skip
def test_a_commit_that_is_not_well_formed_is_refused(data: bytes) -> None:
    """No tree, a tree that isn't first, a name that is too short, two trees."""
    with pytest.raises(RefusedError):
        objects.commit(data, OID)


def test_a_merge_of_a_signed_tag_is_no_signature() -> None:
    """The signature within a merged tag is a part of the message of that tag, and signed with the rest."""
    head = b"tree " + OID.encode() + b"\nmergetag object x\n gpgsig no\n -----BEGIN PGP SIGNATURE-----\n"
    commit = objects.commit(head + b"gpgsig yes\n more\nauthor a\n\nmessage\n\ngpgsig no\n", OID)
    assert commit.signature == b"yes\nmore"
    assert commit.signed == head + b"author a\n\nmessage\n\ngpgsig no\n"


def test_repositories_of_the_newer_names_are_read(forge: Forge, mirrors: Mirrors, tmp_path: Path) -> None:
    """A repository with SHA-256 object names is read as well, with such a revision."""
    import os
    import subprocess

    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    work, bare = tmp_path / "work", forge.root / "fleet.git"
    subprocess.run(
        ["git", "init", "-q", "-b", "main", "--object-format=sha256", str(work)], env=env, check=True
    )
    (work / "a.yaml").write_text("a")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for run in (["add", "."], ["commit", "-qm", "Change"], ["clone", "-q", "--bare", ".", str(bare)]):
        subprocess.run(["git", "-C", str(work), *who, *run], env=env, check=True)
    snapshot = snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    assert str(snapshot).startswith("refs/heads/main@sha256:")
    assert len(snapshot.revision) == hashlib.sha256().digest_size * 2
    assert not isinstance(mirrors.fetch_snapshot(git_source(forge)), SourceFailure)
