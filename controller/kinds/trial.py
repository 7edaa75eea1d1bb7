"""Trial: a run of an experiment; jobs put components into it of their own accord."""

from controller.kinds.kind import Kind, Link, Tie
from controller.kinds.lineage import PROJECT

TRIAL = Kind(
    name="Trial",
    plural="Trials",
    links=(
        Link("ExperimentName", "Experiment"),
        Link("MetadataProperties.ProjectId", "Project", PROJECT),
    ),
    ties=(Tie("ListTrialComponents", named="TrialComponentName", remove="DisassociateTrialComponent"),),
)
