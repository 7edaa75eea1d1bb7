"""Association: an edge of the lineage graph, identified by the ordered pair of its ends."""

from types import MappingProxyType

from controller.kinds.columns import Generations, Link, TargetForm, Verbs
from controller.kinds.defaults import ServiceValue
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle

_ENDS = ("Action", "Artifact", "Context", "Experiment", "TrialComponent")

ASSOCIATION = Kind(
    name="Association",
    identity=KindIdentity(
        verbs=Verbs(create="AddAssociation", describe="ListAssociations"),
        key=("SourceArn", "DestinationArn"),
        links=tuple(
            Link(end, kind, TargetForm.ARN) for end in ("SourceArn", "DestinationArn") for kind in _ENDS
        ),
        arns=("{SourceArn}", "{DestinationArn}"),
    ),
    compare=Compare(
        defaults=MappingProxyType({"AssociationType": ServiceValue.CHOSEN}),  # undocumented
    ),
    lifecycle=Lifecycle(
        generations=Generations(hashed=False),
    ),
)
