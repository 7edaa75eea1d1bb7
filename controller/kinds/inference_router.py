"""InferenceRouter: routes requests to endpoints and inference components, also of other accounts and Regions."""

from types import MappingProxyType

from controller.kinds.defaults import ServiceValue
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, Lifecycle, Write
from controller.kinds.rule import Form, If, Unique

_TARGETS = "RoutingTargets"
_DESTINATIONS = f"{_TARGETS}[].Destinations"
_REFERENCE = "API reference, RoutingTarget"

# A destination is an ARN that need not exist, and may be of another account: no link, but it may be the output
# ``${Endpoint/NAME.arn}``.
INFERENCE_ROUTER = Kind(
    name="InferenceRouter",
    compare=Compare(
        keyed=MappingProxyType({_TARGETS: "Name"}),
        unordered=(_DESTINATIONS,),  # the API reference gives their order no meaning
        # API reference, RoutingTarget (LocalRegionFirst) and its ClientConfig (900 seconds). The status of a
        # destination is computed, and differs between callers.
        defaults=MappingProxyType(
            {
                f"{_TARGETS}[].RoutingPreference": "LocalRegionFirst",
                f"{_TARGETS}[].AsyncInferenceConfig.ClientConfig.MaxTimeInBacklogSeconds": 900,
                f"{_DESTINATIONS}[].RoutingStatus": ServiceValue.MADE,
            }
        ),
    ),
    write=Write(
        outputs=(f"{_DESTINATIONS}[].RoutingStatus",),  # API reference, Destination: ignored in requests
        rules=(
            Unique((_TARGETS,), "Name", source=f"{_REFERENCE}: Name"),
            Unique(
                ("Destinations",), "ResourceArn", within=f"{_TARGETS}[]", source=f"{_REFERENCE}: Destinations"
            ),
            Form(
                "RoutingPreference",
                "InstancePoolOrder",
                "not be InstancePoolOrder without asyncInferenceConfig",
                never=True,
                when=(If("AsyncInferenceConfig", holds=False),),
                within=f"{_TARGETS}[]",
                source=f"{_REFERENCE}: RoutingPreference",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        # API reference, UpdateInferenceRouter: about two minutes
        usual_seconds=120,
        reasons=("StatusReason",),
        consequences=(Consequence(ENDS, Impact.INTERRUPTS, "this router will stop routing requests"),),
    ),
)
