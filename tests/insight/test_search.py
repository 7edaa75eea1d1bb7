import json

import pytest

from tests.cli.conftest import SharedAccount, client
from tests.cli.trees import CANARY, CARD, GROUP, SERVING
from tests.output.golden_files import assert_golden, without_times


@pytest.fixture(scope="module")
def account(shared_account: SharedAccount) -> SharedAccount:
    """An account with an endpoint, and 121 groups, of which each third is of team risk."""
    for name, text in (("a", SERVING), ("c", GROUP), ("d", CARD)):
        shared_account.shell.write(f"ml/{name}.yaml", text)
    assert shared_account.shell.run("apply", "ml", "--yes", "--poll", "0.05s").code == 0
    aws = client(shared_account.sandbox)
    for number in range(120):
        aws.create_model_package_group(
            ModelPackageGroupName=f"group-{number:03}",
            Tags=[{"Key": "team", "Value": "fraud" if number % 3 else "risk"}],
        )
    return shared_account


def search_groups(account: SharedAccount, *arguments: str) -> list[str]:
    """The names of the groups that a search finds."""
    records = json.loads(account.run("search", "model-package-groups", *arguments, "--format", "json").out)
    return [record["ModelPackageGroupName"] for record in records]


def test_all_pages_are_found(account: SharedAccount) -> None:
    """A search reads all pages of a hundred, and a limit ends it."""
    arguments = ("search", "modelpackagegroups", "--filter", "ModelPackageGroupName contains group-")
    assert [call.params["MaxResults"] for call in account.calls(*arguments)] == [100, 100]
    assert len(account.run(*arguments).out.splitlines()) == 121
    assert [call.params["MaxResults"] for call in account.calls(*arguments, "--limit", "7")] == [7]
    assert len(account.run(*arguments, "--limit", "7").out.splitlines()) == 8


def test_conditions_are_and_or_or(account: SharedAccount) -> None:
    """All conditions must hold, or one of them with --or; order is the service's."""
    risk = ("--filter", "Tags.team = risk")
    ten = (
        "--filter",
        "ModelPackageGroupName in group-000,group-001,group-002",
        "--sort-by",
        "ModelPackageGroupName",
    )
    assert search_groups(account, *risk, *ten) == ["group-000"]
    assert len(search_groups(account, *risk, *ten, "--or")) == 42
    assert search_groups(account, *ten, "--sort-order", "ascending") == [
        "group-000",
        "group-001",
        "group-002",
    ]
    assert search_groups(account, "--filter", "Tags.team not-exists") == ["fraud"]
    assert search_groups(account, "--filter", "CreationTime < 7d") == []


def test_the_result_is_a_table(account: SharedAccount) -> None:
    """The table has name, status, age and the requested properties, as the golden file has it."""
    arguments = ("search", "model-package-group", "--filter", "Tags.team = risk", "--limit", "2")
    ordered = ("--sort-by", "ModelPackageGroupName", "--sort-order", "Ascending")
    assert_golden(without_times(account.run(*arguments, *ordered).out), "search.txt")


def test_sensitive_members_are_hidden(account: SharedAccount) -> None:
    """A record's sensitive members are in no output."""
    ran = account.run("search", "model-packages", "--format", "json")
    assert len(json.loads(ran.out)) == 1
    assert CANARY not in ran.out


def test_an_unknown_property_is_guessed(account: SharedAccount) -> None:
    """If the service does not have a property, its own suggestions are shown."""
    ran = account.run("search", "endpoints", "--filter", "EndpointStaus = InService")
    assert (ran.code, ran.out) == (1, "")
    assert "Unknown property name: EndpointStaus" in ran.err
    assert "did you mean 'EndpointStatus'?" in ran.err
    made = [
        call.operation
        for call in account.calls("search", "endpoints", "--filter", "EndpointStaus = InService")
    ]
    assert made == ["Search", "GetSearchSuggestions", "GetSearchSuggestions"]


def test_nothing_found_is_no_error(account: SharedAccount) -> None:
    """An empty result of a search exits with 0 and is reported; as JSON it is an empty array."""
    ran = account.run("search", "endpoint", "--filter", "EndpointName = nobody")
    assert (ran.code, ran.out, ran.err) == (0, "Search found no Endpoint that fits.\n", "")
    assert search_groups(account, "--filter", "ModelPackageGroupName = nobody") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("endpoin",), "did you mean 'endpoint'?"),
        (("workteams",), "'workteams' can't be searched"),
        (("endpoint", "--filter", "EndpointName"), "is not NAME OPERATOR VALUE"),
        (("endpoint", "--filter", "EndpointName > a"), "is a string, which '>' can't compare"),
        (("endpoint", "--filter", "CreationTime > soon"), "'soon' is not a time such as"),
        (
            ("endpoint", "--filter", "Tags.a contains x", "--filter", "Tags.b contains x"),
            "one 'contains' only",
        ),
        (("endpoint", "--sort-order", "Up"), "there is no 'Up'"),
    ],
)
def test_rules_are_checked_before_the_call(
    account: SharedAccount, arguments: tuple[str, ...], message: str
) -> None:
    """Requests that the service would refuse are refused before, with a clear message, and without a call to AWS."""
    ran = account.run("search", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert account.calls("search", *arguments) == []
