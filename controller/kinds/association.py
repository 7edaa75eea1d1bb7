"""Association: an edge of the lineage graph; the ordered pair of its ends is all the identity it has."""

from types import MappingProxyType

from controller.kinds.defaults import Filled
from controller.kinds.kind import By, Kind, Link, Succession, Verbs

_ENDS = ("Action", "Artifact", "Context", "Experiment", "TrialComponent")

ASSOCIATION = Kind(
    name="Association",
    plural="Associations",
    verbs=Verbs(create="AddAssociation", describe="ListAssociations"),
    key=("SourceArn", "DestinationArn"),
    links=tuple(Link(end, kind, By.ARN) for end in ("SourceArn", "DestinationArn") for kind in _ENDS),
    succession=Succession(hashed=False),
    defaults=MappingProxyType({"AssociationType": Filled.CHOSEN}),  # which one is not documented
    arns=("{SourceArn}", "{DestinationArn}"),
)
