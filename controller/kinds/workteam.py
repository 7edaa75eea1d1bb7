"""Workteam: who labels. Its members are a set; its workforce comes back as an ARN."""

from types import MappingProxyType
from typing import Any

from controller.kinds.defaults import Filled
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Body, Gate, Kind, Link
from controller.kinds.rule import Alike, Choice

_COGNITO, _OIDC = "CognitoMemberDefinition", "OidcMemberDefinition"
_MEMBERS = "API reference, CreateWorkteam: MemberDefinitions"
_RULES = (
    Choice((_COGNITO, _OIDC), within="MemberDefinitions[]", source=_MEMBERS),
    Alike("MemberDefinitions", _COGNITO, source=_MEMBERS),
    Alike("MemberDefinitions", f"{_COGNITO}.UserPool", same=True, source=_MEMBERS),
    Alike("MemberDefinitions", f"{_COGNITO}.ClientId", same=True, source=_MEMBERS),
)


def _workforce_name(body: Body) -> Any:
    arn = body.get("WorkforceArn")
    return arn.rsplit("/", 1)[-1] if isinstance(arn, str) else None


WORKTEAM = Kind(
    name="Workteam",
    plural="Workteams",
    within="Workteam",
    rules=_RULES,
    links=(Link("WorkforceName", "Workforce"),),
    consequences=(
        Consequence(
            ENDS, Impact.INTERRUPTS, "its workers see its labeling tasks no more; this can't be undone"
        ),
    ),
    after=("Workforce",),
    reads=MappingProxyType({"WorkforceName": _workforce_name}),
    delete_blockers=(
        Gate(
            "ListLabelingJobs",
            by="WorkteamArn",
            states=frozenset({"Initializing", "InProgress", "Stopping"}),
        ),
    ),
    cleared=MappingProxyType({"NotificationConfiguration": {}}),
    unordered=("MemberDefinitions", "MemberDefinitions[].OidcMemberDefinition.Groups"),
    # The account has one workforce, and a team is of it (API reference, CreateWorkforce). The presigning of S3
    # is filled where it is unset (Terraform provider, resource aws_sagemaker_workteam: computed).
    defaults=MappingProxyType({"WorkforceName": Filled.CHOSEN, "WorkerAccessConfiguration": Filled.CHOSEN}),
    # The private workforce stands between (API reference, DescribeWorkteam); IAM's list leaves it out.
    arns=("workteam/{}", "workteam/private-crowd/{}"),
)
