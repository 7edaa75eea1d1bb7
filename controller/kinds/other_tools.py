"""How Terraform, CloudFormation and ACK call kinds and members, where their names do not follow from AWS's.

A type is called after its kind, and a member after that of the Create input; what is left are the exceptions below.
Members are given by the structure that holds them (a spec is ``<Kind>Spec``), as the tool spells them; the target is a
dotted member of that structure, with ``[]`` for the one element of a list. An empty target means that the members of
the value there belong to the structure itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Tool:
    """The spelling of a tool.

    Fields:
        types: what follows the prefix of a type that is not called after its kind, with the kind.
        children: a type whose resources are elements of a list of ours, with the kind and the list.
        members: exceptional members by ``Structure.name``.
        ignored: members that say how the tool works, or that it computes: they are no part of a spec.
        reference: what a bare reference to a resource gives, by kind, where it is not the ARN.
        endings: of members, in small letters, that a reference to another resource leaves out.
        nested_in_lists: whether a structure stands in a list of one element, and the members of lists in the singular.
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
# Types are given whole where they do not begin with aws_sagemaker_.
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
