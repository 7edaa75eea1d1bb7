"""TrialComponent: a step of trials, with parameters and artifacts as maps; its trials are memberships."""

from types import MappingProxyType

from controller.kinds.columns import Delta, Link, Membership, ServiceMade
from controller.kinds.defaults import SameAs
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.lineage import ASSOCIATED, PROJECT
from controller.kinds.rule import Choice

TRIAL_COMPONENT = Kind(
    name="TrialComponent",
    identity=KindIdentity(
        links=(
            Link("Trials[]", "Trial"),
            Link("MetadataProperties.ProjectId", "Project", PROJECT),
        ),
        arns=("experiment-trial-component/{}",),
        made=(
            ServiceMade("the run that it records", "Source.SourceArn"),
            ServiceMade("the run that it records", name=r".+-aws-(training|processing|transform)-job"),
        ),
    ),
    compare=Compare(
        unordered=("Trials",),
        # API reference, CreateTrialComponent: the name is displayed where DisplayName is not specified.
        defaults=MappingProxyType({"DisplayName": SameAs("TrialComponentName")}),
    ),
    write=Write(
        added=MappingProxyType({"Trials": {"type": "list", "member": "ExperimentEntityName", "max": 100}}),
        cleared=MappingProxyType({"DisplayName": SameAs("TrialComponentName")}),  # as for an Experiment
        deltas=MappingProxyType(
            {
                "Parameters": Delta(remove="ParametersToRemove"),
                "InputArtifacts": Delta(remove="InputArtifactsToRemove"),
                "OutputArtifacts": Delta(remove="OutputArtifactsToRemove"),
            }
        ),
        rules=(
            Choice(
                ("StringValue", "NumberValue"),
                within="Parameters{}",
                source="API reference, TrialComponentParameterValue",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        status="",
        memberships=(
            Membership(
                "ListTrials",
                named="TrialName",
                remove="DisassociateTrialComponent",
                add="AssociateTrialComponent",
                member="Trials",
            ),
        ),
        delete_blockers=ASSOCIATED,
    ),
)
