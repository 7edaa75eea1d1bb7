"""PartnerApp: an application of another vendor that the service runs. The service assigns its ARN.

AppVersion is a member of Update only: an app is created with the version that the service chooses, and a document
upgrades it by another AppVersion.
"""

from types import MappingProxyType
from typing import Any

from controller.core.phase import Action, Phase
from controller.kinds.columns import AssignedIdentity, Body
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires

_CONFIG = "ApplicationConfig"
_LISTS = (f"{_CONFIG}.AdminUsers", f"{_CONFIG}.AssignedGroupPatterns")
_ASSIGNMENTS = f"{_CONFIG}.RoleGroupAssignments"


def _major_minor(body: Body) -> Any:
    """Describe shows the whole version, Update takes its first two numbers (the shape MajorMinorVersion)."""
    version = body.get("Version")
    return ".".join(version.split(".")[:2]) if isinstance(version, str) else None


PARTNER_APP = Kind(
    name="PartnerApp",
    identity=KindIdentity(
        # CDK, CfnPartnerApp: the name is unique within account and Region.
        found_by=AssignedIdentity(when="Name", matches=("Name",)),
        unique=("Name",),
    ),
    compare=Compare(
        reads=MappingProxyType({"AppVersion": _major_minor}),
        # An upgrade in the maintenance window is no drift, because it can't be reverted (API reference,
        # UpdatePartnerApp: "downgrades are not supported").
        rewritten=MappingProxyType({"AppVersion": ""}),
        # CloudFormation's schema: unique, in no order.
        unordered=(*_LISTS, f"{_ASSIGNMENTS}[].GroupPatterns"),
        keyed=MappingProxyType({_ASSIGNMENTS: "RoleName"}),
        # API reference, CreatePartnerApp: EnableAutoMinorVersionUpgrade. That the service chooses a window, and shows
        # the other switch where nobody set it, is unverified.
        defaults=MappingProxyType(
            {
                "AppVersion": ServiceValue.CHOSEN,
                "EnableAutoMinorVersionUpgrade": False,
                "EnableIamSessionBasedIdentity": False,
                "MaintenanceConfig": ServiceValue.CHOSEN,
            }
        ),
    ),
    write=Write(
        added=MappingProxyType(
            {"AppVersion": {"type": "string", "pattern": r"\d+\.\d+", "min": 0, "max": 64}}
        ),
        rules=(
            Requires(
                "IdcConfig", (If("AuthType", ("IDC",)),), source="API reference, CreatePartnerApp: IdcConfig"
            ),
        ),
        # API reference, PartnerAppConfig: an empty list of patterns disables groups; other lists may be empty too.
        cleared=MappingProxyType(
            {
                "EnableAutoMinorVersionUpgrade": False,
                "EnableIamSessionBasedIdentity": False,
                **dict.fromkeys((*_LISTS, _ASSIGNMENTS), ()),
            }
        ),
        # API reference, UpdatePartnerApp: AuthType changes from IAM to IDC only, which its configuration is for.
        kept=("MaintenanceConfig", "IdcConfig", "AppVersion"),
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
                    "AppVersion",
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
    display=Display(
        columns=(
            DisplayColumn("Type"),
            DisplayColumn("Tier"),
            DisplayColumn("Version"),
            DisplayColumn("BaseUrl"),
        )
    ),
)
