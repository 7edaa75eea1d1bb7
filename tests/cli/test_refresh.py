"""Descriptions of earlier runs are stored beside the inventory; ``--refresh`` describes everything."""

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import HEAD

TREE = "---\n".join(
    f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: {name}}}\nspec: {{modelPackageGroupDescription: one}}\n"
    for name in ("a", "b", "c")
)


@pytest.fixture
def observed_tree(shell: Shell) -> Shell:
    """A tree that was applied, and then observed by a plan."""
    shell.write("ml/groups.yaml", TREE)
    assert shell.run("apply", "ml", "--yes").code == 0
    assert shell.run("plan", "ml").code == 0
    return shell


def count_describes(shell: Shell, sandbox: Sandbox, *command: str) -> int:
    """The number of Describes of a command; its exit code is 0."""
    sandbox.clear_calls()
    assert shell.run(*command).code == 0
    return sum(record.operation == "DescribeModelPackageGroup" for record in sandbox.calls)


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "status"])
def test_a_second_run_describes_nothing_unless_it_refreshes(
    observed_tree: Shell, sandbox: Sandbox, command: str
) -> None:
    """Each command that observes uses the previous run's observations, except with ``--refresh``."""
    more = ("--yes",) if command == "apply" else ()
    assert count_describes(observed_tree, sandbox, command, "ml", *more) == 0
    assert count_describes(observed_tree, sandbox, command, "ml", "--refresh", *more) == 3


def test_a_forged_file_is_left_out_with_a_warning(observed_tree: Shell, sandbox: Sandbox) -> None:
    """The plan is the same, from Describes; the next run uses what that one wrote."""
    (file,) = observed_tree.folder.glob(".sagectl/*.observed")
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    sandbox.clear_calls()
    ran = observed_tree.run("plan", "ml")
    assert ran.code == 0
    assert ran.err.count("the observations of earlier runs are not used") == 1
    assert count_describes(observed_tree, sandbox, "plan", "ml") == 0


@pytest.mark.parametrize(("more", "expected"), [((), 0), (("--refresh",), 3)])
def test_a_destruction_goes_by_lists_unless_it_refreshes(
    observed_tree: Shell, sandbox: Sandbox, more: tuple[str, ...], expected: int
) -> None:
    """A resource unchanged in its List is not described before its deletion, except with ``--refresh``."""
    sandbox.clear_calls()
    assert observed_tree.run("plan", "ml", "--destroy", *more).code == 2
    called = [record.operation for record in sandbox.calls]
    assert called.count("DescribeModelPackageGroup") == expected
    assert expected or called.count("ListModelPackageGroups") == 1


def test_the_interval_is_a_setting(observed_tree: Shell) -> None:
    """``observationInterval`` accepts a duration only."""
    observed_tree.write("ml/sagectl.yaml", "observationInterval: 1h\n")
    # The state is beside the settings.
    (observed_tree.folder / ".sagectl").rename(observed_tree.folder / "ml" / ".sagectl")
    assert observed_tree.run("plan", "ml").code == 0
    observed_tree.write("ml/sagectl.yaml", "observationInterval: often\n")
    ran = observed_tree.run("plan", "ml")
    assert ran.code == 1
    assert "sagectl.yaml:1:" in ran.err
