import json
import subprocess
from datetime import datetime
from typing import Any

import pytest
from botocore.loaders import Loader

from controller.cli.parser import build
from controller.cli.usage_errors import commands
from controller.kinds import KINDS
from controller.sandbox import InjectedFault, Sandbox
from controller.schema.kind_names import kebab, plural_name
from tests.cli.conftest import SAGECTL, SharedAccount, Shell, client
from tests.cli.trees import CANARY, CARD, GROUP, PIPELINE, SERVING
from tests.output.golden_files import assert_golden, without_times

MODEL: dict[str, Any] = Loader().load_service_model("sagemaker", "service-2")
LISTED = [kind for kind, row in KINDS.items() if f"List{plural_name(kind)}" in MODEL["operations"]]
NOT_FILTERS = {"NextToken", "MaxResults"}


@pytest.fixture(scope="module")
def account(shared_account: SharedAccount) -> SharedAccount:
    """An account with resources of most kinds, and 231 model package groups."""
    for name, text in (("a", SERVING), ("b", PIPELINE), ("c", GROUP), ("d", CARD)):
        shared_account.shell.write(f"ml/{name}.yaml", text)
    assert shared_account.shell.run("apply", "ml", "--yes", "--poll", "0.05s").code == 0
    aws = client(shared_account.sandbox)
    for number in range(230):
        aws.create_model_package_group(ModelPackageGroupName=f"group-{number:03}")
    return shared_account


@pytest.mark.parametrize("kind", LISTED)
def test_every_filter_of_a_list_is_an_option(kind: str) -> None:
    """Each member of a kind's List input is an option of ``get``."""
    operation = MODEL["operations"][f"List{plural_name(kind)}"]
    parts = ["get", kebab(plural_name(kind))]
    known = commands(build(parts))["get"]._option_string_actions
    members = MODEL["shapes"][operation["input"]["shape"]]["members"]
    assert {f"--{kebab(member)}" for member in members if member not in NOT_FILTERS} <= set(known)


def test_help_shows_the_filters_of_the_kind(bare_shell: Shell) -> None:
    """The help of ``get KIND`` describes that kind's filters, without an account."""
    ran = bare_shell.run("get", "endpoints", "--help")
    assert ran.code == 0
    assert "--status-equals" in ran.out
    assert "UpdateRollbackFailed" in ran.out
    assert "endpoint-configs" in bare_shell.run("get", "--help").out


def test_all_pages_are_read(account: SharedAccount) -> None:
    """231 groups are three pages of List, one line each and a header, without a Describe."""
    assert len(account.run("get", "model-package-groups").out.splitlines()) == 232
    assert [each.operation for each in account.calls("get", "model-package-groups")] == [
        "ListModelPackageGroups"
    ] * 3


def test_a_limit_reads_no_further(account: SharedAccount) -> None:
    """Reading ends with the page that reaches the limit, and a small limit requests a small page."""
    ran = account.run("get", "modelpackagegroups", "--limit", "101", "--format", "json")
    assert len(json.loads(ran.out)) == 101
    assert [
        call.params["MaxResults"] for call in account.calls("get", "modelpackagegroups", "--limit", "101")
    ] == [100] * 2
    assert [
        call.params["MaxResults"] for call in account.calls("get", "modelpackagegroups", "--limit", "5")
    ] == [5]


def test_filters_are_sent_with_the_services_names(account: SharedAccount) -> None:
    """Filters and orders are sent with the service's names; the last name comes first."""
    arguments = (
        "get", "modelpackagegroups", "--name-contains", "-22", "--creation-time-after", "1h",
        "--sort-by", "name", "--sort-order", "Descending", "--format", "json",
    )  # fmt: skip
    found = [each["ModelPackageGroupName"] for each in json.loads(account.run(*arguments).out)]
    assert found == [f"group-22{number}" for number in range(9, -1, -1)]
    (sent,) = account.calls(*arguments)
    assert (sent.params["SortBy"], sent.params["SortOrder"]) == ("Name", "Descending")
    none = account.run("get", "modelpackagegroups", "--creation-time-before", "1h")
    assert (none.code, none.out) == (0, "ListModelPackageGroups found nothing.\n")


@pytest.mark.parametrize(
    ("kind", "golden"), [("endpoints", "get-endpoints.txt"), ("model-packages", "get-model-packages.txt")]
)
def test_a_list_is_a_table(account: SharedAccount, kind: str, golden: str) -> None:
    """A list is a table with name, status, age and the most useful columns, as in the golden file."""
    assert_golden(without_times(account.run("get", kind).out), golden)


def test_json_has_the_services_names(account: SharedAccount) -> None:
    """JSON is an array of AWS's summaries, with ISO times, and the same bytes each time."""
    first, again = (account.run("get", "endpoints", "--format", "json").out for _ in range(2))
    assert first == again
    (endpoint,) = json.loads(first)
    assert (endpoint["EndpointName"], endpoint["EndpointStatus"]) == ("fraud", "InService")
    assert datetime.fromisoformat(endpoint["CreationTime"]).tzinfo is not None
    assert json.loads(account.run("get", "workteams", "--format", "json").out) == []


def test_one_resource_is_shown_with_its_details(account: SharedAccount) -> None:
    """With a name all of Describe is shown with the tags, and a JSON document in a string is formatted."""
    assert_golden(without_times(account.run("get", "pipeline", "train").out), "get-pipeline.txt")


def test_one_resource_as_json(account: SharedAccount) -> None:
    """The JSON is the Describe response, with the tags as the service lists them."""
    model = json.loads(account.run("get", "models", "--format", "json").out)[0]["ModelName"]
    body = json.loads(account.run("get", "model", model, "--format", "json").out)
    assert body["PrimaryContainer"]["ModelDataUrl"] == "s3://bucket/one.tar.gz"
    assert {"Key": "team", "Value": "risk"} in body["Tags"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("endpoint", "fraud"),
        ("endpoint", "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"),
        ("endpoint", "endpoint/fraud"),
        ("modelpackage", "model-package/fraud/1"),
        ("pipeline", "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"),
    ],
)
def test_a_name_or_an_arn(account: SharedAccount, kind: str, name: str) -> None:
    """A name, an ARN, or the part of an ARN in the table, finds the resource."""
    assert account.run("get", kind, name).code == 0


def test_a_missing_resource_is_an_error(account: SharedAccount) -> None:
    """An unknown name, or an ARN of another kind, exits with 1 and names the command that lists existing ones."""
    ran = account.run("get", "endpoint", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no Endpoint 'nobody'" in ran.err
    assert "sagectl get endpoints" in ran.err
    other = account.run("get", "endpoint", "arn:aws:sagemaker:us-east-1:123456789012:model/fraud")
    assert other.code == 1
    assert "is no Endpoint" in other.err


def test_sensitive_members_are_hidden(account: SharedAccount) -> None:
    """Members that the model marks as sensitive are in no output."""
    for form in ("text", "json"):
        ran = account.run("get", "modelpackage", "model-package/fraud/1", "--format", form)
        assert "(sensitive)" in ran.out
        assert CANARY not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("endpoinds",), "did you mean 'endpoints'?"),
        ((), "KIND"),
        (("endpoints", "--status-equals", "InServce"), "did you mean 'InService'?"),
        (("endpoints", "--status-equal", "Failed"), "did you mean '--status-equals'?"),
        (("endpoints", "--creation-time-after", "soon"), "'soon' is not a time such as 2026-11-20"),
        (("endpoints", "--limit", "0"), "'0' is not an integer above zero"),
        (("endpoint", "fraud", "--status-equals", "Failed"), "--status-equals filters a list"),
        (("pipelines", "--executions"), "--executions shows more of one Pipeline"),
    ],
)
def test_contradictory_options(bare_shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    """Mistyped and contradictory options are refused before any call to AWS, with a suggestion."""
    ran = bare_shell.run("get", *arguments)
    assert ran.code == 1
    assert message in ran.err
    assert "credentials" not in ran.err


def test_control_characters_are_escaped(shell: Shell, sandbox: Sandbox) -> None:
    """Control characters in AWS's responses are escaped, in tables and in details."""
    aws = client(sandbox)
    for name, text in (("sly", "\x1b[2Jone\n\x1b[2Jtwo"), ("slier", "\x1b[2Jone")):
        aws.create_model_package_group(ModelPackageGroupName=name, ModelPackageGroupDescription=text)
    for parts in (("modelpackagegroups",), ("modelpackagegroup", "sly"), ("modelpackagegroup", "slier")):
        ran = shell.run("get", *parts)
        assert "\x1b" not in ran.out
        assert "\\u001b[2J" in ran.out


def test_tables_fit_the_width(shell: Shell, sandbox: Sandbox) -> None:
    """Long cells are cut, and without a terminal no line has more than 100 characters."""
    aws = client(sandbox)
    for number in range(3):
        aws.create_model_package_group(
            ModelPackageGroupName=f"a{number}" * 20, ModelPackageGroupDescription="long " * 90
        )
    lines = shell.run("get", "modelpackagegroups").out.splitlines()
    assert max(map(len, lines)) <= 100
    assert "DESCRIPTION" not in lines[0] or "…" in lines[1]


def test_a_refusal_by_aws_is_shown(shell: Shell, sandbox: Sandbox) -> None:
    """A refusal by AWS exits with 1 and names the operation, also between pages."""
    sandbox.inject(InjectedFault.DENIED, operation="ListEndpoints")
    ran = shell.run("get", "endpoints")
    assert (ran.code, ran.out) == (1, "")
    assert "AWS refused ListEndpoints" in ran.err


def test_the_guard_of_the_folder_holds(shell: Shell) -> None:
    """The settings of the working folder are read: another account than theirs is refused."""
    shell.write("sagectl.yaml", "account: '999999999999'\n")
    ran = shell.run("get", "endpoints")
    assert ran.code == 1
    assert "is for account 999999999999" in ran.err


def test_a_closed_pipe_ends_get(account: SharedAccount) -> None:
    """When the reader of the table exits, ``get`` exits as well, without an error."""
    line = [str(SAGECTL), "get", "modelpackagegroups", "--format", "json"]
    piped = subprocess.Popen(
        line,
        cwd=account.shell.folder,
        env=account.shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert piped.stdout is not None
    assert piped.stderr is not None
    piped.stdout.close()
    assert piped.stderr.read() == b""
    piped.stderr.close()
    assert piped.wait(timeout=30) == 1
