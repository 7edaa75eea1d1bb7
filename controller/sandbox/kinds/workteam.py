"""Workteam: synchronous; its members belong to the workforce's user pool or identity provider."""

from dataclasses import replace

from controller.sandbox.kind import Kind, Listing
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid, over_quota

LABELING = frozenset({"Initializing", "InProgress", "Stopping"})


def _workforce(ask: Ask) -> Row:
    """Return the workforce that is named, or the Region's only one."""
    name = ask.params.get("WorkforceName")
    found = [row for row in ask.others("Workforce") if name is None or row.name == name]
    if not found:
        raise invalid(
            f"No workforce found with name {name} in this account and region."
            if name
            else "No workforce found in this account and region; create one first."
        )
    if found[0].body["Status"] == "Deleting":
        raise invalid(f"Workforce {found[0].arn} is being deleted.")
    return found[0]


def _members_alike(ask: Ask) -> None:
    members: list[Json] = ask.params.get("MemberDefinitions", [])
    cognito = [one["CognitoMemberDefinition"] for one in members if "CognitoMemberDefinition" in one]
    oidc = [one for one in members if "OidcMemberDefinition" in one]
    if len(cognito) + len(oidc) != len(members) or (cognito and oidc):
        raise invalid("MemberDefinitions must all be Cognito or all be OIDC member definitions.")
    if len({(one["UserPool"], one["ClientId"]) for one in cognito}) > 1:
        raise invalid("All Cognito member definitions must have the same ClientId and UserPool.")


def _members_fit(ask: Ask, workforce: Row) -> None:
    members: list[Json] = ask.params.get("MemberDefinitions", [])
    cognito = [one["CognitoMemberDefinition"] for one in members if "CognitoMemberDefinition" in one]
    if members and bool(cognito) == ("OidcConfig" in workforce.body):
        raise invalid("The member definitions do not fit the identity provider of the workforce.")
    pool = workforce.body.get("CognitoConfig", {}).get("UserPool")
    if cognito and cognito[0]["UserPool"] != pool:
        raise invalid(f"UserPool {cognito[0]['UserPool']} is not the user pool of the workforce.")


def _fits_the_workforce(ask: Ask) -> None:
    _members_fit(ask, _workforce(ask))


def _below_the_limit(ask: Ask) -> None:
    limit, teams = ask.knobs.workteams_limit, ask.others("Workteam")
    if len(teams) >= limit:
        raise over_quota("Number of work teams", limit, len(teams), "Teams")


def _still_fits(ask: Ask, row: Row) -> None:
    _members_alike(ask)
    workforce = ask.world.find(row.body["WorkforceArn"], ask.now)
    if workforce is not None:
        _members_fit(ask, workforce)


def _no_labeling(ask: Ask, row: Row) -> None:
    """Refuse while people of the team are at work; neither rule nor words are documented."""
    jobs = [
        job
        for job in ask.others("LabelingJob")
        if job.body["HumanTaskConfig"]["WorkteamArn"] == row.arn and job.body["LabelingJobStatus"] in LABELING
    ]
    if jobs and ask.knobs.labeled_team_is_kept:
        raise WORKTEAM.busy.refusal(arn=row.arn, name=row.name)


def _birth(ask: Ask) -> Json:
    workforce = _workforce(ask)
    return {
        "WorkforceArn": workforce.arn,
        "SubDomain": workforce.body["SubDomain"],
        "NotificationConfiguration": ask.params.get("NotificationConfiguration", {}),
        "WorkerAccessConfiguration": ask.params.get("WorkerAccessConfiguration", {"S3Presign": {}}),
    }


def _change(ask: Ask, row: Row) -> Row:
    sent = {k: v for k, v in ask.params.items() if k != "WorkteamName"}
    return replace(row, body=row.body | sent)


WORKTEAM = Kind(
    name="Workteam",
    path="workteam/private-crowd",
    missing=Phrase("ValidationException", "The work team {arn} does not exist."),
    exists=Phrase("ResourceInUse", "Work team {arn} already exists."),
    busy=Phrase("ResourceInUse", "The work team {arn} is in use by a labeling job."),
    listing=Listing(key="Workteams"),
    within="Workteam",
    created="CreateDate",
    modified="LastUpdatedDate",
    unkept=frozenset({"WorkforceName"}),
    guards=(_members_alike, _fits_the_workforce, _below_the_limit),
    update_guards=(_still_fits,),
    delete_guards=(_no_labeling,),
    birth=_birth,
    change=_change,
    delete_response={"Success": True},
)
