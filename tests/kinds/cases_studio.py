"""The cases of a Studio domain and its contents."""

from collections.abc import Mapping

from tests.journeys import studio
from tests.journeys.documents import ROLE
from tests.journeys.stage import document_text
from tests.kinds.case import Case

_ROLE = f"defaultUserSettings: {{executionRole: '{ROLE}'}}"
_PLAIN = document_text("Domain", "studio", f"domainName: studio\nauthMode: IAM\n{_ROLE}")
_SSO = document_text("Domain", "studio", f"domainName: studio\nauthMode: SSO\n{_ROLE}")
_NETWORK = "vpcId: vpc-1\nsubnetIds: [subnet-1]"
_RSTUDIO = f"domainSettings: {{rStudioServerProDomainSettings: {{domainExecutionRoleArn: '{ROLE}'}}}}"
_FIRST = "singleSignOnUserIdentifier: UserName\nsingleSignOnUserValue: ada"


def _domain(before: str, after: str) -> tuple[str, str]:
    return f"authMode: IAM\n{before}", f"authMode: IAM\n{after}"


STUDIO: Mapping[str, Case] = {
    "Domain": Case(
        "studio",
        "domainName: studio",
        changes={
            "DefaultUserSettings": _domain(
                f"defaultUserSettings: {{executionRole: '{ROLE}', securityGroups: [sg-1]}}",
                f"defaultUserSettings: {{executionRole: '{ROLE}', securityGroups: [sg-2]}}",
            ),
            "DefaultSpaceSettings": _domain(
                f"{_ROLE}\ndefaultSpaceSettings: {{executionRole: '{ROLE}'}}",
                f"{_ROLE}\ndefaultSpaceSettings: {{executionRole: '{ROLE}', securityGroups: [sg-1]}}",
            ),
            "DomainSettings": _domain(
                f"{_ROLE}\ndomainSettings: {{securityGroupIds: [sg-1]}}",
                f"{_ROLE}\n{_RSTUDIO[:-1]}, securityGroupIds: [sg-2]}}",
            ),
            "SubnetIds": _domain(
                f"{_ROLE}\n{_NETWORK}", f"{_ROLE}\n{_NETWORK.replace('subnet-1', 'subnet-2')}"
            ),
            "VpcId": _domain(_ROLE, f"{_ROLE}\nvpcId: vpc-1"),
            "AppNetworkAccessType": _domain(
                f"{_ROLE}\n{_NETWORK}", f"{_ROLE}\n{_NETWORK}\nappNetworkAccessType: VpcOnly"
            ),
            "AppSecurityGroupManagement": _domain(
                f"{_ROLE}\n{_RSTUDIO}", f"{_ROLE}\n{_RSTUDIO}\nappSecurityGroupManagement: Customer"
            ),
            "HomeEfsFileSystemCreation": _domain(
                f"{_ROLE}\nhomeEfsFileSystemCreation: Disabled",
                f"{_ROLE}\nhomeEfsFileSystemCreation: Enabled",
            ),
            "TagPropagation": _domain(_ROLE, f"{_ROLE}\ntagPropagation: ENABLED"),
        },
        frozen=(f"{_ROLE}\nauthMode: IAM", f"{_ROLE}\nauthMode: SSO"),
    ),
    "UserProfile": Case(
        "ada",
        "domainId: studio\nuserProfileName: ada",
        changes={
            "UserSettings": (
                f"{_FIRST}\nuserSettings: {{securityGroups: [sg-1]}}",
                f"{_FIRST}\nuserSettings: {{securityGroups: [sg-2]}}",
            ),
        },
        frozen=(_FIRST, _FIRST.replace("ada", "grace")),
        needs=(_SSO,),
    ),
    "Space": Case(
        "notes",
        "domainId: studio\nspaceName: notes",
        changes={
            "SpaceSettings": (
                "spaceSettings: {remoteAccess: DISABLED}",
                "spaceSettings: {remoteAccess: ENABLED}",
            ),
            "SpaceDisplayName": ("spaceDisplayName: one", "spaceDisplayName: two"),
        },
        frozen=(
            (
                "ownershipSettings: {ownerUserProfileName: ada}\nspaceSharingSettings: {sharingType: Shared}\n"
                "spaceSettings: {appType: JupyterLab}"
            ),
            (
                "ownershipSettings: {ownerUserProfileName: ada}\nspaceSharingSettings: {sharingType: Private}\n"
                "spaceSettings: {appType: JupyterLab}"
            ),
        ),
        needs=(_PLAIN, studio.USER_PROFILE),
    ),
    "App": Case(
        "ada-canvas",
        "domainId: studio\nuserProfileName: ada\nappType: Canvas\nappName: default",
        frozen=("", "recoveryMode: true"),
        needs=(_PLAIN, studio.USER_PROFILE),
    ),
}
