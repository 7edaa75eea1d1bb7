"""What rows of experiments and lineage have in common."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import DeleteBlocker, Delta, Link, TargetForm

PROJECT = TargetForm.ID

# Update merges by key or overwrites, the documentation says both; the whole map and the removals are sent.
PROPERTIES: Mapping[str, Delta] = MappingProxyType({"Properties": Delta(remove="PropertiesToRemove")})

# An empty description takes it away (API reference, UpdateExperiment); elsewhere the shape is the same (unverified).
DESCRIPTION: Mapping[str, Any] = MappingProxyType({"Description": ""})

ASSOCIATED = (
    DeleteBlocker("ListAssociations", by="SourceArn"),
    DeleteBlocker("ListAssociations", by="DestinationArn"),
)


TRACKED = (
    Link("ExperimentConfig.ExperimentName", "Experiment"),
    Link("ExperimentConfig.TrialName", "Trial"),
)
