"""``sagectl inventory``: the list of a set's entries, and the rebuild after a loss."""

import json
import shutil

from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, PIPELINE, SERVING

OTHER_LOCATION = ("--inventory", "elsewhere/prod.json")


def apply_and_lose_inventory(shell: Shell) -> None:
    """A set with five resources, whose inventory is lost."""
    for name, text in {"serving": SERVING, "group": GROUP, "pipeline": PIPELINE}.items():
        shell.write(f"ml/{name}.yaml", text)
    assert shell.run("apply", "ml", "--yes", "--poll", "0.05s").code == 0
    shutil.rmtree(shell.folder / ".sagectl")


def changing_operations(sandbox: Sandbox) -> list[str]:
    """The operations that changed something."""
    return [call.operation for call in sandbox.calls if call.mutating]


def test_a_lost_inventory_is_shown_and_then_written(shell: Shell, sandbox: Sandbox) -> None:
    """Without --yes it exits with 2 and writes nothing; with it with 0, and the inventory is as before."""
    apply_and_lose_inventory(shell)
    sandbox.clear_calls()
    plan = shell.run("plan", "ml")
    assert plan.code == 5
    assert "5 resources carry the ownership tag of set default that this inventory does not hold" in plan.out
    shown = shell.run("inventory", "rebuild", "ml")
    assert (shown.code, "Endpoint/fraud" in shown.out) == (2, True)
    assert "5 to add, 5 in all.\nNothing was written" in shown.out
    assert not list((shell.folder / ".sagectl").glob("*.json"))
    assert shell.run("inventory", "rebuild", "ml", "--yes").code == 0
    assert shell.run("plan", "ml").out.startswith("No changes.")
    again = shell.run("inventory", "rebuild", "ml", "--yes")
    assert (again.code, "nothing is missing" in again.out) == (0, True)
    assert changing_operations(sandbox) == []


def test_list_shows_the_entries(shell: Shell) -> None:
    """One line for each entry, or JSON; a message for an empty inventory."""
    apply_and_lose_inventory(shell)
    assert shell.run("inventory", "list", "ml").out == "set default: the inventory is empty\n"
    shell.run("inventory", "rebuild", "ml", "--yes")
    assert "Pipeline/train" in shell.run("inventory", "list", "ml").out
    document = json.loads(shell.run("inventory", "list", "ml", "--format", "json").out)
    assert (document["count"], len(document["entries"]), document["set"]) == (5, 5, "default")


def test_the_settings_of_the_tree_apply(shell: Shell) -> None:
    """Set and inventory are those of sagectl.yaml; a part of its tree rebuilds nothing."""
    shell.write("ml/sagectl.yaml", "set: prod\ninventory: .kept/prod.json\n")
    for name, text in {"serving": SERVING, "group": GROUP}.items():
        shell.write(f"ml/{name}.yaml", text)
    assert shell.run("apply", "ml", "--yes", "--poll", "0.05s").code == 0
    kept = shell.folder / "ml" / ".kept" / "prod.json"
    before = json.loads(kept.read_text(encoding="utf-8"))
    kept.unlink()
    part = shell.run("inventory", "rebuild", "ml/group.yaml", "--yes")
    assert (part.code, "for a whole tree" in part.err) == (1, True)
    assert shell.run("inventory", "rebuild", "ml", "--yes").code == 0
    after = json.loads(kept.read_text(encoding="utf-8"))
    for entry in before["entries"].values():
        del entry["begun"]  # the time of its creation is lost
    assert {**after, "key": ""} == {**before, "key": ""}


def test_prune_is_refused_with_an_empty_inventory(shell: Shell, sandbox: Sandbox) -> None:
    """With a mistyped --inventory, --prune does nothing, and the plan shows why."""
    apply_and_lose_inventory(shell)
    sandbox.clear_calls()
    ran = shell.run("apply", "ml/group.yaml", "--prune", "--yes", *OTHER_LOCATION)
    assert ran.code == 1
    assert "--prune is refused" in ran.out
    assert "sagectl inventory rebuild" in " ".join(ran.out.split())
    document = json.loads(shell.run("plan", "ml", "--format", "json", *OTHER_LOCATION).out)
    assert len(document["notices"]) == 1
    assert {each["reason"] for each in document["blocked"]} == {"blocked_because_not_in_inventory"}
    assert changing_operations(sandbox) == []


def test_an_entry_without_a_document_is_noted(shell: Shell) -> None:
    """It is in the JSON, and in the table with a note."""
    apply_and_lose_inventory(shell)
    document = json.loads(shell.run("inventory", "rebuild", "ml/group.yaml", "--format", "json").out)
    lone = {each["address"]: each["deletion"] for each in document["added"] if not each["has_document"]}
    assert len(lone) == 4
    assert set(lone.values()) == {"Confirm"}
    assert not document["written"]
    assert "4 without a document" in shell.run("inventory", "rebuild", "ml/group.yaml").out


def test_nothing_is_written_after_a_denied_list(shell: Shell, sandbox: Sandbox) -> None:
    """A denied List exits with 1 and is named."""
    apply_and_lose_inventory(shell)
    sandbox.inject(InjectedFault.DENIED, operation="ListPipelines", times=None)
    ran = shell.run("inventory", "rebuild", "ml", "--yes")
    assert ran.code == 1
    assert "Pipeline can't be read" in ran.err
    assert "nothing was written" in ran.err
    assert not list((shell.folder / ".sagectl").glob("*.json"))


def test_a_member_removed_after_a_rebuild_is_unset(shell: Shell) -> None:
    """The rebuilt inventory holds no spec, so further members of the live resource are removals."""
    shell.write("ml/pipeline.yaml", PIPELINE.replace("spec:\n", "spec:\n  pipelineDescription: one\n"))
    assert shell.run("apply", "ml", "--yes").code == 0
    shutil.rmtree(shell.folder / ".sagectl")
    assert shell.run("inventory", "rebuild", "ml", "--yes").code == 0
    shell.write("ml/pipeline.yaml", PIPELINE)
    plan = shell.run("plan", "ml").out
    assert "- pipelineDescription: one" in plan
    assert "UpdatePipeline" in plan
