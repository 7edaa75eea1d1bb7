"""Space: storage and settings of apps, of one user or shared."""

from types import MappingProxyType

from controller.kinds.columns import Body, DeleteBlocker, Link, TargetForm
from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires
from controller.kinds.studio import SPACE as FORM
from controller.kinds.studio import (
    STATUS_PHASES,
    settings_cleared,
    settings_links,
    settings_lists,
    settings_rules,
)
from controller.kinds.user_profile import LIVE_APPS

_SETTINGS, _OWNER, _SHARING = "SpaceSettings", "OwnershipSettings", "SpaceSharingSettings"


def without_app_type(params: Body, _now: Body, _desired: Body) -> Body:
    """Leave AppType out: UpdateSpace refuses it even where it is the same (terraform-provider-aws#38370)."""
    settings = params.get(_SETTINGS)
    if not isinstance(settings, dict) or "AppType" not in settings:
        return params
    return {**params, _SETTINGS: {name: value for name, value in settings.items() if name != "AppType"}}


SPACE = Kind(
    name="Space",
    identity=KindIdentity(
        key=("DomainId", "SpaceName"),
        links=(
            Link("DomainId", "Domain", TargetForm.ID),
            Link(f"{_OWNER}.OwnerUserProfileName", "UserProfile"),
            *settings_links(_SETTINGS, FORM),
        ),
        arns=("space/{DomainId}/{SpaceName}",),
    ),
    compare=Compare(
        unordered=settings_lists(_SETTINGS, FORM),
        # The volume's size defaults to the domain's (the Terraform provider: computed).
        defaults=MappingProxyType(
            {f"{_SETTINGS}.SpaceStorageSettings.EbsStorageSettings.EbsVolumeSizeInGb": ServiceValue.CHOSEN}
        ),
    ),
    write=Write(
        merges=True,
        cleared=MappingProxyType(settings_cleared(_SETTINGS, FORM)),
        immutable=(
            f"{_SETTINGS}.AppType",
        ),  # terraform-provider-aws#38370: Updating AppType is not supported
        amend=without_app_type,
        rules=(
            *settings_rules(_SETTINGS, FORM),
            # The Terraform provider, resource aws_sagemaker_space: each requires the other.
            Requires(_SHARING, (If(_OWNER),), source="Terraform provider, aws_sagemaker_space"),
            Requires(_OWNER, (If(_SHARING),), source="Terraform provider, aws_sagemaker_space"),
            Requires(
                _SETTINGS,
                (If(f"{_SHARING}.SharingType", ("Private",)),),
                source="terraform-provider-aws#38370: SpaceSettings must be provided for creating private space",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType(STATUS_PHASES),
        irreplaceable="the volume with its users' files is deleted with a space",
        delete_blockers=(DeleteBlocker("ListApps", states=LIVE_APPS, cascades=True),),
        consequences=(
            # developer guide, "Delete a space"
            Consequence(ENDS, Impact.LOSES, "its volume in EBS is deleted with the files on it"),
        ),
    ),
    display=Display(short_name="smspc"),  # ServicecatalogPortfolio has smsp
)
