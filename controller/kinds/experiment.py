"""Experiment: a set of trials."""

from types import MappingProxyType

from controller.kinds.defaults import Same
from controller.kinds.kind import Gate, Kind, Made
from controller.kinds.lineage import ASSOCIATED, DESCRIPTION

EXPERIMENT = Kind(
    name="Experiment",
    plural="Experiments",
    # A display name is lifted by the name, which is displayed where none is given (API reference, CreateExperiment).
    cleared=MappingProxyType({**DESCRIPTION, "DisplayName": Same("ExperimentName")}),
    delete_blockers=(Gate("ListTrials", by="ExperimentName"), *ASSOCIATED),
    # API reference, CreateExperiment: the name is displayed where DisplayName is not specified.
    defaults=MappingProxyType({"DisplayName": Same("ExperimentName")}),
    made=(Made("the run that it records", "Source.SourceArn"),),
)
