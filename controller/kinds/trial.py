"""Trial: a run of an experiment; jobs put components into it of their own accord."""

from types import MappingProxyType

from controller.kinds.defaults import Same
from controller.kinds.kind import Kind, Link, Made, Tie
from controller.kinds.lineage import PROJECT

TRIAL = Kind(
    name="Trial",
    plural="Trials",
    links=(
        Link("ExperimentName", "Experiment"),
        Link("MetadataProperties.ProjectId", "Project", PROJECT),
    ),
    cleared=MappingProxyType({"DisplayName": Same("TrialName")}),  # as for an Experiment
    memberships=(
        Tie("ListTrialComponents", named="TrialComponentName", remove="DisassociateTrialComponent"),
    ),
    # API reference, CreateTrial: the name is displayed where DisplayName is not specified.
    defaults=MappingProxyType({"DisplayName": Same("TrialName")}),
    arns=("experiment-trial/{}",),
    made=(Made("the run that it records", "Source.SourceArn"),),
)
