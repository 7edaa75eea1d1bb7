"""App: a running application of a user or in a space. It can't be changed; a deleted one is still shown for a day."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import Link, TargetForm
from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice
from controller.kinds.studio import resource_spec_links

APP = Kind(
    name="App",
    identity=KindIdentity(
        key=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
        links=(
            Link("DomainId", "Domain", TargetForm.ID),
            Link("UserProfileName", "UserProfile"),
            Link("SpaceName", "Space"),
            *resource_spec_links("ResourceSpec"),
        ),
        arns=(
            "app/{DomainId}/{UserProfileName}/{AppType}/{AppName}",
            "app/{DomainId}/{SpaceName}/{AppType}/{AppName}",
        ),
    ),
    compare=Compare(
        # Omitted values come from domain, profile or space (API reference, CreateApp: ResourceSpec).
        defaults=MappingProxyType(
            {
                "RecoveryMode": False,
                **{
                    f"ResourceSpec.{member}": ServiceValue.CHOSEN
                    for member in (
                        "SageMakerImageArn",
                        "SageMakerImageVersionArn",
                        "SageMakerImageVersionAlias",
                        "InstanceType",
                        "LifecycleConfigArn",
                    )
                },
            }
        ),
    ),
    write=Write(
        rules=(
            Choice(
                ("UserProfileName", "SpaceName"),
                source="API reference, CreateApp: SpaceName or UserProfileName",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        # A deleted app is described for 24 hours (API reference, DescribeApp: CreationTime).
        status_phases=MappingProxyType({"Deleted": Phase.ABSENT}),
        consequences=(
            Consequence(ENDS, Impact.INTERRUPTS, "the app stops: its kernels end, and unsaved work is lost"),
        ),
    ),
)
