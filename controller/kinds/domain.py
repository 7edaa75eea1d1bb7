"""Domain: the users of Studio, their settings and their files; the service assigns its ID."""

from types import MappingProxyType

from controller.core.phase import Action
from controller.kinds.columns import AssignedIdentity, DeleteBlocker
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires
from controller.kinds.studio import (
    SHARED_SPACE,
    STATUS_PHASES,
    USER,
    USER_DEFAULTS,
    resource_spec_links,
    settings_cleared,
    settings_links,
    settings_lists,
    settings_rules,
)

_USER, _SPACE = "DefaultUserSettings", "DefaultSpaceSettings"
_RSTUDIO = "DomainSettings.RStudioServerProDomainSettings"

DOMAIN = Kind(
    name="Domain",
    identity=KindIdentity(
        arn_parts=("DomainId",),
        found_by=AssignedIdentity(when="DomainName", matches=("DomainName",)),
        unique=("DomainName",),
        links=(
            *settings_links(_USER, USER),
            *settings_links(_SPACE, SHARED_SPACE),
            *resource_spec_links(f"{_RSTUDIO}.DefaultResourceSpec"),
        ),
    ),
    compare=Compare(
        unordered=(
            "SubnetIds",
            "DomainSettings.SecurityGroupIds",
            "DomainSettings.DockerSettings.VpcOnlyTrustedAccounts",
            *settings_lists(_USER, USER),
            *settings_lists(_SPACE, SHARED_SPACE),
        ),
        # API reference, CreateDomain, and what STUDIO's settings are filled with
        defaults=MappingProxyType(
            {
                "AppNetworkAccessType": "PublicInternetOnly",
                "TagPropagation": "DISABLED",
                "HomeEfsFileSystemCreation": "Enabled",
                "DomainSettings.IpAddressType": "ipv4",
                **{f"{_USER}.{member}": value for member, value in USER_DEFAULTS.items()},
            }
        ),
    ),
    write=Write(
        merges=True,
        cleared=MappingProxyType(
            {
                "DomainSettings.SecurityGroupIds": (),
                "DomainSettings.DockerSettings.VpcOnlyTrustedAccounts": (),
                **settings_cleared(_USER, USER),
                **settings_cleared(_SPACE, SHARED_SPACE),
            }
        ),
        renamed=MappingProxyType(
            {
                "DomainSettings": "DomainSettingsForUpdate",
                _RSTUDIO: "RStudioServerProDomainSettingsForUpdate",
            }
        ),
        # terraform-provider-aws#45528: "VpcId and Subnet IDs are required for updating domains to VpcOnly mode."
        sent_with=MappingProxyType({"AppNetworkAccessType": ("VpcId", "SubnetIds")}),
        rules=(
            *settings_rules(_USER, USER),
            *settings_rules(_SPACE, SHARED_SPACE),
            *(
                Requires(
                    member,
                    (If("AppNetworkAccessType", ("VpcOnly",)),),
                    source="API reference, CreateDomain: AppNetworkAccessType",
                )
                for member in ("VpcId", "SubnetIds")
            ),
        ),
    ),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType(STATUS_PHASES),
        irreplaceable="a new domain has another ID and another file system, so every user would lose profile, spaces"
        " and files",
        delete_blockers=(DeleteBlocker("ListUserProfiles"), DeleteBlocker("ListSpaces", cascades=True)),
        consequences=(
            Consequence(
                ENDS,
                Impact.INTERRUPTS,
                "nobody can open Studio in this domain any more; its file system with the home directories stays in"
                " EFS, and is charged",
            ),
            Consequence(
                frozenset({Action.UPDATE}),
                Impact.INTERRUPTS,
                "running apps keep the settings that they were started with",
                members=(_USER, _SPACE),
            ),
        ),
    ),
    display=Display(columns=(DisplayColumn("DomainId"), DisplayColumn("Url"))),
)
