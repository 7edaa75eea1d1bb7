"""The page that compares the kinds with those of other tools: ``docs/kinds/peers.md``, written by ``make docs``."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from controller.kinds import KINDS
from controller.schema.kind_names import kebab

PAGE = Path(__file__).parents[1] / "kinds" / "peers.md"

# The letter of each tool, its column, and the release that was read.
_TOOLS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "A": ("ACK", "sagemaker-controller v1.9.1, its custom resource definitions"),
        "T": (
            "Terraform",
            "hashicorp/aws: the resources bridged in pulumi-aws 7.51.1, and its service_package_gen.go",
        ),
        "C": ("CloudFormation", "the resource schemas in cfn-lint 1.58.0"),
        "W": ("awscc", "hashicorp/awscc v1.96.0"),
        "X": ("Crossplane", "provider-upjet-aws v2.6.0"),
        "K": ("CDK L2", "@aws-cdk/aws-sagemaker-alpha 2.275.0a0"),
    }
)
_READ = "November 2026"
# Edge Manager ended on 2024-04-26 (terraform-provider-aws#33533).
_ENDED = frozenset({"Device", "DeviceFleet"})

# The tools that have a kind, by their letters. AWS::ApplicationAutoScaling::ScalableTarget and its like count as
# ScalingTarget; AWS::SageMaker::ExperimentTrialComponent is our TrialComponent's member trials.
PEERS: Mapping[str, str] = MappingProxyType(
    {
        "AIWorkloadConfig": "C",
        "Action": "CW",
        "Algorithm": "TCW",
        "App": "ATCWX",
        "AppImageConfig": "TCWX",
        "Artifact": "C",
        "Cluster": "CW",
        "ClusterSchedulerConfig": "C",
        "CodeRepository": "TCX",
        "ComputeQuota": "C",
        "Context": "CW",
        "DataQualityJobDefinition": "ATCW",
        "Device": "TCWX",
        "DeviceFleet": "TCWX",
        "Domain": "ATCWX",
        "Endpoint": "ATCWXK",
        "EndpointConfig": "ATCXK",
        "Experiment": "CW",
        "FeatureGroup": "ATCWX",
        "FlowDefinition": "T",
        "Hub": "TCW",
        "HubContentReference": "T",
        "HumanTaskUi": "TC",
        "HyperParameterTuningJob": "AT",
        "Image": "TCWX",
        "ImageVersion": "TCWX",
        "InferenceComponent": "ACW",
        "InferenceExperiment": "CW",
        "LabelingJob": "AT",
        "MlflowApp": "TCW",
        "MlflowTrackingServer": "TCWX",
        "Model": "ATCWXK",
        "ModelBiasJobDefinition": "ACW",
        "ModelCard": "TCW",
        "ModelCardExportJob": "T",
        "ModelExplainabilityJobDefinition": "ACW",
        "ModelPackage": "ACW",
        "ModelPackageGroup": "ATCWX",
        "ModelPackageGroupPolicy": "TX",
        "ModelQualityJobDefinition": "ACW",
        "MonitoringSchedule": "ATCW",
        "NotebookInstance": "ATCX",
        "NotebookInstanceLifecycleConfig": "ATCX",
        "PartnerApp": "CW",
        "Pipeline": "ATCWK",
        "PipelineExecution": "A",
        "ProcessingJob": "ACW",
        "Project": "ATCW",
        "ServicecatalogPortfolio": "TX",
        "Space": "ATCWX",
        "StudioLifecycleConfig": "TCWX",
        "TrainingJob": "AT",
        "TransformJob": "A",
        "TrialComponent": "CW",
        "UserProfile": "ATCWX",
        "Workforce": "TCX",
        "Workteam": "TCX",
        "ScalingTarget": "ATCWX",
    }
)


def page() -> str:
    """The page."""
    kinds = sorted(set(KINDS) | set(PEERS) - _ENDED)
    lines = [
        "<!-- Written by `make docs` from docs/dev/peers.py. -->\n",
        "# Kinds of other tools\n",
        f"The kinds of each tool, read in {_READ}:\n",
        *(f"- **{name}**: {source}." for name, source in _TOOLS.values()),
        "\nSources are the published definitions; nothing was measured against an account. A mark says that the tool",
        "has the kind, not how many of its fields, and not what the tool does with a failed update.\n",
        f"| kind | sagemaker-gitops | {' | '.join(name for name, _ in _TOOLS.values())} |",
        f"|---|---{'|---' * len(_TOOLS)}|",
        *map(_line, kinds),
        f"| **{len(kinds)} kinds** | {len(KINDS)} | "
        + " | ".join(str(sum(letter in PEERS.get(kind, "") for kind in kinds)) for letter in _TOOLS)
        + " |",
        "\nDevice and DeviceFleet are left out: SageMaker Edge Manager ended on 2024-04-26.",
        "",
    ]
    return "\n".join(lines)


def _line(kind: str) -> str:
    name = f"[{kind}]({kebab(kind)}.md)" if kind in KINDS else kind
    marks = [kind in KINDS, *(letter in PEERS.get(kind, "") for letter in _TOOLS)]
    return f"| {name} | {' | '.join('yes' if mark else '' for mark in marks)} |"
