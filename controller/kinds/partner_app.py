"""PartnerApp: an application of another vendor that the service runs. The service assigns its ARN.

Its upgrades are left to EnableAutoMinorVersionUpgrade: AppVersion is a member of Update only.
"""

from types import MappingProxyType

from controller.core.phase import Action, Phase
from controller.kinds.columns import FoundBy
from controller.kinds.defaults import Filled
from controller.kinds.display import Show
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Needs

_CONFIG = "ApplicationConfig"
_LISTS = (f"{_CONFIG}.AdminUsers", f"{_CONFIG}.AssignedGroupPatterns")
_ASSIGNMENTS = f"{_CONFIG}.RoleGroupAssignments"

PARTNER_APP = Kind(
    name="PartnerApp",
    identity=KindIdentity(
        # CDK, CfnPartnerApp: the name is unique within account and Region.
        found_by=FoundBy(when="Name", matches=("Name",)),
        unique=("Name",),
    ),
    compare=Compare(
        # CloudFormation's schema: unique, in no order.
        unordered=(*_LISTS, f"{_ASSIGNMENTS}[].GroupPatterns"),
        keyed=MappingProxyType({_ASSIGNMENTS: "RoleName"}),
        # API reference, CreatePartnerApp: EnableAutoMinorVersionUpgrade. That the service chooses a window, and shows
        # the other switch where nobody set it, is unverified.
        defaults=MappingProxyType(
            {
                "EnableAutoMinorVersionUpgrade": False,
                "EnableIamSessionBasedIdentity": False,
                "MaintenanceConfig": Filled.CHOSEN,
            }
        ),
    ),
    write=Write(
        rules=(
            Needs(
                "IdcConfig", (If("AuthType", ("IDC",)),), source="API reference, CreatePartnerApp: IdcConfig"
            ),
        ),
        # API reference, PartnerAppConfig: an empty list of patterns switches groups off; others may be as empty.
        cleared=MappingProxyType(
            {
                "EnableAutoMinorVersionUpgrade": False,
                "EnableIamSessionBasedIdentity": False,
                **dict.fromkeys((*_LISTS, _ASSIGNMENTS), ()),
            }
        ),
        # API reference, UpdatePartnerApp: AuthType changes from IAM to IDC only, which its configuration is for.
        kept=("MaintenanceConfig", "IdcConfig"),
    ),
    lifecycle=Lifecycle(
        reasons=("Error.Reason",),
        # The enumeration PartnerAppStatus and DescribePartnerApp: after UpdateFailed the app runs as before.
        status_phases=MappingProxyType(
            {"Available": Phase.READY, "UpdateFailed": Phase.FAILED, "Deleted": Phase.ABSENT}
        ),
        consequences=(
            Consequence(
                ENDS,
                Impact.LOSES,
                "all data of the app is deleted, and a new app has another ARN and another URL",
            ),
            # API reference, DescribePartnerApp: Status
            Consequence(
                frozenset({Action.UPDATE}),
                Impact.INTERRUPTS,
                "the app is not available until the update is over",
                members=(
                    "MaintenanceConfig",
                    "Tier",
                    _CONFIG,
                    "IdcConfig",
                    "AuthType",
                    "EnableIamSessionBasedIdentity",
                    "EnableAutoMinorVersionUpgrade",
                ),
            ),
        ),
    ),
    display=Display(columns=(Show("Type"), Show("Tier"), Show("Version"), Show("BaseUrl"))),
)
