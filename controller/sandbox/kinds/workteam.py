"""Workforce and Workteam."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid, over_quota

CIDRS = 10


def _one_identity_provider(request: OperationRequest) -> None:
    given = [name for name in ("CognitoConfig", "OidcConfig") if name in request.params]
    if len(given) != 1:
        raise invalid("Exactly one of CognitoConfig and OidcConfig must be provided.")


def _only_one(request: OperationRequest) -> None:
    others = [row for row in request.rows_of("Workforce") if row.name != request.params["WorkforceName"]]
    if others:
        raise invalid(
            f"Only one private workforce is allowed per account and region: {others[0].arn} exists already."
        )


def _few_cidrs(request: OperationRequest) -> None:
    cidrs = request.params.get("SourceIpConfig", {}).get("Cidrs", [])
    if len(cidrs) > CIDRS:
        raise invalid(f"A workforce can have at most {CIDRS} CIDRs, but {len(cidrs)} were provided.")


def _oidc_is_free_to_change(request: OperationRequest, row: Row) -> None:
    _few_cidrs(request)
    if "OidcConfig" not in request.params:
        return
    if "OidcConfig" not in row.body:
        raise invalid("OidcConfig cannot be set on a workforce that uses Amazon Cognito.")
    if request.rows_of("Workteam"):
        raise invalid("The OIDC configuration cannot be updated while work teams exist.")


def _no_teams(request: OperationRequest, row: Row) -> None:
    teams = [team for team in request.rows_of("Workteam") if team.body.get("WorkforceArn") == row.arn]
    if teams:
        raise ServiceError(
            "ResourceInUse", f"Workforce {row.arn} has {len(teams)} work team(s); delete them first."
        )


def _private(params: Json, region: str) -> Json:
    """Return the members that the service changes: the secret is removed, a VPC endpoint is created."""
    made: Json = {}
    if "OidcConfig" in params:
        made["OidcConfig"] = {k: v for k, v in params["OidcConfig"].items() if k != "ClientSecret"}
    if params.get("WorkforceVpcConfig", {}).get("VpcId"):
        endpoint = f"vpce-{region.replace('-', '')}0123456789"[:21]
        made["WorkforceVpcConfig"] = params["WorkforceVpcConfig"] | {"VpcEndpointId": endpoint}
    return made


def _initial(request: OperationRequest) -> Json:
    ips: Json = {"SourceIpConfig": {"Cidrs": []}} if request.knobs.unset_ip_config else {}
    given = {k: v for k, v in request.params.items() if k == "SourceIpConfig"}
    portal = {"SubDomain": f"sandbox0.labeling.{request.account.region}.sagemaker.aws"}
    return (
        ips
        | given
        | portal
        | {"IpAddressType": request.params.get("IpAddressType", "ipv4")}
        | _private(request.params, request.account.region)
    )


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {k: v for k, v in request.params.items() if k != "WorkforceName"} | _private(
        request.params, request.account.region
    )
    fails = request.effect.fails
    last: Json = {"Status": "Active"}
    if fails is not None:
        sent, last = {}, {"Status": "Failed", "FailureReason": fails}
    settled = request.step_after(request.knobs.workforce_updating, last, () if fails else ("FailureReason",))
    settled = replace(settled, put=settled.put | {"LastUpdatedDate": settled.at})
    return replace(row, body=row.body | sent | {"Status": "Updating"}, due=(settled,))


WORKFORCE = SandboxKind(
    name="Workforce",
    path="workforce",
    missing=Phrase("ValidationException", "No workforce found with name {name} in this account and region."),
    exists=Phrase("ValidationException", "Workforce {arn} already exists."),
    busy=Phrase("ConflictException", "Workforce {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="Workforces", sort="CreateDate"),
    life=StateSequence(
        status="Status",
        growth=(("Initializing", lambda request: request.knobs.workforce_creating),),
        stable="Active",
        deletion_seconds=lambda request: request.knobs.workforce_deleting,
        busy=frozenset({"Initializing", "Updating", "Deleting"}),
    ),
    within="Workforce",
    created="CreateDate",
    modified="LastUpdatedDate",
    guards=(_one_identity_provider, _only_one, _few_cidrs),
    update_guards=(_oidc_is_free_to_change,),
    delete_guards=(_no_teams,),
    initial=_initial,
    change=_change,
)


LABELING = frozenset({"Initializing", "InProgress", "Stopping"})


def _workforce(request: OperationRequest) -> Row:
    """Return the given workforce, or the Region's only one."""
    name = request.params.get("WorkforceName")
    found = [row for row in request.rows_of("Workforce") if name is None or row.name == name]
    if not found:
        raise invalid(
            f"No workforce found with name {name} in this account and region."
            if name
            else "No workforce found in this account and region; create one first."
        )
    if found[0].body["Status"] == "Deleting":
        raise invalid(f"Workforce {found[0].arn} is being deleted.")
    return found[0]


def _members_alike(request: OperationRequest) -> None:
    members: list[Json] = request.params.get("MemberDefinitions", [])
    cognito = [one["CognitoMemberDefinition"] for one in members if "CognitoMemberDefinition" in one]
    oidc = [one for one in members if "OidcMemberDefinition" in one]
    if len(cognito) + len(oidc) != len(members) or (cognito and oidc):
        raise invalid("MemberDefinitions must all be Cognito or all be OIDC member definitions.")
    if len({(one["UserPool"], one["ClientId"]) for one in cognito}) > 1:
        raise invalid("All Cognito member definitions must have the same ClientId and UserPool.")


def _members_fit(request: OperationRequest, workforce: Row) -> None:
    members: list[Json] = request.params.get("MemberDefinitions", [])
    cognito = [one["CognitoMemberDefinition"] for one in members if "CognitoMemberDefinition" in one]
    if members and bool(cognito) == ("OidcConfig" in workforce.body):
        raise invalid("The member definitions do not fit the identity provider of the workforce.")
    pool = workforce.body.get("CognitoConfig", {}).get("UserPool")
    if cognito and cognito[0]["UserPool"] != pool:
        raise invalid(f"UserPool {cognito[0]['UserPool']} is not the user pool of the workforce.")


def _fits_the_workforce(request: OperationRequest) -> None:
    _members_fit(request, _workforce(request))


def _below_the_limit(request: OperationRequest) -> None:
    limit, teams = request.knobs.workteams_limit, request.rows_of("Workteam")
    if len(teams) >= limit:
        raise over_quota("Number of work teams", limit, len(teams), "Teams")


def _still_fits(request: OperationRequest, row: Row) -> None:
    _members_alike(request)
    workforce = request.state.find(row.body["WorkforceArn"], request.now)
    if workforce is not None:
        _members_fit(request, workforce)


def _no_labeling(request: OperationRequest, row: Row) -> None:
    """Refuse while members of the team are working; neither rule nor message are documented."""
    jobs = [
        job
        for job in request.rows_of("LabelingJob")
        if job.body["HumanTaskConfig"]["WorkteamArn"] == row.arn and job.body["LabelingJobStatus"] in LABELING
    ]
    if jobs and request.knobs.labeled_team_is_kept:
        raise WORKTEAM.busy.refusal(arn=row.arn, name=row.name)


def _workteam_initial(request: OperationRequest) -> Json:
    workforce = _workforce(request)
    return {
        "WorkforceArn": workforce.arn,
        "SubDomain": workforce.body["SubDomain"],
        "NotificationConfiguration": request.params.get("NotificationConfiguration", {}),
        "WorkerAccessConfiguration": request.params.get("WorkerAccessConfiguration", {"S3Presign": {}}),
    }


def _workteam_change(request: OperationRequest, row: Row) -> Row:
    sent = {k: v for k, v in request.params.items() if k != "WorkteamName"}
    return replace(row, body=row.body | sent)


WORKTEAM = SandboxKind(
    name="Workteam",
    path="workteam/private-crowd",
    missing=Phrase("ValidationException", "The work team {arn} does not exist."),
    exists=Phrase("ResourceInUse", "Work team {arn} already exists."),
    busy=Phrase("ResourceInUse", "The work team {arn} is in use by a labeling job."),
    listing=ListDefaults(key="Workteams"),
    within="Workteam",
    created="CreateDate",
    modified="LastUpdatedDate",
    instructions=frozenset({"WorkforceName"}),
    guards=(_members_alike, _fits_the_workforce, _below_the_limit),
    update_guards=(_still_fits,),
    delete_guards=(_no_labeling,),
    initial=_workteam_initial,
    change=_workteam_change,
    delete_response={"Success": True},
)
