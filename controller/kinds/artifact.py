"""Artifact: a lineage record of a thing, known to the service by its source alone."""

from types import MappingProxyType

from controller.kinds.kind import FoundBy, Kind, Link
from controller.kinds.lineage import ASSOCIATED, PROJECT, PROPERTIES

ARTIFACT = Kind(
    name="Artifact",
    plural="Artifacts",
    status="",
    links=(Link("MetadataProperties.ProjectId", "Project", PROJECT),),
    deltas=PROPERTIES,
    unordered=("Source.SourceTypes",),
    delete_blockers=ASSOCIATED,
    # SageMaker SDK: a second artifact of a source is refused, whatever its name
    unique=("Source",),
    found_by=FoundBy(
        when="Source",
        listed_by=MappingProxyType({"SourceUri": "Source.SourceUri"}),
        matches=("Source",),
    ),
)
