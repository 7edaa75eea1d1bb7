"""What the lineage kinds have in common."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.kinds.kind import By, Delta, Gate

PROJECT = By.ID

# Update merges by key or overwrites, the documentation says both; the whole map and the removals are sent.
PROPERTIES: Mapping[str, Delta] = MappingProxyType({"Properties": Delta(remove="PropertiesToRemove")})

ASSOCIATED = (
    Gate("ListAssociations", by="SourceArn"),
    Gate("ListAssociations", by="DestinationArn"),
)
