"""Trial: a run of an experiment; jobs add components to it."""

from types import MappingProxyType

from controller.kinds.columns import Link, Membership, ServiceMade
from controller.kinds.defaults import SameAs
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import PROJECT

TRIAL = Kind(
    name="Trial",
    identity=KindIdentity(
        links=(
            Link("ExperimentName", "Experiment"),
            Link("MetadataProperties.ProjectId", "Project", PROJECT),
        ),
        arns=("experiment-trial/{}",),
        made=(ServiceMade("the run that it records", "Source.SourceArn"),),
    ),
    compare=Compare(
        # API reference, CreateTrial: the name is displayed where DisplayName is not specified.
        defaults=MappingProxyType({"DisplayName": SameAs("TrialName")}),
    ),
    write=Write(
        cleared=MappingProxyType({"DisplayName": SameAs("TrialName")}),  # as for an Experiment
    ),
    lifecycle=Lifecycle(
        memberships=(
            Membership(
                "ListTrialComponents", named="TrialComponentName", remove="DisassociateTrialComponent"
            ),
        ),
    ),
)
