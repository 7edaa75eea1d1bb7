import signal
import subprocess
import time

from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import SAGECTL, Shell
from tests.cli.trees import GROUP, PIPELINE, SERVING


def test_validate_gives_0_for_good_documents(bare_shell: Shell) -> None:
    """``validate`` needs no account, and exits with 0 if there is no finding."""
    bare_shell.write("ml/serving.yaml", SERVING)
    ran = bare_shell.run("validate", "ml")
    assert (ran.code, ran.out) == (0, "3 documents, 0 errors, 0 warnings.\n")


def test_validate_gives_1_and_every_finding(bare_shell: Shell) -> None:
    """``validate`` exits with 1 and prints all errors, with their positions."""
    bare_shell.write("a.yaml", GROUP.replace("modelPackageGroupDescription", "modelPackageGroupDescripton"))
    bare_shell.write("b.yaml", PIPELINE.replace("roleArn", "rolearn"))
    ran = bare_shell.run("validate", "a.yaml", "b.yaml")
    assert ran.code == 1
    assert "a.yaml:4:" in ran.out
    assert "did you mean 'modelPackageGroupDescription'?" in ran.out
    assert "b.yaml:" in ran.out


def test_plan_gives_2_then_0(shell: Shell) -> None:
    """Row 70: ``plan`` exits with 2 while there is a change, and with 0 after ``apply`` exited with 0."""
    shell.write("serving.yaml", SERVING)
    assert shell.run("plan", "serving.yaml").code == 2
    applied = shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    assert applied.code == 0, applied
    assert "Done: 3 created." in applied.out
    again = shell.run("plan", "serving.yaml")
    assert again.code == 0
    assert again.out.startswith("No changes.")


def test_plan_changes_nothing(shell: Shell, sandbox: Sandbox) -> None:
    """``plan`` makes no call that changes the account, and writes no file."""
    shell.write("serving.yaml", SERVING)
    shell.run("plan", "serving.yaml")
    assert not [call for call in sandbox.calls if call.mutating]
    assert not (shell.folder / ".sagectl").exists()


def test_plan_gives_1_when_the_account_cannot_be_read(shell: Shell, sandbox: Sandbox) -> None:
    """A plan that could not read everything is an error that names the unreadable resources."""
    shell.write("group.yaml", GROUP)
    sandbox.inject(InjectedFault.DENIED, operation="DescribeModelPackageGroup", times=None)
    ran = shell.run("plan", "group.yaml")
    assert ran.code == 1
    assert "it can't be read" in ran.out


def test_apply_gives_1_when_aws_refuses(shell: Shell, sandbox: Sandbox) -> None:
    """``apply`` exits with 1 when a resource fails, with AWS's reason."""
    shell.write("serving.yaml", SERVING)
    sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason="no such image")
    ran = shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    assert ran.code == 1
    assert "Endpoint/fraud failed: Failed: no such image" in ran.out


def test_apply_gives_1_with_the_reason_of_a_rollback(shell: Shell, sandbox: Sandbox) -> None:
    """An endpoint that SageMaker rolled back is a failure with SageMaker's message, and both generations are kept."""
    shell.write("serving.yaml", SERVING)
    assert shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s").code == 0
    shell.write("serving.yaml", SERVING.replace("ml.m5.large", "ml.m5.xlarge"))
    sandbox.inject(
        InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason="the container did not answer the ping"
    )
    ran = shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    assert ran.code == 1
    assert "the container did not answer the ping" in ran.out
    assert len([arn for arn in sandbox.resources() if ":endpoint-config/" in arn]) == 2


def test_shuffled_files_plan_to_the_same_bytes(shell: Shell) -> None:
    """The same documents in other files and another order print the same plan, in processes with other hash seeds."""
    parts = SERVING.split("---\n")
    seen = set()
    for number, order in enumerate(((0, 1, 2), (2, 0, 1), (1, 2, 0))):
        shell.env["PYTHONHASHSEED"] = str(number)
        folder = f"tree{number}"
        for position, part in enumerate(order):
            shell.write(f"{folder}/{position}.yaml", parts[part])
        seen.add((shell.run("plan", folder).out, shell.run("plan", folder, "--format", "json").out))
    assert len(seen) == 1


def test_apply_gives_4_after_its_timeout(shell: Shell) -> None:
    """``apply`` exits with 4 when AWS has not finished in time, and lists the unfinished resources."""
    shell.write("serving.yaml", SERVING)
    ran = shell.run("apply", "serving.yaml", "--yes", "--timeout", "0s")
    assert ran.code == 4
    assert "Endpoint/fraud is unfinished" in ran.out
    assert "Timed out: 2 created, 1 unfinished." in ran.out


def test_destroy_gives_0_and_leaves_nothing(shell: Shell, sandbox: Sandbox) -> None:
    """``destroy`` deletes dependents first, and exits with 0 when all resources are deleted."""
    shell.write("serving.yaml", SERVING)
    shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    ran = shell.run("destroy", "serving.yaml", "--yes", "--poll", "0.05s")
    assert ran.code == 0, ran
    assert sandbox.resources() == ()


def test_status_gives_1_when_something_is_missing(shell: Shell) -> None:
    """``status`` exits with 1 for a missing resource, and with 0 once it exists."""
    shell.write("group.yaml", GROUP)
    before = shell.run("status", "group.yaml")
    assert before.code == 1
    assert "not in the account" in before.out
    shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s")
    after = shell.run("status", "group.yaml")
    assert after.code == 0
    assert after.out.splitlines()[1].split() == [
        "ModelPackageGroup/fraud",
        "fraud",
        "yes",
        "ready",
        "Completed",
    ]


def test_apply_needs_a_terminal_or_yes(shell: Shell, sandbox: Sandbox) -> None:
    """Without a terminal and --yes ``apply`` changes nothing and exits with 1; without changes it exits with 0."""
    shell.write("group.yaml", GROUP)
    for command in ("apply", "destroy"):
        ran = shell.run(command, "group.yaml")
        assert (ran.code, "--yes confirms it" in ran.err) == ((1, True) if command == "apply" else (0, False))
    assert not [call for call in sandbox.calls if call.mutating]


def test_the_embedded_sandbox_is_persistent(local_shell: Shell) -> None:
    """Successive commands with --sandbox use the same account."""
    local_shell.write("group.yaml", GROUP)
    assert local_shell.run("apply", "group.yaml", "--yes").code == 0
    assert local_shell.run("plan", "group.yaml").code == 0
    assert local_shell.run("destroy", "group.yaml", "--yes").code == 0
    assert local_shell.run("plan", "group.yaml").code == 2


def test_ctrl_c_saves_the_inventory_and_gives_130(shell: Shell, sandbox: Sandbox) -> None:
    """Ctrl-C while AWS works saves the inventory, names the unfinished, and the next run continues."""
    shell.write("serving.yaml", SERVING)
    line = [str(SAGECTL), "apply", "serving.yaml", "--yes", "--poll", "60s"]
    running = subprocess.Popen(
        line,
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and "endpoint/fraud" not in " ".join(sandbox.resources()):
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert running.returncode == 130, (out, err)
    assert "interrupted" in err
    assert "Endpoint/fraud is unfinished" in out
    assert shell.run("plan", "serving.yaml").code == 0
