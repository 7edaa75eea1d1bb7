import json

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, SERVING

YES = ("--yes", "--poll", "0.05s")


def _changing_calls(sandbox: Sandbox) -> int:
    return sum(call.mutating for call in sandbox.calls)


def test_plan_destroy_shows_what_destroy_does_and_is_applied_when_saved(
    shell: Shell, sandbox: Sandbox
) -> None:
    """``plan --destroy`` exits with 2, shows every deletion and changes nothing; ``apply --plan`` executes it."""
    shell.write("serving.yaml", SERVING)
    assert shell.run("apply", "serving.yaml", *YES).code == 0
    before = _changing_calls(sandbox)
    shown = shell.run("plan", "serving.yaml", "--destroy", "--format", "json", "--out", "gone.plan")
    assert shown.code == 2, shown
    plan = json.loads(shown.out)
    assert plan["result"] == "changes"
    assert plan["options"]["destroy"] is True
    assert [each["change"]["actions"] for each in plan["resource_changes"]] == [["delete"]] * 3
    assert _changing_calls(sandbox) == before
    done = shell.run("apply", "--plan", "gone.plan", "--poll", "0.05s")
    assert done.code == 0, done
    assert sandbox.resources() == ()
    again = shell.run("plan", "serving.yaml", "--destroy")
    assert (again.code, again.out.startswith("No changes.")) == (0, True), again


def test_fingerprints_of_plan_and_destroy_differ(shell: Shell, sandbox: Sandbox) -> None:
    """The fingerprint of ``plan --destroy`` approves only ``destroy``, and that of ``plan`` only ``apply``."""
    shell.write("group.yaml", GROUP)
    assert shell.run("apply", "group.yaml", *YES).code == 0
    destroying, keeping = (
        json.loads(shell.run("plan", "group.yaml", "--format", "json", *option).out)["fingerprint"]
        for option in (("--destroy",), ())
    )
    before = _changing_calls(sandbox)
    assert shell.run("apply", "group.yaml", "--approve", destroying).code == 3
    assert shell.run("destroy", "group.yaml", "--approve", keeping).code == 3
    assert _changing_calls(sandbox) == before
    assert shell.run("destroy", "group.yaml", "--approve", destroying, "--poll", "0.05s").code == 0
    assert sandbox.resources() == ()


def test_plan_destroy_takes_no_prune(shell: Shell, sandbox: Sandbox) -> None:
    """Deletions of documents and deletions without one exclude each other, before any call to AWS."""
    shell.write("group.yaml", GROUP)
    for option in (("--prune",), ("--confirm-deletes", "1")):
        ran = shell.run("plan", "group.yaml", "--destroy", *option)
        assert ran.code == 1
        assert "--destroy permanently deletes the declared resources" in " ".join(ran.err.split())
    assert sandbox.calls == ()


def test_destroy_without_a_terminal_shows_its_plan_and_does_nothing(shell: Shell, sandbox: Sandbox) -> None:
    """Without a terminal both commands print the plan and the missing options, change nothing and exit with 1."""
    shell.write("serving.yaml", SERVING)
    first = shell.run("apply", "serving.yaml")
    assert (first.code, "Plan: 3 to create" in first.out) == (1, True), first
    assert shell.run("apply", "serving.yaml", *YES).code == 0
    before = _changing_calls(sandbox)
    ran = shell.run("destroy", "serving.yaml")
    assert ran.code == 1
    assert "3 to delete" in ran.out
    assert "--yes confirms it" in ran.err
    assert "no changes were made" in ran.err
    assert "`sagectl plan --destroy --out FILE`" in ran.err
    machine = shell.run("destroy", "serving.yaml", "--format", "json")
    assert (machine.code, json.loads(machine.out)["result"]) == (1, "changes")
    assert _changing_calls(sandbox) == before
    assert shell.run("apply", "serving.yaml").code == 0, "there is nothing to agree to"
