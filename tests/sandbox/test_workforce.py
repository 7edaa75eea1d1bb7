from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal

COGNITO = {"UserPool": "us-east-1_pool", "ClientId": "client"}
OIDC = {
    "ClientId": "id",
    "ClientSecret": "canary",
    **{
        f"{name}Endpoint": "https://idp.example/x"
        for name in ("Authorization", "Token", "UserInfo", "Logout")
    },
    "Issuer": "https://idp.example",
    "JwksUri": "https://idp.example/jwks",
}
TEAM = [{"CognitoMemberDefinition": {**COGNITO, "UserGroup": "g"}}]
OIDC_TEAM = [{"OidcMemberDefinition": {"Groups": ["g"]}}]


@pytest.fixture
def workforce_client(sandbox: Sandbox, aws: Any) -> Any:
    """Return a region with an active Cognito workforce."""
    aws.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    sandbox.clock.advance(100)
    return aws


def test_a_workforce_lives_through_its_states(sandbox: Sandbox, aws: Any) -> None:
    """Initializing, Active, Updating, Active, Deleting and not found: each takes its time."""
    aws.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    seen = [aws.describe_workforce(WorkforceName="w")["Workforce"]["Status"]]
    assert refusal(aws.delete_workforce, WorkforceName="w")[0] == "ConflictException"
    sandbox.clock.advance(60)
    seen.append(aws.describe_workforce(WorkforceName="w")["Workforce"]["Status"])
    answer = aws.update_workforce(WorkforceName="w", SourceIpConfig={"Cidrs": ["10.0.0.0/8"]})
    seen.append(answer["Workforce"]["Status"])
    sandbox.clock.advance(60)
    active = aws.describe_workforce(WorkforceName="w")["Workforce"]
    assert active["SourceIpConfig"] == {"Cidrs": ["10.0.0.0/8"]}
    aws.delete_workforce(WorkforceName="w")
    seen += [active["Status"], aws.describe_workforce(WorkforceName="w")["Workforce"]["Status"]]
    assert seen == ["Initializing", "Active", "Updating", "Active", "Deleting"]
    sandbox.clock.advance(60)
    code, text = refusal(aws.describe_workforce, WorkforceName="w")
    assert (code, text[:12]) == ("ValidationException", "No workforce")


def test_there_is_one_workforce(workforce_client: Any) -> None:
    """A second workforce in the Region is refused, whatever its name."""
    for name in ("w", "other"):
        assert (
            refusal(workforce_client.create_workforce, WorkforceName=name, CognitoConfig=COGNITO)[0]
            == "ValidationException"
        )
    both = {"WorkforceName": "x", "CognitoConfig": COGNITO, "OidcConfig": OIDC}
    assert refusal(workforce_client.create_workforce, **both)[0] == "ValidationException"


def test_the_secret_never_comes_back(sandbox: Sandbox, aws: Any) -> None:
    """Describe and List of an OIDC workforce leave the client secret out."""
    aws.create_workforce(WorkforceName="w", OidcConfig=OIDC)
    lines = [aws.describe_workforce(WorkforceName="w")["Workforce"], *aws.list_workforces()["Workforces"]]
    assert [one["OidcConfig"]["ClientId"] for one in lines] == ["id", "id"]
    assert "canary" not in str(lines)


def test_the_identity_provider_is_fixed_while_teams_exist(sandbox: Sandbox, aws: Any) -> None:
    """OIDC settings change only while there is no work team; with one the workforce can't be deleted."""
    aws.create_workforce(WorkforceName="w", OidcConfig=OIDC)
    sandbox.clock.advance(100)
    assert (
        refusal(aws.create_workteam, WorkteamName="t", Description="d", MemberDefinitions=TEAM)[0]
        == "ValidationException"
    )
    aws.create_workteam(WorkteamName="t", Description="d", MemberDefinitions=OIDC_TEAM)
    new = OIDC | {"ClientId": "new"}
    assert refusal(aws.update_workforce, WorkforceName="w", OidcConfig=new)[0] == "ValidationException"
    assert refusal(aws.delete_workforce, WorkforceName="w")[0] == "ResourceInUse"
    aws.delete_workteam(WorkteamName="t")
    answer = aws.update_workforce(WorkforceName="w", OidcConfig=new)
    assert answer["Workforce"]["OidcConfig"]["ClientId"] == "new"


def test_a_workteam_joins_the_only_workforce(sandbox: Sandbox, workforce_client: Any) -> None:
    """Without a name the Region's workforce is used; the ARN has private-crowd."""
    arn = workforce_client.create_workteam(WorkteamName="t", Description="d", MemberDefinitions=TEAM)[
        "WorkteamArn"
    ]
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/t"
    team = workforce_client.describe_workteam(WorkteamName="t")["Workteam"]
    assert team["WorkforceArn"].endswith(":workforce/w")
    assert "WorkforceName" not in team
    changed = workforce_client.update_workteam(WorkteamName="t", Description="new")["Workteam"]
    assert (changed["Description"], changed["MemberDefinitions"]) == ("new", TEAM)
    assert changed["LastUpdatedDate"] > team["LastUpdatedDate"]
    again = {"WorkteamName": "t", "Description": "d", "MemberDefinitions": TEAM}
    assert refusal(workforce_client.create_workteam, **again)[0] == "ResourceInUse"
    assert workforce_client.delete_workteam(WorkteamName="t")["Success"] is True
    code, text = refusal(workforce_client.describe_workteam, WorkteamName="t")
    assert (code, text[:13]) == ("ValidationException", "The work team")


def test_a_workteam_needs_a_workforce_and_fitting_members(aws: Any, workforce_client: Any) -> None:
    """An unknown workforce, mixed members and two pools are refused."""
    team = {"WorkteamName": "t", "Description": "d"}
    other = {"CognitoMemberDefinition": {"UserPool": "us-east-1_x", "ClientId": "client", "UserGroup": "g"}}
    for members in (TEAM + OIDC_TEAM, [*TEAM, other], [other]):
        assert (
            refusal(workforce_client.create_workteam, MemberDefinitions=members, **team)[0]
            == "ValidationException"
        )
    named = team | {"MemberDefinitions": TEAM, "WorkforceName": "ghost"}
    assert refusal(workforce_client.create_workteam, **named)[0] == "ValidationException"


def test_no_workforce_no_team(aws: Any) -> None:
    """Without any workforce a work team is refused."""
    team = {"WorkteamName": "t", "Description": "d", "MemberDefinitions": TEAM}
    assert refusal(aws.create_workteam, **team)[0] == "ValidationException"


def test_the_number_of_teams_is_limited() -> None:
    """A team beyond the limit is refused with a quota's message."""
    aws = client_of(Sandbox(knobs=Knobs(workteams_limit=1)))
    aws.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    aws.create_workteam(WorkteamName="t", Description="d", MemberDefinitions=TEAM)
    code, text = refusal(aws.create_workteam, WorkteamName="u", Description="d", MemberDefinitions=TEAM)
    assert code == "ResourceLimitExceeded"
    assert text.startswith("The account-level service limit")
