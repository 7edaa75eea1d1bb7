"""Every duration and every doubtful behaviour of the service, with the default that we chose.

A behaviour stands here when no public evidence settles it; the comment names the other possibility.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Knobs:
    """How this sandbox behaves. Durations are seconds of its clock and are divided by `pace`."""

    pace: float = 1.0
    latency: float = 0.0  # seconds of real time that every answer takes

    list_lag: float = 0.0  # List and GetResources lag behind mutations by this much
    consistency_window: float = 0.0  # a new resource cannot be referred to for so long

    workforce_creating: float = 60.0
    workforce_updating: float = 30.0
    workforce_deleting: float = 30.0
    group_pending: float = 1.0
    group_in_progress: float = 1.0
    group_deleting: float = 5.0
    package_creating: float = 1.0  # AWS is near-immediate without a ValidationSpecification
    validated_package_creating: float = 120.0
    package_deleting: float = 0.0
    endpoint_creating: float = 180.0
    endpoint_updating: float = 180.0
    endpoint_rescaling: float = 60.0
    endpoint_deleting: float = 30.0
    endpoint_rolling_back: float = 0.0  # > 0: a failed update passes through RollingBack
    pipeline_deleting: float = 5.0
    project_pending: float = 1.0
    project_creating: float = 120.0
    project_updating: float = 60.0
    project_deleting: float = 60.0

    workteams_limit: int = 25
    lowered_arns: frozenset[str] = frozenset(  # names lower-cased in the ARN
        {"Endpoint", "Pipeline", "Action", "Experiment", "Trial", "TrialComponent"}
    )
    updating_shows_new_config: bool = False  # Describe flips EndpointConfigName while Updating
    same_config_update: bool = True  # False: UpdateEndpoint refuses the current configuration
    model_data_source: bool = True  # ModelDataUrl comes back as ModelDataSource as well
    serverless_volume: bool = True  # a serverless variant gets VolumeSizeInGB 5
    model_needs_approval: bool = True  # a versioned package must be Approved to make a Model
    versioned_package_has_name: bool = False  # Describe sends ModelPackageName for versions
    metadata_merges: bool = True  # UpdateModelPackage merges CustomerMetadataProperties
    unset_ip_config: bool = True  # Describe sends an empty SourceIpConfig when none was given
    associations_guard: bool = True  # an entity of the lineage with associations is not deleted
    lineage_merges: bool = True  # UpdateAction and its kin merge Properties; False: they overwrite
    source_types_identify: bool = True  # one SourceUri with other SourceTypes is another artifact
    default_association_type: str | None = None  # of an association that was added without one
    display_name_defaults: bool = True  # Describe says a DisplayName when none was given
    project_needs_portfolio: bool = True  # CreateProject is refused unless the portfolio is Enabled
    deleted_projects_listed: bool = True  # ListProjects shows those that are DeleteCompleted
    policy_is_canonical: bool = True  # GetModelPackageGroupPolicy sends IAM's normal form, not the text
    stored_definition: str | None = None  # what every PipelineDefinitionS3Location holds
