import json
from dataclasses import replace

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP


@pytest.fixture
def tree(shell: Shell) -> Shell:
    """A tree with one document."""
    shell.write("tree/group.yaml", GROUP)
    return shell


def test_settings_are_defaults_of_options(tree: Shell) -> None:
    """A setting of ``sagectl.yaml`` is the default of its option; the command line takes precedence."""
    tree.write("tree/sagectl.yaml", "set: from-file\n")
    document = json.loads(tree.run("plan", "tree", "--format", "json").out)
    assert document["set"] == "from-file"
    document = json.loads(tree.run("plan", "tree", "--format", "json", "--set", "typed").out)
    assert document["set"] == "typed"


def test_settings_have_variables(tree: Shell) -> None:
    """Variables of ``sagectl.yaml`` are used, and --var wins."""
    tree.write("tree/group.yaml", GROUP.replace("scores", '"${var.what}"'))
    tree.write("tree/sagectl.yaml", "variables: {what: one}\n")
    assert "modelPackageGroupDescription: one" in tree.run("plan", "tree").out
    assert "modelPackageGroupDescription: two" in tree.run("plan", "tree", "--var", "what=two").out


def test_another_account_is_refused(tree: Shell, sandbox: Sandbox) -> None:
    """Credentials of another account than the tree's stop the run before any read."""
    tree.write("tree/sagectl.yaml", 'account: "999999999999"\n')
    ran = tree.run("apply", "tree", "--yes")
    assert ran.code == 1
    assert (
        "SG041: tree/sagectl.yaml is for account 999999999999, and the credentials lead to 123456789012"
        in ran.err
    )
    assert [call.operation for call in sandbox.calls] == ["GetCallerIdentity"]


def test_another_region_is_refused(tree: Shell, sandbox: Sandbox) -> None:
    """A region other than the tree's stops the run before any call."""
    tree.write("tree/sagectl.yaml", "region: eu-west-1\n")
    ran = tree.run("plan", "tree", "--region", "us-east-1")
    assert ran.code == 1
    assert "SG041" in ran.err
    assert sandbox.calls == ()


def test_the_tree_s_region_is_used(tree: Shell) -> None:
    """The tree's region is used if the command line has none, rather than the environment's."""
    tree.write("tree/sagectl.yaml", "region: eu-west-1\n")
    assert json.loads(tree.run("plan", "tree", "--format", "json").out)["region"] == "eu-west-1"


def test_the_embedded_sandbox_is_the_tree_s_account(local_shell: Shell) -> None:
    """With --sandbox a guarded tree can be tried: the sandbox is the account that it names."""
    local_shell.write("tree/group.yaml", GROUP)
    local_shell.write("tree/sagectl.yaml", 'account: "999999999999"\n')
    assert "account 999999999999" in local_shell.run("plan", "tree").out


@pytest.mark.parametrize("part", ["tree/group.yaml", "tree/team", "tree/team/other.yaml"])
def test_a_part_of_a_tree_has_its_guard(tree: Shell, sandbox: Sandbox, part: str) -> None:
    """A file or folder within a tree has the account and the approval of the tree's settings."""
    tree.write("tree/team/other.yaml", GROUP.replace("fraud", "other"))
    tree.write("tree/sagectl.yaml", 'account: "999999999999"\n')
    ran = tree.run("apply", part, "--yes")
    assert ran.code == 1
    assert "SG041: tree/sagectl.yaml is for account 999999999999" in ran.err
    tree.write("tree/sagectl.yaml", "mode: Plan\n")
    assert "mode Plan" in tree.run("apply", part, "--yes").err
    assert {call.operation for call in sandbox.calls if call.mutating} == set()


def test_a_part_leaves_the_rest_of_its_set(tree: Shell, sandbox: Sandbox) -> None:
    """Documents outside of the part are neither pruned, read nor forgotten; the whole tree prunes as configured."""
    tree.write("tree/other.yaml", GROUP.replace("fraud", "other"))
    tree.write("tree/sagectl.yaml", "set: prod\nprune: true\n")
    assert tree.run("apply", "tree", "--yes").code == 0
    before = len(sandbox.calls)
    ran = tree.run("plan", "tree/other.yaml")
    assert ran.code == 0
    assert "fraud" not in ran.out
    assert "only a part of the tree of tree/sagectl.yaml" in ran.err
    looked = [call.params.get("ModelPackageGroupName") for call in sandbox.calls[before:]]
    assert "fraud" not in looked
    assert tree.run("apply", "tree/other.yaml", "--yes").code == 0
    assert tree.run("plan", "tree").code == 0  # no entry was removed
    (tree.folder / "tree/other.yaml").unlink()
    assert "1 to delete" in tree.run("plan", "tree").out


def test_a_part_is_not_pruned_by(tree: Shell) -> None:
    """--prune with a part of a tree would delete all the rest, and is refused."""
    tree.write("tree/sagectl.yaml", "set: prod\n")
    ran = tree.run("plan", "tree/group.yaml", "--prune")
    assert ran.code == 1
    assert "the paths are only part of the tree tree" in ran.err


def test_paths_of_two_trees_are_refused(tree: Shell) -> None:
    """Two trees have two sets, so their paths are refused together."""
    tree.write("tree/sagectl.yaml", "set: one\n")
    tree.write("second/sagectl.yaml", "set: two\n")
    tree.write("second/other.yaml", GROUP.replace("fraud", "other"))
    ran = tree.run("plan", "tree", "second/other.yaml")
    assert ran.code == 1
    assert "SG040: the paths belong to several trees: tree/sagectl.yaml and second/sagectl.yaml" in ran.err


def test_settings_are_looked_for_within_the_repository(tree: Shell) -> None:
    """Files above a repository are not read, because they may belong to another user."""
    tree.write("sagectl.yaml", "set: outside\n")
    assert json.loads(tree.run("plan", "tree/group.yaml", "--format", "json").out)["set"] == "outside"
    tree.write("tree/.git/HEAD", "ref: refs/heads/main\n")
    assert json.loads(tree.run("plan", "tree/group.yaml", "--format", "json").out)["set"] == "default"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "regoin: x\n",
            "sagectl.yaml:1:9: error SG040: regoin: there is no such setting (did you mean 'region'?)",
        ),
        ("account: 123456789012\n", "SG040: account: Input should be a valid string (put it in quotes)"),
        ('account: "12"\n', "SG040: account:"),
        ("timeout: soon\n", "'soon' is not a time such as 90s, 30m or 2h"),
        ("set: &a x\n", "SG004"),
        ("- a\n", "SG040"),
        ("set: a\n---\nset: b\n", "SG040"),
    ],
)
def test_settings_are_strict(tree: Shell, text: str, message: str) -> None:
    """An error in ``sagectl.yaml`` is a finding with its position and a hint, and stops the run."""
    tree.write("tree/sagectl.yaml", text)
    ran = tree.run("plan", "tree")
    assert ran.code == 1
    assert message in ran.err


def test_an_empty_file_sets_nothing(tree: Shell) -> None:
    """An empty ``sagectl.yaml`` is no error."""
    tree.write("tree/sagectl.yaml", "# later\n")
    assert tree.run("plan", "tree").code == 2


def test_settings_hold_tags_of_the_whole_tree(tree: Shell) -> None:
    """Default tags are written on creation and shown in the plan; ignored ones are no drift."""
    tree.write(
        "tree/sagectl.yaml", "defaultTags: {env: prod}\nignoreTags: {keys: [cost], keyPrefixes: ['auto:']}\n"
    )
    assert "env: prod" in tree.run("plan", "tree").out
    assert tree.run("apply", "tree", "--yes").code == 0
    assert tree.run("plan", "tree").code == 0
    tree.write("tree/sagectl.yaml", "defaultTags: {env: dev}\n")
    assert "env: prod -> dev" in tree.run("plan", "tree").out


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("defaultTags:\n  a: b\n  'aws:x': y\n", "3:"),
        ("defaultTags:\n  sagemaker.gitops.dev/owner: y\n", "2:"),
        ("defaultTags:\n  team: 3\n", "2:"),
        ("defaultTags:\n  team: 'a<b>'\n", "2:"),
        ("ignoreTags:\n  keys:\n    - ok\n    - 'aws:x'\n", "4:"),
        ("ignoreTags:\n  keyPrefixes: ['']\n", "2:"),
        ("ignoreTags:\n  prefixes: [a]\n", "2:"),
    ],
)
def test_wrong_tags_in_settings_have_a_place(tree: Shell, text: str, location: str) -> None:
    """An invalid tag is a finding with file, line and column."""
    tree.write("tree/sagectl.yaml", text)
    ran = tree.run("plan", "tree")
    assert ran.code == 1
    assert f"tree/sagectl.yaml:{location}" in ran.err


@pytest.fixture
def shell_with_settings(bare_shell: Shell) -> Shell:
    """A tree whose settings select the embedded sandbox."""
    bare_shell.write("tree/group.yaml", GROUP)
    bare_shell.write("tree/sagectl.yaml", "sandbox: true\n")
    bare_shell.write("other/readme.txt", "")
    return bare_shell


def test_the_state_is_beside_the_settings(shell_with_settings: Shell) -> None:
    """The sandbox of ``sandbox: true`` and its inventory are those beside the file, from every working folder."""
    assert shell_with_settings.run("apply", "tree", "--yes").code == 0
    for folder, path in (
        ("", "tree"),
        ("tree", "."),
        ("other", "../tree"),
        ("", str(shell_with_settings.folder / "tree")),
    ):
        called = replace(shell_with_settings, folder=shell_with_settings.folder / folder)
        ran = called.run("plan", path)
        assert (ran.code, ran.err) == (0, ""), (folder, path, ran)
    assert [each.parent.name for each in shell_with_settings.folder.rglob(".sagectl")] == ["tree"]
    listed = replace(shell_with_settings, folder=shell_with_settings.folder / "tree").run(
        "get", "model-package-groups"
    )
    assert "fraud" in listed.out


def test_the_sandbox_of_the_option_is_in_the_working_folder(local_shell: Shell) -> None:
    """--sandbox keeps its state and the inventory in the working folder, for any tree."""
    local_shell.write("tree/group.yaml", GROUP)
    local_shell.write("tree/sagectl.yaml", "set: prod\n")
    assert local_shell.run("apply", "tree", "--yes").code == 0
    assert [each.parent for each in local_shell.folder.rglob(".sagectl")] == [local_shell.folder]


@pytest.mark.parametrize("location", [".state/prod.json", ".state/", "../shared/prod.json"])
def test_an_inventory_is_named_from_the_file(tree: Shell, location: str) -> None:
    """A relative path of an inventory in ``sagectl.yaml`` is relative to the file, and an absolute one is unchanged."""
    tree.write("tree/sagectl.yaml", f"inventory: {location}\n")
    tree.write("other/readme.txt", "")
    assert tree.run("apply", "tree", "--yes").code == 0
    (kept,) = tree.folder.rglob("*.json")
    expected = (tree.folder / "tree" / location).resolve()
    assert kept in (expected, expected / kept.name)
    ran = replace(tree, folder=tree.folder / "other").run("plan", "../tree")
    assert (ran.code, ran.err) == (0, ""), ran
    absolute = tree.folder / "elsewhere.json"
    tree.write("tree/sagectl.yaml", f"inventory: {absolute}\n")
    kept.rename(absolute)
    assert tree.run("plan", "tree").code == 0


def test_an_inventory_of_an_earlier_version_is_named(tree: Shell) -> None:
    """An inventory in the working folder is not read, and the run names both paths until it is moved."""
    assert tree.run("apply", "tree", "--yes").code == 0
    (file,) = (tree.folder / ".sagectl").glob("*.json")
    tree.write("tree/sagectl.yaml", "region: us-east-1\n")
    ran = tree.run("plan", "tree")
    assert f".sagectl/{file.name} is not read" in ran.err
    assert f"tree/.sagectl/{file.name}" in ran.err
    (tree.folder / "tree" / ".sagectl").mkdir()
    file.rename(tree.folder / "tree" / ".sagectl" / file.name)
    ran = tree.run("plan", "tree")
    assert (ran.code, ran.err) == (0, ""), ran


@pytest.mark.parametrize("location", ["prod.json", "state/", "state/prod.yaml"])
@pytest.mark.parametrize("way", ["the file", "the option"])
def test_an_inventory_is_no_document(tree: Shell, location: str, way: str) -> None:
    """An inventory that the next run would read as a document is refused before it is written."""
    tree.write("tree/team/group.yaml", GROUP.replace("fraud", "other"))
    tree.write("tree/sagectl.yaml", f"inventory: {location}\n" if way == "the file" else "set: prod\n")
    option = ("--inventory", f"tree/{location}") if way == "the option" else ()
    for path in ("tree", "tree/team"):
        ran = tree.run("apply", path, "--yes", *option)
        assert ran.code == 1
        assert f"tree/{location} is inside the tree" in ran.err
        assert ".sagectl/" in ran.err
    assert not list(tree.folder.rglob("*.json"))
