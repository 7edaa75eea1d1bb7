"""A run with a part of the applied documents: ``--prune`` and ``destroy`` do not change the others."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cli.session import Paths
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, HEAD, SERVING

OTHER = GROUP.replace("fraud", "other")
AGREED = ("--yes", "--poll", "0.05s")


@pytest.fixture
def tree(local_shell: Shell) -> Shell:
    """The case part-of-a-tree: a serving tree in one file, a group in another, applied as a folder."""
    local_shell.write("tree/a.yaml", SERVING)
    local_shell.write("tree/b.yaml", GROUP)
    assert local_shell.run("apply", "tree", *AGREED).code == 0
    return local_shell


def _existing_documents(shell: Shell) -> set[str]:
    """The documents whose resources the whole tree finds in the account."""
    document = json.loads(shell.run("status", "tree", "--format", "json").out)
    return {each["address"] for each in document["resources"] if each["phase"] != "absent"}


@pytest.mark.parametrize(
    "arguments", [("tree/b.yaml",), ("tree/sub",), ("tree/b.yaml", "tree/sub"), ("other",)], ids=str
)
def test_documents_that_are_not_read_are_not_pruned(tree: Shell, arguments: tuple[str, ...]) -> None:
    """One file of a folder with --prune, which once deleted the live endpoint, is refused with the reason."""
    tree.write("tree/sub/c.yaml", OTHER)
    tree.write("other/d.yaml", OTHER.replace("other", "third"))
    before = _existing_documents(tree)
    ran = tree.run("apply", *arguments, "--prune", *AGREED)
    assert ran.code == 1
    assert "its document was in ./tree/a.yaml, which this run does not read" in " ".join(ran.out.split())
    assert before <= _existing_documents(tree)
    assert {"Model/fraud", "EndpointConfig/fraud", "Endpoint/fraud"} <= before


def test_standard_input_is_a_source_of_its_own(tree: Shell) -> None:
    """Documents from standard input prune only what came from it, and no message mentions files."""
    assert tree.run("apply", "-", "--prune", *AGREED, stdin=GROUP).code == 1
    assert "Endpoint/fraud" in _existing_documents(tree)


def test_a_file_that_is_gone_from_the_folder_is_pruned(tree: Shell) -> None:
    """A removed document is detected in the whole folder; one that moved to another file is not deleted."""
    tree.write("tree/c.yaml", OTHER)
    assert tree.run("apply", "tree", *AGREED).code == 0
    (tree.folder / "tree/sub").mkdir()
    (tree.folder / "tree/b.yaml").rename(tree.folder / "tree/sub/b.yaml")
    (tree.folder / "tree/c.yaml").unlink()
    ran = tree.run("plan", "tree", "--prune")
    assert "1 to delete" in ran.out
    assert "not executed" not in ran.out
    assert tree.run("apply", str(tree.folder / "tree"), "--prune", *AGREED).code == 0
    assert tree.run("plan", "tree", "--prune").code == 0


def test_a_deletion_confirmed_by_name_needs_no_source(tree: Shell) -> None:
    """If a tree really moved, the deletion is confirmed by its name."""
    tree.write("tree/c.yaml", OTHER)
    assert tree.run("apply", "tree", *AGREED).code == 0
    names = ("--confirm-delete", "ModelPackageGroup/other")
    ran = tree.run("plan", "tree/b.yaml", "--prune", *names)
    assert "1 to delete" in ran.out
    assert "Endpoint/fraud" in ran.out.partition("Not executed")[2]


def test_an_inventory_without_positions_prunes_only_by_name(tree: Shell) -> None:
    """An inventory of an earlier version has no positions of documents, so nothing is pruned without a name."""
    (file,) = (tree.folder / ".sagectl").glob("inventory-*.json")
    document = json.loads(file.read_text())
    for entry in document["entries"].values():
        del entry["source"]
    file.write_text(json.dumps(document))
    (tree.folder / "tree/b.yaml").unlink()
    ran = tree.run("plan", "tree", "--prune")
    assert "the inventory does not say where its document was" in " ".join(ran.out.split())
    assert "to delete" not in ran.out
    ran = tree.run("plan", "tree", "--prune", "--confirm-delete", "ModelPackageGroup/fraud")
    assert "1 to delete" in ran.out


def test_a_part_is_destroyed_without_an_outage(tree: Shell) -> None:
    """``destroy`` of one file deletes its resources; an endpoint needs its name, because the set has more."""
    ran = tree.run("destroy", "tree/a.yaml", *AGREED)
    assert ran.code == 1
    assert "--confirm-delete Endpoint/fraud deletes it permanently" in " ".join(ran.out.split())
    assert len(_existing_documents(tree)) == 4
    assert tree.run("destroy", "tree/b.yaml", *AGREED).code == 0
    assert len(_existing_documents(tree)) == 3
    assert tree.run("destroy", "tree/a.yaml", *AGREED).code == 0  # all that the set still has
    assert _existing_documents(tree) == set()


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def _clone(folder: Path, url: str) -> Path:
    folder.mkdir(parents=True)
    _git(folder, "init", "-q")
    _git(folder, "remote", "add", "origin", url)
    (folder / "ml").mkdir()
    (folder / "ml/a.yaml").write_text(HEAD)
    return folder


def test_clones_of_a_repository_are_one_source(tmp_path: Path) -> None:
    """A runner's folder differs in each run, the address by ssh or https: the repository identifies the source."""
    one = _clone(tmp_path / "builds/1", "https://git.example.com/team/fleet.git")
    two = _clone(tmp_path / "builds/2/src", "git@git.example.com:team/fleet")
    source = Paths.of([str(one / "ml")]).source(str(one / "ml/a.yaml"))
    assert source == "repo:fleet/ml/a.yaml"
    assert Paths.of([str(two / "ml")]).covers(source)
    assert Paths.of([str(two)]).covers(source)
    assert not Paths.of([str(two / "other")]).covers(source)
    _git(one, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    _git(one, "worktree", "add", "-q", str(tmp_path / "work"))
    assert Paths.of([str(tmp_path / "work")]).covers(source)


def test_two_repositories_are_two_sources(tmp_path: Path) -> None:
    """The roots of two repositories in one set: neither covers the other's documents."""
    one = _clone(tmp_path / "one", "https://git.example.com/team/fleet.git")
    two = _clone(tmp_path / "two", "https://git.example.com/team/risk.git")
    assert not Paths.of([str(two)]).covers(Paths.of([str(one)]).source(str(one / "ml/a.yaml")))


NAMES = st.lists(st.sampled_from(["a", "b", "ab", "a.yaml", "b.yaml"]), min_size=1, max_size=3).map("/".join)


@given(file=NAMES, roots=st.lists(NAMES, max_size=3))
def test_a_run_covers_only_what_it_reads(file: str, roots: list[str]) -> None:
    """The law: a file is covered exactly if it is one of the paths or lies below one, by path segments."""
    below = any(Path(file).is_relative_to(root) for root in roots)
    assert Paths.of(roots).covers(Paths.of([file]).source(file)) is below
    if below:
        assert Paths.of(roots).covers(Paths.of(roots).source(file))
