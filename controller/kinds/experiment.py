"""Experiment: a set of trials."""

from types import MappingProxyType

from controller.kinds.columns import DeleteBlocker, ServiceMade
from controller.kinds.defaults import SameAs
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION

EXPERIMENT = Kind(
    name="Experiment",
    identity=KindIdentity(
        made=(ServiceMade("the run that it records", "Source.SourceArn"),),
    ),
    compare=Compare(
        # API reference, CreateExperiment: the name is displayed where DisplayName is not specified.
        defaults=MappingProxyType({"DisplayName": SameAs("ExperimentName")}),
    ),
    write=Write(
        # A display name is removed by setting the name, which is the default (API reference, CreateExperiment).
        cleared=MappingProxyType({**DESCRIPTION, "DisplayName": SameAs("ExperimentName")}),
    ),
    lifecycle=Lifecycle(
        delete_blockers=(
            # API reference, DeleteExperiment: its trials must be deleted first
            DeleteBlocker("ListTrials", by="ExperimentName", refused=True),
            *ASSOCIATED,
        ),
    ),
)
