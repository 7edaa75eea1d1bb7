"""Typical first errors are reported in one or two lines with a hint."""

import re

import pytest

from controller.cli import usage_errors
from controller.cli.parser import build
from controller.cli.usage_errors import commands
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, SERVING


def test_no_credentials(bare_shell: Shell) -> None:
    """Without credentials the hint shows how to get some, and how to work without."""
    bare_shell.write("group.yaml", GROUP)
    ran = bare_shell.run("plan", "group.yaml", "--region", "eu-west-1")
    assert ran.code == 1
    assert "there are no AWS credentials" in ran.err
    assert "--sandbox" in ran.err


def test_no_region(bare_shell: Shell) -> None:
    """Without a region the three ways to set one are shown."""
    bare_shell.write("group.yaml", GROUP)
    ran = bare_shell.run("plan", "group.yaml")
    assert ran.code == 1
    assert "no region: give --region or set AWS_REGION" in ran.err


def test_unknown_profile(bare_shell: Shell) -> None:
    """An unknown profile is named."""
    bare_shell.write("group.yaml", GROUP)
    ran = bare_shell.run("plan", "group.yaml", "--profile", "nobody", "--region", "eu-west-1")
    assert ran.code == 1
    assert "nobody" in ran.err


def test_an_address_without_a_server(bare_shell: Shell) -> None:
    """The error names the address that could not be reached."""
    bare_shell.write("group.yaml", GROUP)
    bare_shell.env |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    ran = bare_shell.run(
        "plan", "group.yaml", "--endpoint-url", "http://127.0.0.1:1", "--region", "us-east-1"
    )
    assert ran.code == 1
    assert "http://127.0.0.1:1" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("aply", "x"), "there is no 'aply'; did you mean 'apply'?"),
        (("plan", "x", "--regoin", "y"), "did you mean '--region'?"),
        (("plan", "x", "--format", "jsn"), "did you mean 'json'?"),
        (("plan",), "PATH"),
        (("apply", "x", "--timeout", "soon"), "'soon' is not a time such as 90s, 30m or 2h"),
        (("plan", "x", "--endpoint-url", "localhost"), "is not an address such as"),
        (("plan", "x", "--sandbox-pace", "nan"), "'nan' is not a positive number"),
    ],
)
def test_mistyped_words(bare_shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    """A mistyped command, option or value gets a suggestion, and exit code 1, since 2 means changes."""
    ran = bare_shell.run(*arguments)
    assert ran.code == 1
    assert message in ran.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("state list", "there is no state file"),
        ("import Model/x y", "--adopt"),
        ("delete x", "sagectl destroy PATH"),
        ("plan -out=x", "write --out FILE"),
        ("plan x -target=Model/x", "write --target KIND/NAME"),
        ("plan x -var-file=prod.tfvars", "write --values FILE"),
        ("apply x -auto-approve", "write --yes"),
        ("apply -f x", "give files and folders as PATHs"),
        ("plan", "`.` is this folder"),
        ("plan", "`sagectl plan --help` lists the options"),
        ("get", "KIND is missing"),
    ],
)
def test_commands_of_other_tools(bare_shell: Shell, line: str, message: str) -> None:
    """Commands and options of Terraform or kubectl print the equivalent ones, and nothing is run."""
    ran = bare_shell.run(*line.split())
    assert ran.code == 1
    assert message in ran.err


def test_hints_about_other_tools_name_existing_commands() -> None:
    """The list has no command or option of sagectl, and every hint names an existing one."""
    ours = commands(build())
    assert not set(usage_errors.COMMANDS) & set(ours)
    for answer in usage_errors.COMMANDS.values():
        named = set(re.findall(r"`sagectl ([a-z]+)", answer))
        assert named <= set(ours), answer


def test_a_saved_plan_as_a_path(bare_shell: Shell) -> None:
    """``apply plan.json`` prints how a saved plan is applied."""
    bare_shell.write("plan.json", '{"format_version": "1.0", "fingerprint": "f"}')
    ran = bare_shell.run("apply", "plan.json", "--yes")
    assert ran.code == 1
    assert "this is a saved plan (`sagectl apply --plan FILE`" in ran.err


def test_a_missing_path_is_reported_before_a_missing_yes(bare_shell: Shell) -> None:
    """``destroy`` of a missing path reports that, and not a missing --yes."""
    ran = bare_shell.run("destroy", "TARGET")
    assert ran.code == 1
    assert "SG001" in ran.err
    assert "--yes" not in ran.err


def test_help_as_a_command(bare_shell: Shell) -> None:
    """``sagectl help plan`` is ``sagectl plan --help``."""
    assert bare_shell.run("help", "plan").out == bare_shell.run("plan", "--help").out


def test_no_command(bare_shell: Shell) -> None:
    """``sagectl`` without a command shows the help with examples."""
    ran = bare_shell.run("--help")
    assert ran.code == 0
    assert "sagectl plan ml/ --sandbox" in ran.out


@pytest.mark.parametrize(
    "command", ["validate", "plan", "apply", "destroy", "status", "sandbox", "completion"]
)
def test_every_command_has_an_example(bare_shell: Shell, command: str) -> None:
    """The help of every command ends with an example of it."""
    ran = bare_shell.run(command, "--help")
    assert ran.code == 0
    assert f"example:\n  sagectl {command} " in ran.out


def test_unknown_path(shell: Shell, sandbox: Sandbox) -> None:
    """A missing path is a finding, and no call is made."""
    ran = shell.run("plan", "nowhere")
    assert ran.code == 1
    assert "SG001" in ran.err
    assert sandbox.calls == ()


def test_bad_variable(bare_shell: Shell) -> None:
    """A variable without a value shows how to write one, and not what was written."""
    bare_shell.write("group.yaml", GROUP)
    ran = bare_shell.run("validate", "group.yaml", "--var", "env")
    assert ran.code == 1
    assert "for example --var env=prod" in ran.err


def test_an_inventory_in_s3_is_an_object(local_shell: Shell) -> None:
    """A bucket without a key is refused with that reason, and not used as a file name."""
    local_shell.write("group.yaml", GROUP)
    ran = local_shell.run("plan", "group.yaml", "--inventory", "s3://bucket")
    assert ran.code == 1
    assert "an object in S3 is written s3://BUCKET/KEY" in ran.err
    assert not (local_shell.folder / "s3:").exists()


def test_inventory_of_another_set(local_shell: Shell) -> None:
    """An inventory of another set is refused, and nothing is changed."""
    local_shell.write("group.yaml", GROUP)
    local_shell.run("apply", "group.yaml", "--yes", "--inventory", "i.json")
    ran = local_shell.run("plan", "group.yaml", "--set", "other", "--inventory", "i.json")
    assert ran.code == 1
    assert "SG042: i.json belongs to set default, and this run is for other" in ran.err


def test_values_and_variables(bare_shell: Shell) -> None:
    """Variables come from a values file or --var; a value of a wrong type and an undefined variable are errors."""
    bare_shell.write("serving.yaml", SERVING.replace("risk", "'${var.team}'"))
    bare_shell.write("values.yaml", "team: [a]\n")
    assert "SG040" in bare_shell.run("validate", "serving.yaml", "--values", "values.yaml").err
    bare_shell.write("values.yaml", "team: risk\n")
    assert bare_shell.run("validate", "serving.yaml", "--values", "values.yaml").code == 0
    assert bare_shell.run("validate", "serving.yaml", "--var", "team=risk").code == 0
    assert bare_shell.run("validate", "serving.yaml").code == 1


def test_version(bare_shell: Shell) -> None:
    """``version`` and ``--version`` print the same."""
    assert bare_shell.run("version").out == bare_shell.run("--version").out
    assert bare_shell.run("version").out.startswith("sagectl 0.")


def test_a_folder_of_several_trees(bare_shell: Shell) -> None:
    """A folder with two trees is no tree: two settings files are an error that names the folders to use."""
    for name in ("dev", "prod"):
        bare_shell.write(f"ml/{name}/sagectl.yaml", f"set: {name}\n")
    ran = bare_shell.run("validate", "ml")
    assert ran.code == 1
    for name in ("dev", "prod"):
        assert f"ml/{name}/sagectl.yaml:1:1: error SG009: these are settings of another tree" in ran.out
        assert f"run sagectl for ml/{name} by itself" in ran.out


def test_files_that_can_not_be_converted(bare_shell: Shell) -> None:
    """Terraform's configuration in place of its state converts to nothing: exit code 1, and the missing command."""
    bare_shell.write("main.tf", 'resource "aws_sagemaker_model" "fraud" {\n  name = "fraud"\n}\n')
    ran = bare_shell.run("convert", "terraform", "main.tf", "-o", "ml")
    assert ran.code == 1
    assert "terraform show -json" in ran.err
    assert not (bare_shell.folder / "ml").exists()


def test_a_path_that_is_mistyped(bare_shell: Shell) -> None:
    """``doctor`` of a missing folder reports that, and not missing settings."""
    bare_shell.write("ml/sagectl.yaml", "region: eu-west-1\n")
    ran = bare_shell.run("doctor", "mll")
    assert (ran.code, "error    settings: mll does not exist" in ran.out) == (1, True), ran
