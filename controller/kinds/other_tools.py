"""Names of kinds and members in Terraform, CloudFormation and ACK that can't be derived from AWS's names.

Usually a type has the name of its kind, and a member that of the Create input; this module has the exceptions. Members
are given by their structure (a spec is ``<Kind>Spec``), as the tool spells them; the target is a dotted member of that
structure, with ``[]`` for the one element of a list. An empty target means that the value's members belong to the
structure itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Tool:
    """The spelling of a tool.

    Fields:
        types: the type names after the prefix that differ from the kind, with the kind.
        children: types whose resources are elements of a list in our spec, with the kind and the list.
        members: exceptional members by ``Structure.name``.
        ignored: members that configure the tool, or that it computes: they are no part of a spec.
        reference: the value of a bare reference to a resource, by kind, if it is not the ARN.
        endings: lower-case suffixes of members that a reference to another resource omits.
        nested_in_lists: whether a structure is a list of one element, and list members are in the singular.
    """

    types: Mapping[str, str] = field(default_factory=lambda: _NONE)
    children: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    members: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ignored: frozenset[str] = frozenset()
    reference: Mapping[str, str] = field(default_factory=lambda: _NONE)
    nested_in_lists: bool = False
    endings: tuple[str, ...] = ()


# Bodies of `aws sagemaker create-... --cli-input-json`, and of boto3's methods: the API's own members.
BOTO3 = Tool()

# ACK code generator: names are the API's, with initialisms in capitals (roleARN, kmsKeyID).
ACK = Tool(endings=("name", "arn", "id", "names", "arns", "ids"))

# Terraform's AWS provider (registry.terraform.io, hashicorp/aws, resources aws_sagemaker_* and aws_appautoscaling_*).
# Types that do not begin with aws_sagemaker_ are given in full.
TERRAFORM = Tool(
    types=MappingProxyType(
        {
            "endpoint_configuration": "EndpointConfig",
            "notebook_instance_lifecycle_configuration": "NotebookInstanceLifecycleConfig",
            "servicecatalog_portfolio_status": "ServicecatalogPortfolio",
            "aws_appautoscaling_target": "ScalingTarget",
        }
    ),
    children=MappingProxyType(
        {
            "aws_appautoscaling_policy": ("ScalingTarget", "ScalingPolicies"),
            "aws_appautoscaling_scheduled_action": ("ScalingTarget", "ScheduledActions"),
        }
    ),
    members=MappingProxyType(
        {
            "AppImageConfigSpec.jupyter_lab_image_config": "JupyterLabAppImageConfig",
            "EndpointConfigSpec.kms_key_arn": "KmsKeyId",
            "NotebookInstanceSpec.security_groups": "SecurityGroupIds",
            "NotebookInstanceSpec.volume_size": "VolumeSizeInGB",
            "NotebookInstanceLifecycleConfigSpec.on_create": "OnCreate[].Content",
            "NotebookInstanceLifecycleConfigSpec.on_start": "OnStart[].Content",
        }
    ),
    # Arguments of the provider: what Terraform does at a deletion or while it waits, prefixes of names, and computed
    # attributes that Describe does not call so.
    ignored=frozenset({"id", "name_prefix", "region", "retention_policy", "tags_all", "timeouts"}),
    nested_in_lists=True,
)

# CloudFormation's resource types AWS::SageMaker::* and AWS::ApplicationAutoScaling::* (template reference, with the
# return values of each type for ``reference``).
CLOUDFORMATION = Tool(
    types=MappingProxyType({"AWS::ApplicationAutoScaling::ScalableTarget": "ScalingTarget"}),
    children=MappingProxyType(
        {"AWS::ApplicationAutoScaling::ScalingPolicy": ("ScalingTarget", "ScalingPolicies")}
    ),
    members=MappingProxyType(
        {
            "PipelineSpec.PipelineDefinition": "",
            "PipelineSpec.PipelineDefinitionBody": "PipelineDefinition",
        }
    ),
    ignored=frozenset({"ScalingTargetId"}),
    reference=MappingProxyType(
        {
            "AppImageConfig": "AppImageConfigName",
            "Domain": "DomainId",
            "FeatureGroup": "FeatureGroupName",
            "InferenceExperiment": "Name",
            "MlflowTrackingServer": "TrackingServerName",
            "ModelCard": "ModelCardName",
            "Pipeline": "PipelineName",
            "StudioLifecycleConfig": "StudioLifecycleConfigName",
        }
    ),
)
