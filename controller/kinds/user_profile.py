"""UserProfile: one user of a domain, with settings of their own."""

from types import MappingProxyType

from controller.kinds.columns import DeleteBlocker, Link, TargetForm
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires
from controller.kinds.studio import (
    STATUS_PHASES,
    USER,
    USER_DEFAULTS,
    settings_cleared,
    settings_links,
    settings_lists,
    settings_rules,
)

# Failed and Deleted apps do not count (developer guide, Delete a domain).
LIVE_APPS = frozenset({"Pending", "InService", "Deleting"})

USER_PROFILE = Kind(
    name="UserProfile",
    identity=KindIdentity(
        key=("DomainId", "UserProfileName"),
        links=(Link("DomainId", "Domain", TargetForm.ID), *settings_links("UserSettings", USER)),
        arns=("user-profile/{DomainId}/{UserProfileName}",),
    ),
    compare=Compare(
        unordered=settings_lists("UserSettings", USER),
        defaults=MappingProxyType(
            {f"UserSettings.{member}": value for member, value in USER_DEFAULTS.items()}
        ),
    ),
    write=Write(
        merges=True,
        cleared=MappingProxyType(settings_cleared("UserSettings", USER)),
        rules=(
            *settings_rules("UserSettings", USER),
            Requires(
                "SingleSignOnUserValue",
                (If("SingleSignOnUserIdentifier"),),
                source="API reference, CreateUserProfile: SingleSignOnUserIdentifier",
            ),
            Requires(
                "SingleSignOnUserIdentifier",
                (If("SingleSignOnUserValue"),),
                source="API reference, CreateUserProfile: SingleSignOnUserValue",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType(STATUS_PHASES),
        irreplaceable="a new profile has another home directory, and its user's spaces and their volumes would be lost",
        delete_blockers=(
            DeleteBlocker("ListApps", states=LIVE_APPS, cascades=True),
            DeleteBlocker("ListSpaces", by="OwnershipSettingsSummary.OwnerUserProfileName", cascades=True),
        ),
        consequences=(
            Consequence(
                ENDS,
                Impact.LOSES,
                "this user can't open Studio any more; the home directory stays in EFS, and belongs to nobody",
            ),
        ),
    ),
)
