import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.in_process import CommandResult
from tests.cli.trees import CANARY, GROUP, PIPELINE, SERVING, WORKFORCE
from tests.plan.foreign_edits import foreign_client

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
VARIED = GROUP.replace("scores", '"${var.what}"')
YES = ("--yes", "--poll", "0.05s")


def changing_calls(sandbox: Sandbox, since: int) -> list[str]:
    """The calls that changed the account since then."""
    return [call.operation for call in sandbox.calls[since:] if call.mutating]


def apply_saved(shell: Shell, *arguments: str) -> CommandResult:
    """Apply the saved plan."""
    return shell.run("apply", "--plan", "plan.json", "--poll", "0.05s", *arguments)


def saved_plan(shell: Shell) -> dict[str, Any]:
    """The saved plan."""
    made: dict[str, Any] = json.loads((shell.folder / "plan.json").read_text(encoding="utf-8"))
    return made


def test_what_was_saved_is_done(shell: Shell, sandbox: Sandbox) -> None:
    """A saved plan is applied without paths and without a question, and no change is left."""
    shell.write("ml/serving.yaml", SERVING)
    saved = shell.run("plan", "ml", "--out", "plan.json")
    assert saved.code == 2
    assert "Saved to plan.json" in saved.out
    assert not changing_calls(sandbox, 0)
    done = apply_saved(shell)
    assert (done.code, done.err) == (0, "")
    assert "Done: 3 created." in done.out
    assert shell.run("plan", "ml").code == 0


def test_the_file_is_the_json_of_the_plan(shell: Shell) -> None:
    """--out writes what --format json prints, and the documents' paths; only the owner may read it."""
    shell.write("group.yaml", GROUP)
    printed = shell.run("plan", "group.yaml", "--format", "json", "--out", "plan.json").out
    file = shell.folder / "plan.json"
    assert saved_plan(shell) == {**json.loads(printed), "source": {"paths": ["group.yaml"]}}
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_plan_may_be_applied_from_another_place(shell: Shell, sandbox: Sandbox) -> None:
    """The same documents in another folder are the same plan, wherever they are."""
    shell.write("here/group.yaml", GROUP)
    shell.run("plan", "here", "--out", "plan.json")
    (shell.folder / "here").rename(shell.folder / "there")
    assert apply_saved(shell, "there").code == 0
    assert len(sandbox.resources()) == 1


def _change_spec(shell: Shell, sandbox: Sandbox) -> None:
    shell.write("ml/pipeline.yaml", PIPELINE.replace("ERROR", "other"))


def _change_policy(shell: Shell, sandbox: Sandbox) -> None:
    shell.write("ml/pipeline.yaml", PIPELINE.replace("ERROR", "ERROR2") + "policy: {deletion: Retain}\n")


def _new_document(shell: Shell, sandbox: Sandbox) -> None:
    shell.write("ml/group.yaml", GROUP)


def _change_live_value(shell: Shell, sandbox: Sandbox) -> None:
    foreign_client(sandbox).update_pipeline(PipelineName="train", PipelineDescription="from outside")


def _change_tag(shell: Shell, sandbox: Sandbox) -> None:
    foreign_client(sandbox).add_tags(ResourceArn=ARN, Tags=[{"Key": "team", "Value": "other"}])


def _delete_live(shell: Shell, sandbox: Sandbox) -> None:
    foreign_client(sandbox).delete_pipeline(PipelineName="train", ClientRequestToken="x" * 32)


def _edit_plan_file(name: str, value: Any) -> Callable[[Shell, Sandbox], None]:
    def edit(shell: Shell, sandbox: Sandbox) -> None:
        shell.write("plan.json", json.dumps({**saved_plan(shell), name: value}))

    return edit


@pytest.mark.parametrize(
    ("move", "named"),
    [
        (
            _change_spec,
            "Pipeline/train: wanted pipelineDefinition.Steps[0].Arguments.ErrorMessage: ERROR2 -> other",
        ),
        (_change_policy, "Pipeline/train: policy, or a value that is not shown"),
        (_new_document, "ModelPackageGroup/fraud: the resource: not there -> in the plan"),
        (_change_live_value, "Pipeline/train: live pipelineDescription: (absent) -> from outside"),
        (_change_tag, "Pipeline/train: live tag team: (absent) -> other"),
        (_delete_live, "Pipeline/train: action: update -> create"),
        (_edit_plan_file("tool_version", "0.0.1"), 'the plan: tool_version: "0.0.1" -> "'),
        (
            _edit_plan_file("account_id", "999999999999"),
            'the plan: account_id: "999999999999" -> "123456789012"',
        ),
        (_edit_plan_file("set", "other"), "the plan: set: other -> default"),
    ],
)
def test_anything_that_moved_is_named_and_nothing_is_done(
    shell: Shell, sandbox: Sandbox, move: Callable[[Shell, Sandbox], None], named: str
) -> None:
    """A change of documents, account, tags, tool or file after the plan exits with 3, and nothing is applied."""
    shell.write("ml/pipeline.yaml", PIPELINE)
    assert shell.run("apply", "ml", *YES).code == 0
    shell.write("ml/pipeline.yaml", PIPELINE.replace("ERROR", "ERROR2"))
    assert shell.run("plan", "ml", "--out", "plan.json").code == 2
    move(shell, sandbox)
    since = len(sandbox.calls)
    ran = apply_saved(shell, *(("--set", "default") if "set:" in named else ()))
    assert ran.code == 3, ran
    assert named in ran.err
    assert not changing_calls(sandbox, since)


@pytest.mark.parametrize("of", ["document", "set"])
def test_an_edited_tag_makes_a_plan_stale(shell: Shell, sandbox: Sandbox, of: str) -> None:
    """A tag to be written with another value than approved is named, and nothing is written."""

    def tagged(value: str) -> None:
        tags = f", tags: {{team: {value}}}" if of == "document" else ""
        shell.write("ml/group.yaml", GROUP.replace("scores", f"scores{tags}"))
        if of == "set":
            shell.write("ml/sagectl.yaml", f"defaultTags: {{team: {value}}}\n")

    tagged("a")
    assert shell.run("apply", "ml", *YES).code == 0
    tagged("b")
    assert shell.run("plan", "ml", "--out", "plan.json").code == 2
    tagged("c")
    since = len(sandbox.calls)
    ran = apply_saved(shell)
    assert ran.code == 3, ran
    assert "ModelPackageGroup/fraud: wanted tags.team: b -> c" in ran.err
    assert not changing_calls(sandbox, since)


def test_a_variable_that_moved_is_named_without_its_value(shell: Shell, sandbox: Sandbox) -> None:
    """Values of variables are not stored: they are given again, and another value, or none, makes the plan stale."""
    shell.write("group.yaml", VARIED)
    shell.run("plan", "group.yaml", "--var", "what=scores-of-payments", "--out", "plan.json")
    assert saved_plan(shell)["variables"].keys() == {"what"}
    none, other = apply_saved(shell), apply_saved(shell, "--var", "what=other")
    assert (none.code, other.code) == (3, 3)
    assert "the plan: variable what: (other value) -> (absent)" in none.err
    assert "the plan: variable what: (other value) -> (this value)" in other.err
    assert not changing_calls(sandbox, 0)
    assert apply_saved(shell, "--var", "what=scores-of-payments").code == 0


def test_a_plan_that_was_edited_is_stale(shell: Shell, sandbox: Sandbox) -> None:
    """An edited file that differs from the new plan is stale, and nothing is changed."""
    shell.write("group.yaml", GROUP)
    shell.run("plan", "group.yaml", "--out", "plan.json")
    text = (shell.folder / "plan.json").read_text(encoding="utf-8")
    shell.write("plan.json", text.replace('"scores"', '"harmless"'))
    ran = apply_saved(shell)
    assert ran.code == 3
    assert "wanted modelPackageGroupDescription: harmless -> scores" in ran.err
    assert not changing_calls(sandbox, 0)


def test_a_changed_secret_voids_the_plan(shell: Shell, sandbox: Sandbox) -> None:
    """Once the set has an inventory, a changed secret is detected, and neither value is shown or stored."""
    shell.env["CLIENT_SECRET"] = CANARY
    shell.write("workforce.yaml", WORKFORCE)
    assert shell.run("apply", "workforce.yaml", *YES).code == 0
    shell.write("workforce.yaml", WORKFORCE.replace("clientId: me", "clientId: you"))
    assert shell.run("plan", "workforce.yaml", "--out", "plan.json").code == 2
    shell.env["CLIENT_SECRET"] = "another-secret-entirely"
    since = len(sandbox.calls)
    ran = apply_saved(shell)
    assert ran.code == 3, ran
    assert "Workforce/crowd" in ran.err
    assert not changing_calls(sandbox, since)
    kept = (shell.folder / "plan.json").read_text(encoding="utf-8")
    assert not [word for word in (CANARY, "another-secret") if word in kept + ran.err + ran.out]


def test_a_stale_plan_says_what_moved_and_whether_it_was_applied(shell: Shell, sandbox: Sandbox) -> None:
    """The first line lists the changes; the second shows that all, some or none of the plan's changes are applied."""
    shell.write("ml/pipeline.yaml", PIPELINE)
    shell.write("ml/group.yaml", GROUP)
    shell.run("plan", "ml", "--out", "plan.json")
    shell.write("ml/group.yaml", GROUP.replace("scores", "others"))
    head, hint = apply_saved(shell).err.splitlines()[:2]
    assert head.endswith("what changed since: documents ModelPackageGroup/fraud")
    assert hint == "  hint: it was not applied: the account has none of its changes; create a new plan"
    shell.write("ml/group.yaml", GROUP)
    assert shell.run("apply", "ml", *YES, "--target", "Pipeline/train").code == 0
    head, hint = apply_saved(shell).err.splitlines()[:2]
    assert "what changed since: resources" in head
    assert hint == "  hint: 1 of its 2 changes are already applied; create a new plan for the rest"
    assert shell.run("apply", "ml", *YES).code == 0
    head, hint = apply_saved(shell).err.splitlines()[:2]
    assert hint == "  hint: it was already applied: the account has all of its changes (2)"
    document = json.loads(apply_saved(shell, "--format", "json").out)
    assert document["applied"] == {"done": 2, "of": 2}
    assert "cannot determine whether" in apply_saved(shell, "--var", "a=b").err.splitlines()[1]


def test_a_plan_of_destruction_that_was_applied_says_so(shell: Shell, sandbox: Sandbox) -> None:
    """A saved deletion counts as applied once its resources are deleted, and not while they exist."""
    shell.write("ml/pipeline.yaml", PIPELINE)
    assert shell.run("apply", "ml", *YES).code == 0
    shell.run("plan", "ml", "--destroy", "--out", "plan.json")
    _change_live_value(shell, sandbox)
    assert "it was not applied" in apply_saved(shell).err.splitlines()[1]
    assert shell.run("destroy", "ml", *YES).code == 0
    assert "it was already applied" in apply_saved(shell).err.splitlines()[1]


def test_what_moved_is_json_too(shell: Shell) -> None:
    """With --format json, the differences are data on standard output."""
    shell.write("group.yaml", GROUP)
    shell.run("plan", "group.yaml", "--out", "plan.json")
    shell.write("group.yaml", GROUP.replace("scores", "others"))
    ran = apply_saved(shell, "--format", "json")
    made = json.loads(ran.out)
    assert (ran.code, made["stale"]) == (3, True)
    assert made["moved"] == [
        {
            "id": "ModelPackageGroup/fraud",
            "member": "wanted modelPackageGroupDescription",
            "before": "scores",
            "now": "others",
        }
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "can't be read"),
        ("{", "is not JSON"),
        ("[]", "is not a plan"),
        ((Path(__file__).parent / "terraform-plan.json").read_text(encoding="utf-8"), "is not a plan"),
    ],
)
def test_what_is_no_plan_is_refused(shell: Shell, sandbox: Sandbox, text: str | None, message: str) -> None:
    """A file that sagectl did not write is an error, and no call is made for it."""
    if text is not None:
        shell.write("plan.json", text)
    ran = apply_saved(shell)
    assert ran.code == 1
    assert message in ran.err
    assert sandbox.calls == ()


def test_the_options_of_a_saved_plan_are_its_own(shell: Shell) -> None:
    """The options of a plan can't be given again, and a plan of another format is refused."""
    shell.write("group.yaml", GROUP)
    shell.run("plan", "group.yaml", "--out", "plan.json")
    assert "the saved plan fixes --prune" in apply_saved(shell, "--prune").err
    shell.write("plan.json", json.dumps({**saved_plan(shell), "format_version": "2.0"}))
    assert "has format 2.0" in apply_saved(shell).err
    assert "give the PATHs" in shell.run("apply", "--yes").err


def test_a_plan_that_saw_too_little_is_not_saved(shell: Shell, sandbox: Sandbox) -> None:
    """If a part of the account can't be read there is no plan to approve, and no file."""
    shell.write("group.yaml", GROUP)
    sandbox.inject(InjectedFault.DENIED, operation="DescribeModelPackageGroup", times=None)
    ran = shell.run("plan", "group.yaml", "--out", "plan.json")
    assert ran.code == 1
    assert "was not written" in ran.err
    assert not (shell.folder / "plan.json").exists()


def test_a_plan_is_not_saved_among_the_documents(bare_shell: Shell) -> None:
    """A file that the next run would read as a document is refused before any change."""
    bare_shell.write("ml/group.yaml", GROUP)
    ran = bare_shell.run("plan", "ml", "--out", "ml/plan.json")
    assert ran.code == 1
    assert "would be read as a document" in ran.err
