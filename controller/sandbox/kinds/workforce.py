"""Workforce: one per account and Region, of Cognito or OIDC members."""

from dataclasses import replace

from controller.sandbox.kind import Kind, Life, Listing
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, Refusal, invalid

CIDRS = 10


def _one_identity_provider(ask: Ask) -> None:
    given = [name for name in ("CognitoConfig", "OidcConfig") if name in ask.params]
    if len(given) != 1:
        raise invalid("Exactly one of CognitoConfig and OidcConfig must be provided.")


def _only_one(ask: Ask) -> None:
    others = [row for row in ask.others("Workforce") if row.name != ask.params["WorkforceName"]]
    if others:
        raise invalid(
            f"Only one private workforce is allowed per account and region: {others[0].arn} exists already."
        )


def _few_cidrs(ask: Ask) -> None:
    cidrs = ask.params.get("SourceIpConfig", {}).get("Cidrs", [])
    if len(cidrs) > CIDRS:
        raise invalid(f"A workforce can have at most {CIDRS} CIDRs, but {len(cidrs)} were provided.")


def _oidc_is_free_to_change(ask: Ask, row: Row) -> None:
    _few_cidrs(ask)
    if "OidcConfig" not in ask.params:
        return
    if "OidcConfig" not in row.body:
        raise invalid("OidcConfig cannot be set on a workforce that uses Amazon Cognito.")
    if ask.others("Workteam"):
        raise invalid("The OIDC configuration cannot be updated while work teams exist.")


def _no_teams(ask: Ask, row: Row) -> None:
    teams = [team for team in ask.others("Workteam") if team.body.get("WorkforceArn") == row.arn]
    if teams:
        raise Refusal(
            "ResourceInUse", f"Workforce {row.arn} has {len(teams)} work team(s); delete them first."
        )


def _private(params: Json, region: str) -> Json:
    """Tell what the server makes of the parts that it changes: no secret is kept, a VPC endpoint is made."""
    made: Json = {}
    if "OidcConfig" in params:
        made["OidcConfig"] = {k: v for k, v in params["OidcConfig"].items() if k != "ClientSecret"}
    if params.get("WorkforceVpcConfig", {}).get("VpcId"):
        endpoint = f"vpce-{region.replace('-', '')}0123456789"[:21]
        made["WorkforceVpcConfig"] = params["WorkforceVpcConfig"] | {"VpcEndpointId": endpoint}
    return made


def _birth(ask: Ask) -> Json:
    ips: Json = {"SourceIpConfig": {"Cidrs": []}} if ask.knobs.unset_ip_config else {}
    given = {k: v for k, v in ask.params.items() if k == "SourceIpConfig"}
    portal = {"SubDomain": f"sandbox0.labeling.{ask.account.region}.sagemaker.aws"}
    return (
        ips
        | given
        | portal
        | {"IpAddressType": ask.params.get("IpAddressType", "ipv4")}
        | _private(ask.params, ask.account.region)
    )


def _change(ask: Ask, row: Row) -> Row:
    sent = {k: v for k, v in ask.params.items() if k != "WorkforceName"} | _private(
        ask.params, ask.account.region
    )
    settled = ask.after(ask.knobs.workforce_updating, {"Status": "Active"})
    settled = replace(settled, put=settled.put | {"LastUpdatedDate": settled.at})
    return replace(row, body=row.body | sent | {"Status": "Updating"}, due=(settled,))


WORKFORCE = Kind(
    name="Workforce",
    path="workforce",
    missing=Phrase("ValidationException", "No workforce found with name {name} in this account and region."),
    exists=Phrase("ValidationException", "Workforce {arn} already exists."),
    busy=Phrase("ConflictException", "Workforce {arn} is being created, updated or deleted."),
    listing=Listing(key="Workforces", sort="CreateDate"),
    life=Life(
        status="Status",
        growth=(("Initializing", lambda ask: ask.knobs.workforce_creating),),
        stable="Active",
        death=lambda ask: ask.knobs.workforce_deleting,
        busy=frozenset({"Initializing", "Updating", "Deleting"}),
    ),
    within="Workforce",
    created="CreateDate",
    modified="LastUpdatedDate",
    guards=(_one_identity_provider, _only_one, _few_cidrs),
    update_guards=(_oidc_is_free_to_change,),
    delete_guards=(_no_teams,),
    birth=_birth,
    change=_change,
)
