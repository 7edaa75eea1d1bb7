"""Shared columns of the rows of experiments and lineage."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import DeleteBlocker, Delta, Link, TargetForm

PROJECT = TargetForm.ID

# The documentation is ambiguous: Update merges by key or overwrites; so the whole map and the removals are sent.
PROPERTIES: Mapping[str, Delta] = MappingProxyType({"Properties": Delta(remove="PropertiesToRemove")})

# An empty description removes it (API reference, UpdateExperiment); elsewhere the shape is the same (unverified).
DESCRIPTION: Mapping[str, Any] = MappingProxyType({"Description": ""})

ASSOCIATED = (
    DeleteBlocker("ListAssociations", by="SourceArn"),
    DeleteBlocker("ListAssociations", by="DestinationArn"),
)


TRACKED = (
    Link("ExperimentConfig.ExperimentName", "Experiment"),
    Link("ExperimentConfig.TrialName", "Trial"),
)
