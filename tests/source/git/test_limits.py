"""Row 11: each limit is accepted, and one more fails with the limit's name."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.finding import Code
from controller.manifests.files import Limits
from controller.manifests.load import load_bytes
from controller.source.git.errors import SourceFailure
from controller.source.git.snapshot import Mirrors
from controller.source.git.source import SourceLimits
from tests.source.git.following import git_source, refusal_of, snapshot_of
from tests.source.git.forge import Forge
from tests.source.git.repository import DOCUMENT, Files, Repository, TreeLine

Case = tuple[SourceLimits, Callable[[int], Files]]
AT = 8


def _push_levels(count: int) -> Files:
    """A number of levels of folders, the top one included."""
    return {"d/" * (count - 1) + "a.yaml": "a"}


def _push_rules(count: int) -> Files:
    """A number of lines of ignore and attribute files."""
    return {".sagectlignore": "x\n" * (count - 1), ".gitattributes": "y filter=z", "a.yaml": ""}


TREES: dict[str, Case] = {
    "entries": (SourceLimits(entries=AT), lambda n: {f"{at}.yaml": "a" for at in range(n)}),
    "levels": (SourceLimits(levels=AT), _push_levels),
    "rules": (SourceLimits(rules=AT), _push_rules),
    "files": (SourceLimits(tree=Limits(files=AT)), lambda n: {f"{at}.yaml": "a" for at in range(n)}),
    "bytes_per_file": (SourceLimits(tree=Limits(bytes_per_file=AT)), lambda n: {"a.yaml": "a" * n}),
    "total_bytes": (SourceLimits(tree=Limits(total_bytes=AT)), lambda n: {"a.yaml": "a" * (n - 3), "b.yaml": "bbb"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TREES, ids=str)
@pytest.mark.parametrize("filters", ["true", "false"], ids=["server leaves out", "server sends all"])
def test_a_limit_of_the_tree(
    name: str, filters: str, forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 11: at the limit the tree is read, one past it is refused, and what was read before stays."""
    repository.set("uploadpack.allowFilter", filters)
    limits, files = TREES[name]
    source = git_source(forge, limits=limits)
    repository.commit(files(AT))
    good = snapshot_of(mirrors.fetch_snapshot(source))
    repository.commit(files(AT + 1))
    refusal = refusal_of(mirrors.fetch_snapshot(source), Code.LIMIT)
    assert f"(limit {name})" in refusal.findings[0].message
    assert good.files


def test_the_limit_of_a_fetch(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """Row 11: a pack of exactly pack_bytes is accepted, one with a byte more is cut off while it is written."""
    commit = repository.commit({"a.yaml": random.Random(1).randbytes(50_000)})
    mirrors = Mirrors(tmp_path / "first")
    snapshot_of(mirrors.fetch_snapshot(git_source(forge)))
    [size] = mirrors._mirror(git_source(forge)).store.packs().values()
    source = git_source(forge, limits=SourceLimits(pack_bytes=size))
    assert snapshot_of(mirrors.fetch_snapshot(source)).revision == commit
    source = git_source(forge, limits=SourceLimits(pack_bytes=size - 1))
    refusal = refusal_of(mirrors.fetch_snapshot(source), Code.LIMIT)
    assert "(limit pack_bytes)" in refusal.findings[0].message
    kept = [path.stat().st_size for path in mirrors._mirror(source).store.folder.rglob("*") if path.is_file()]
    assert sum(kept) < size / 2


def test_the_limit_of_the_list_of_refs(forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 11: a list of refs at the limit is read; with a limit one byte lower it is refused."""
    repository.commit({"a.yaml": "a"})
    line = len(f"{'0' * 40}\trefs/heads/main\n")
    snapshot_of(mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(refs_bytes=line))))
    outcome = mirrors.fetch_snapshot(git_source(forge, limits=SourceLimits(refs_bytes=line - 1)))
    assert "(limit refs_bytes)" in refusal_of(outcome, Code.LIMIT).findings[0].message


@pytest.mark.parametrize("more", [0, 1], ids=["at", "past"])
def test_the_limit_of_documents(more: int, forge: Forge, repository: Repository, mirrors: Mirrors) -> None:
    """Row 11: a file's documents, and the levels in one, are limited by the loader that gets the snapshot."""
    text = "---\n".join(DOCUMENT % f"g{n}" for n in range(AT + more))
    deep = DOCUMENT % "deep" + "policy: " + "[" * (AT - 1 + more) + "]" * (AT - 1 + more) + "\n"
    repository.commit({"many.yaml": text, "deep.yaml": deep})
    files = snapshot_of(mirrors.fetch_snapshot(git_source(forge))).files
    found = load_bytes(files, limits=Limits(documents_per_file=AT, depth=AT)).findings
    reported = {(finding.origin.file, finding.code) for finding in found if finding.origin}
    assert (("many.yaml", Code.LIMIT) in reported) is bool(more)
    assert (("deep.yaml", Code.LIMIT) in reported) is bool(more)


def test_one_file_too_large_outside_the_path_is_nobodys_concern(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 11: large files elsewhere in the repository are not even sent."""
    elsewhere = repository.claim(b"blob 99999999\0" + b"x", "9" * 40)
    repository.commit({"deploy/a.yaml": "a", "model.bin": TreeLine("100644", elsewhere)})
    snapshot_of(mirrors.fetch_snapshot(git_source(forge, path="deploy")))


def test_the_same_large_file_is_refused_again_without_a_fetch(
    forge: Forge, repository: Repository, mirrors: Mirrors
) -> None:
    """Row 11: a refused revision is not fetched or read again until the branch moves."""
    repository.commit({"a.yaml": "a" * 100})
    source = git_source(forge, limits=SourceLimits(tree=Limits(bytes_per_file=99)))
    first = mirrors.fetch_snapshot(source)
    assert isinstance(first, SourceFailure)
    assert mirrors.fetch_snapshot(source) is first
    assert forge.count("fetch") == 1
