"""Workteam: the people who label. Its members are a set; Describe shows its workforce as an ARN."""

from types import MappingProxyType
from typing import Any

from controller.kinds.columns import Body, DeleteBlocker, Link
from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Uniform

_COGNITO, _OIDC = "CognitoMemberDefinition", "OidcMemberDefinition"
_MEMBERS = "API reference, CreateWorkteam: MemberDefinitions"
_RULES = (
    Choice((_COGNITO, _OIDC), within="MemberDefinitions[]", source=_MEMBERS),
    Uniform("MemberDefinitions", _COGNITO, source=_MEMBERS),
    Uniform("MemberDefinitions", f"{_COGNITO}.UserPool", same=True, source=_MEMBERS),
    Uniform("MemberDefinitions", f"{_COGNITO}.ClientId", same=True, source=_MEMBERS),
)


def _workforce_name(body: Body) -> Any:
    arn = body.get("WorkforceArn")
    return arn.rsplit("/", 1)[-1] if isinstance(arn, str) else None


WORKTEAM = Kind(
    name="Workteam",
    identity=KindIdentity(
        links=(Link("WorkforceName", "Workforce"),),
        after=("Workforce",),
        # The ARN includes the private workforce (API reference, DescribeWorkteam); IAM's list omits it.
        arns=("workteam/{}", "workteam/private-crowd/{}"),
    ),
    compare=Compare(
        within="Workteam",
        reads=MappingProxyType({"WorkforceName": _workforce_name}),
        unordered=("MemberDefinitions", "MemberDefinitions[].OidcMemberDefinition.Groups"),
        # The account has one workforce, and a team is of it (API reference, CreateWorkforce). The presigning of S3 has
        # a default (Terraform provider, resource aws_sagemaker_workteam: computed).
        defaults=MappingProxyType(
            {"WorkforceName": ServiceValue.CHOSEN, "WorkerAccessConfiguration": ServiceValue.CHOSEN}
        ),
    ),
    write=Write(
        rules=_RULES,
        cleared=MappingProxyType({"NotificationConfiguration": {}}),
    ),
    lifecycle=Lifecycle(
        consequences=(
            Consequence(
                ENDS, Impact.INTERRUPTS, "workers lose access to this team's tasks; this can't be undone"
            ),
        ),
        delete_blockers=(
            DeleteBlocker(
                "ListLabelingJobs",
                by="WorkteamArn",
                states=frozenset({"Initializing", "InProgress", "Stopping"}),
            ),
        ),
    ),
)
