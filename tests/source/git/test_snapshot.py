import dataclasses

import pytest

from controller.core.finding import Code, Finding
from controller.manifests.load import load_bytes
from controller.source.git.revision_selector import RevisionForm, RevisionSelector, one_of
from controller.source.git.snapshot import Mirrors
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import DOCUMENT, Repository


def test_a_push_is_read(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """A branch's files under the path are given by name and content, with the commit they are from."""
    commit = repository.commit({"deploy/a.yaml": DOCUMENT % "a", "deploy/b/c.yml": "x", "other/d.yaml": "y"})
    snapshot = snapshot_of(mirrors.fetch_snapshot(git_source(forge, path="deploy")))
    assert snapshot.files == (("deploy/a.yaml", (DOCUMENT % "a").encode()), ("deploy/b/c.yml", b"x"))
    assert str(snapshot) == f"refs/heads/main@sha1:{commit}"
    loaded = load_bytes(snapshot.files[:1])
    assert [str(document.ref) for document in loaded.documents] == ["ModelPackageGroup/a"]


def test_what_a_folder_would_skip_is_skipped_here_too(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Hidden files, other endings and the tree's own settings are no documents, as in a folder on disk."""
    repository.commit(
        {
            "a.json": "{}",
            "b.txt": "",
            "sagectl.yaml": "",
            ".c.yaml": "",
            ".d/e.yaml": "",
            "f/sagectl.yaml": "",
        }
    )
    names = [name for name, _ in snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files]
    assert names == ["a.json", "f/sagectl.yaml"]


def test_a_commit_elsewhere_gives_the_same_key(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 3: a commit outside the path is a new revision with the same key, and its files aren't read again."""
    source = git_source(forge, path="deploy")
    repository.commit({"deploy/a.yaml": "a", "docs/x": "1"})
    before = snapshot_of(mirrors.fetch_snapshot(source))
    commit = repository.commit({"deploy/a.yaml": "a", "docs/x": "2"})
    after = snapshot_of(mirrors.fetch_snapshot(source))
    assert after.revision == commit != before.revision
    assert after.key == before.key
    assert after.files is before.files


@pytest.mark.parametrize("change", [{"exclude": ("b.yaml",)}, {"include": ("a.*",)}, {"path": "./"}], ids=str)
def test_other_settings_give_another_key_without_a_commit(
    forge: Forge, repository: Repository, mirrors: Mirrors, change: dict[str, object]
) -> None:
    """Row 3: a changed rule changes the key though the commit is the same; another spelling of a path doesn't."""
    repository.commit({"a.yaml": "a", "b.yaml": "b"})
    source = git_source(forge)
    before = snapshot_of(mirrors.fetch_snapshot(source))
    after = snapshot_of(mirrors.fetch_snapshot(dataclasses.replace(source, **change)))  # type: ignore[arg-type]  # parametrized
    assert (after.key == before.key) is ("path" in change)


def test_attributes_above_the_path_count(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 3: what is above the path and bears on its files changes the key as well."""
    source = git_source(forge, path="deploy")
    repository.commit({"deploy/a.yaml": "a"})
    snapshot_of(mirrors.fetch_snapshot(source))
    repository.commit({"deploy/a.yaml": "a", ".gitattributes": "*.yaml filter=evil"})
    refusal_of(mirrors.fetch_snapshot(source), Code.FILTER)


def test_include_exclude_and_ignore_files_choose(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 10: patterns are relative to the path; ignore files apply below their folder; exclude has precedence."""
    kept = "deploy/.sagectlignore"
    repository.commit({
        kept: "*.yaml\n!keep*\n/top.json\n",
        "deploy/a.yaml": "", "deploy/keep.yaml": "", "deploy/top.json": "", "deploy/s/top.json": "",
        "deploy/s/keep.yaml": "", "deploy/s/.sagectlignore": "keep.yaml", "deploy/gone/keep.yaml": "",
        "deploy/keep.tmpl": "",
    })  # fmt: skip
    source = git_source(forge, path="deploy", include=("*.yaml", "*.json", "keep.*"), exclude=("gone/",))
    names = [name for name, _ in snapshot_of(mirrors.fetch_snapshot(source)).files]
    assert names == ["deploy/keep.tmpl", "deploy/keep.yaml", "deploy/s/top.json"]


def test_a_branch_and_a_tag_of_one_name_are_told_apart(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 4: branch v1 and tag v1 are two revisions."""
    branch = repository.commit({"a.yaml": "branch"}, branch="v1")
    tag = repository.tag("v1", repository.commit({"a.yaml": "tag"}, branch="other"), annotated=True)
    by_branch = snapshot_of(
        mirrors.fetch_snapshot(git_source(forge, selector=RevisionSelector(RevisionForm.BRANCH, "v1")))
    )
    by_tag = snapshot_of(
        mirrors.fetch_snapshot(git_source(forge, selector=RevisionSelector(RevisionForm.TAG, "v1")))
    )
    assert (by_branch.revision, by_branch.ref) == (branch, "refs/heads/v1")
    assert (by_tag.revision, by_tag.ref) == (tag, "refs/tags/v1")


def test_every_way_to_name_a_revision(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 4: a range selects the highest tag, a commit needs no ref, a full ref may be any."""
    old = repository.tag("v1.9.0", repository.commit({"a.yaml": "old"}))
    new = repository.tag("v1.10.0", repository.commit({"a.yaml": "new"}), annotated=True)
    pull = repository.point("refs/pull/7/head", repository.commit({"a.yaml": "pull"}, branch="topic"))
    repository.tag("v2.0.0-rc.1", pull)
    expected = {
        (RevisionForm.SEMVER, ">=1.0"): (new, "refs/tags/v1.10.0"),
        (RevisionForm.SEMVER, "~1.9"): (old, "refs/tags/v1.9.0"),
        (RevisionForm.COMMIT, old): (old, ""),
        (RevisionForm.REF, "refs/pull/7/head"): (pull, "refs/pull/7/head"),
        (RevisionForm.REF, "refs/heads/topic"): (pull, "refs/heads/topic"),
    }
    for (by, name), lines in expected.items():
        snapshot = snapshot_of(mirrors.fetch_snapshot(git_source(forge, selector=RevisionSelector(by, name))))
        assert (snapshot.revision, snapshot.ref) == lines


def test_exactly_one_revision_is_named() -> None:
    """Row 4: two names, or none, are a finding; one is accepted."""
    assert one_of(branch="main") == RevisionSelector(RevisionForm.BRANCH, "main")
    for names in ({}, {"branch": "v1", "tag": "v1"}):
        found = one_of(**names)
        assert isinstance(found, Finding)
        assert found.code is Code.SOURCE
        assert all(name in found.message for name in names)


def test_an_earlier_revision_is_read_without_the_server(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """What was fetched once can be read again by its commit while the server is down, in another process too."""
    first = repository.commit({"a.yaml": "1"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    repository.commit({"a.yaml": "2"})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    forge.down = True
    again = Mirrors(mirrors._cache).fetch_snapshot(
        git_source(forge, selector=RevisionSelector(RevisionForm.COMMIT, first))
    )
    assert snapshot_of(again).files == (("a.yaml", b"1"),)


def test_a_tag_that_names_no_commit_is_refused(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """A tag may name a blob or a tree; neither is a revision."""
    repository.tag("odd", repository.write("blob", b"x"))
    refusal_of(
        mirrors.fetch_snapshot(git_source(forge, selector=RevisionSelector(RevisionForm.TAG, "odd"))),
        Code.NO_REVISION,
    )


def test_what_is_remembered_is_bounded_by_its_bytes(
    forge: Forge, repository: Repository, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each head of a pull request is a source of its own: the oldest files go, and are read again where needed."""
    monkeypatch.setattr("controller.source.git.snapshot._REMEMBERED_BYTES", 250)
    repository.commit({"a/a.yaml": "a" * 100, "b/b.yaml": "b" * 100, "c/c.yaml": "c" * 100})
    a, b, c = (git_source(forge, path=folder) for folder in "abc")
    first, second = snapshot_of(mirrors.fetch_snapshot(a)), snapshot_of(mirrors.fetch_snapshot(b))
    assert snapshot_of(mirrors.fetch_snapshot(a)) is first
    third = snapshot_of(mirrors.fetch_snapshot(c))
    again = snapshot_of(mirrors.fetch_snapshot(a))
    assert again == first
    assert again is not first
    assert snapshot_of(mirrors.fetch_snapshot(c)) is third
    assert snapshot_of(mirrors.fetch_snapshot(b)) is not second
