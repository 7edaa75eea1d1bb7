"""Artifact: a lineage record of a thing, identified by its source alone."""

from types import MappingProxyType

from controller.kinds.columns import AssignedIdentity, Link
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import ASSOCIATED, PROJECT, PROPERTIES

ARTIFACT = Kind(
    name="Artifact",
    identity=KindIdentity(
        links=(Link("MetadataProperties.ProjectId", "Project", PROJECT),),
        # SageMaker SDK: a second artifact of a source is refused, whatever its name
        unique=("Source",),
        found_by=AssignedIdentity(
            when="Source",
            listed_by=MappingProxyType({"SourceUri": "Source.SourceUri"}),
            matches=("Source",),
        ),
    ),
    compare=Compare(
        unordered=("Source.SourceTypes",),
    ),
    write=Write(
        deltas=PROPERTIES,
    ),
    lifecycle=Lifecycle(
        status="",
        delete_blockers=ASSOCIATED,
    ),
)
