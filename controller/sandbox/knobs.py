"""The durations and the doubtful behaviours of the service, with their defaults.

A behaviour is a knob if there is no public evidence for it; the comment describes the other possibility.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from math import isfinite
from typing import Any

LOWERED_BEFORE_2023 = frozenset(
    {
        "Endpoint",
        "Pipeline",
        "LabelingJob",
        "FeatureGroup",
        "Action",
        "Experiment",
        "Trial",
        "TrialComponent",
    }
)


@dataclass(frozen=True)
class Knobs:
    """How this sandbox behaves. Durations are seconds of its clock and are divided by `pace`."""

    pace: float = 1.0  # how much faster the sandbox works than its clock
    latency: float = 0.0  # seconds of real time before every response
    # Calls per second of the clock, by operation: a token bucket with the tokens of one second;
    # further calls are a ThrottlingException. AWS publishes few rates, and no size of its buckets.
    rates: Mapping[str, float] = field(default_factory=dict)

    list_lag: float = 0.0  # List and GetResources lag behind mutations by this much
    search_lag: float = 0.0  # and so does the index of Search
    consistency_window: float = 0.0  # a new resource can't be referred to for this time

    workforce_creating: float = 60.0
    workforce_updating: float = 30.0
    workforce_deleting: float = 30.0
    group_pending: float = 1.0
    group_in_progress: float = 1.0
    group_deleting: float = 5.0
    # Without a ValidationSpecification: the SageMaker SDK for Python (`Model.register` with a `source_uri`) calls
    # UpdateModelPackage right after CreateModelPackage. More than 0: such an update is a ConflictException.
    package_creating: float = 0.0
    validated_package_creating: float = 120.0
    package_deleting: float = 0.0
    endpoint_creating: float = 180.0
    endpoint_updating: float = 180.0
    endpoint_rescaling: float = 60.0
    endpoint_deleting: float = 30.0
    # Application Auto Scaling. A registered target accepts policies and actions only after this time.
    scalable_target_consistency: float = 0.0
    scalable_target_guards_update: bool = (
        True  # False: UpdateEndpoint may remove or change a registered variant
    )
    scalable_target_minimum_zero: bool = True  # False: MinCapacity is at least 1, as older guides say
    endpoint_deletion_deregisters: bool = (
        True  # False: as for a caller who may not deregister scalable targets
    )
    component_creating: float = 360.0  # about 6 minutes for a small language model
    component_updating: float = 120.0
    component_deleting: float = 20.0
    components_keep_endpoint: bool = (
        True  # False: DeleteEndpoint is accepted, and its inference components remain
    )
    experiment_keeps_endpoint: bool = True  # False: DeleteEndpoint is accepted during a shadow test
    component_deletion_deregisters: bool = False  # True: DeleteInferenceComponent deletes its scalable target
    component_failure_reason_stays: bool = True  # False: a successful update removes FailureReason
    endpoint_rolling_back: float = 0.0  # > 0: a failed update passes through RollingBack
    pipeline_deleting: float = 5.0
    execution_starting: float = 5.0  # before the first step of a pipeline execution
    execution_stopping: float = 10.0
    step_starting: float = 5.0  # the part of a step with the status Starting
    pipeline_step: float = 60.0
    quick_step: float = 1.0  # a Condition or Fail step
    project_pending: float = 1.0
    project_creating: float = 120.0
    project_updating: float = 60.0
    project_deleting: float = 60.0

    human_task_ui_deleting: float = 5.0
    labeling_initializing: float = 60.0
    labeling_working: float = 600.0
    labeling_stopping: float = 30.0
    labeling_idle: float = 864000.0  # a streaming job without input stops after 10 days
    compilation_starting: float = 15.0
    compilation_working: float = 240.0
    compilation_stopping: float = 30.0
    # Of transform, processing, optimization, recommendation and AutoML jobs: until their instances are ready.
    job_starting: float = 60.0
    job_working: float = 300.0
    recommendation_working: float = 2700.0  # documented as up to 45 minutes for a job of the type Default
    auto_ml_working: float = 3600.0
    hub_content_changing: float = 5.0
    hub_changing: float = 10.0  # a whole test of Terraform's takes 15 to 35 seconds
    cluster_creating: float = 900.0  # HyperPod: 10 to 25 minutes
    cluster_updating: float = 600.0
    cluster_deleting: float = 300.0
    governance_changing: float = (
        20.0  # a cluster's scheduler config or compute quota is created, changed or deleted
    )
    job_stopping: float = 30.0
    training_starting: float = 60.0
    training_downloading: float = 60.0
    training_working: float = 300.0
    training_uploading: float = 30.0
    training_stopping: float = 30.0
    training_deleting: float = 5.0
    notebook_instance_pending: float = 120.0
    notebook_instance_stopping: float = 60.0
    notebook_instance_updating: float = 60.0
    notebook_instance_deleting: float = 30.0
    tracking_server_creating: float = 1500.0  # 25 minutes, and up to 45
    tracking_server_changing: float = 600.0
    mlflow_app_changing: float = 60.0  # a whole test of Terraform's takes 144 seconds
    partner_app_changing: float = 600.0  # CloudFormation waits three hours for it
    tuning_working: float = 1200.0
    tuning_stopping: float = 60.0
    tuning_deleting: float = 10.0
    flow_definition_initializing: float = 30.0
    flow_definition_deleting: float = 30.0
    model_card_deleting: float = 20.0
    model_card_exporting: float = 20.0  # a test with card, bucket and job took 25 s
    router_creating: float = 120.0
    router_updating: float = 120.0  # documented as about two minutes
    router_deleting: float = 30.0
    experiment_creating: float = 60.0
    experiment_starting: float = 180.0  # its endpoint is updated
    experiment_updating: float = 60.0
    experiment_stopping: float = 180.0
    experiment_runs_own_config: bool = (
        True  # its endpoint has the name of another configuration; the name is our own
    )
    experiment_lasts: float = 604800.0  # documented: 7 days if the schedule has no end
    monitoring_schedule_pending: float = 5.0
    monitoring_schedule_deleting: float = 30.0
    # > 0: an execution of this duration begins when a schedule has started; SageMaker starts one at its next hour.
    monitoring_execution: float = 0.0
    algorithm_pending: float = 1.0
    algorithm_validating: float = 5.0
    validated_algorithm_validating: float = 600.0  # a training and a transform job are run
    algorithm_deleting: float = 0.0
    feature_group_creating: float = 60.0
    in_memory_group_creating: float = 720.0  # documented as 10 to 15 minutes
    feature_group_updating: float = 20.0
    feature_group_deleting: float = 20.0
    image_creating: float = 5.0
    image_updating: float = 5.0
    image_deleting: float = 10.0
    image_version_creating: float = 30.0
    image_version_deleting: float = 10.0
    domain_pending: float = 240.0
    domain_deleting: float = 120.0
    user_profile_pending: float = 20.0
    user_profile_deleting: float = 60.0
    space_pending: float = 20.0
    space_deleting: float = 20.0
    app_pending: float = 120.0
    app_deleting: float = 45.0
    studio_updating: float = 20.0  # of a domain, a user profile and a space
    endpoint_system_updating: float = 300.0  # how long `Sandbox.maintain` takes
    endpoint_maintained_after: float = (
        0.0  # > 0: a new endpoint is SystemUpdating once, this time after Create
    )

    workteams_limit: int = 25
    mlflow_apps_limit: int = 3  # the default quota, in the comments of Terraform's tests
    feature_groups_at_once: int = 4
    features_per_page: int = 250  # of DescribeFeatureGroup; the real page size is not documented
    labeling_objects: int = 100  # data objects in every input manifest
    # Kinds whose names are lower-cased in the ARN. Responses of 2024 and later keep the case; those of 2018 to
    # 2022 had `LOWERED_BEFORE_2023` lower-cased, and resources of that time may still have such ARNs.
    lowered_arns: frozenset[str] = frozenset()
    monitored_endpoint_is_checked: bool = True  # False: a job definition with a missing endpoint is accepted
    missing_alarm_is_refused: bool = True  # False: an update with a missing alarm continues
    # CloudWatch alarms that do not exist: an update with one is refused; firing alarms roll it back.
    missing_alarms: frozenset[str] = frozenset()
    firing_alarms: frozenset[str] = frozenset()
    alarms_without_data: frozenset[str] = frozenset()  # their state is INSUFFICIENT_DATA
    # IAM roles by name: GetRole does not find them, or they trust another service. Create does not check them.
    missing_roles: frozenset[str] = frozenset()
    roles_without_trust: frozenset[str] = frozenset()
    missing_images: frozenset[str] = frozenset()  # repository:tag, repository@digest or a whole repository
    # s3://bucket/key, s3://bucket/prefix/ or a whole s3://bucket.
    missing_objects: frozenset[str] = frozenset()
    alarm_rollback_has_reason: bool = (
        True  # False: FailureReason is empty, and only the old configuration shows the rollback
    )
    update_starts_schedule: bool = False  # True: UpdateMonitoringSchedule starts a stopped schedule
    scheduled_definition_is_kept: bool = True  # False: a job definition in use by a schedule can be deleted
    labeled_team_is_kept: bool = True  # False: DeleteWorkteam ignores running labeling jobs
    labeling_stops_initializing: bool = False  # True: StopLabelingJob is accepted while Initializing
    tracks_experiments: bool = True  # ExperimentConfig creates a trial component
    adds_profiler: bool = False  # True: training jobs get a ProfilerConfig, as in some Regions
    running_optimization_is_kept: bool = True  # False: DeleteOptimizationJob accepts a running job
    governed_cluster_is_kept: bool = (
        True  # False: cluster and scheduler config can be deleted before their quotas
    )
    governance_names_are_regional: bool = (
        False  # True: a scheduler config's or quota's name is unique for all clusters
    )
    deleted_governance_listed: bool = True  # Lists return scheduler configs and quotas that are Deleted
    quota_fills_ratios: bool = True  # a quota's VCpu and MemoryInGiB follow its Accelerators
    model_package_is_checked: bool = True  # False: CompilationJob accepts a missing package
    updating_shows_new_config: bool = False  # Describe returns the new EndpointConfigName while Updating
    same_config_update: bool = True  # False: UpdateEndpoint refuses the current configuration
    # True: a response has all 64 bits of a number that has 32 in the model: a weight of 0.8 is 0.800000011920929.
    # In Terraform such weights differ in every plan (hashicorp/terraform-provider-aws#43643).
    single_precision_is_widened: bool = False
    model_data_source: bool = True  # ModelDataUrl is returned as ModelDataSource as well
    serverless_volume: bool = True  # a serverless variant gets VolumeSizeInGB 5
    image_needs_ecr: bool = True  # an image of a model or training job is in ECR, or its access mode is Vpc
    model_needs_approval: bool = True  # a versioned package must be Approved for a Model
    versioned_package_has_name: bool = False  # Describe returns ModelPackageName for versions
    metadata_merges: bool = True  # UpdateModelPackage merges CustomerMetadataProperties
    unset_ip_config: bool = True  # Describe returns an empty SourceIpConfig if none was given
    associations_guard: bool = True  # a lineage entity with associations can't be deleted
    lineage_merges: bool = True  # UpdateAction and similar ones merge Properties; False: they overwrite
    source_types_identify: bool = True  # the same SourceUri with other SourceTypes is another artifact
    default_association_type: str | None = None  # of an association without a type
    domain_names_are_unique: bool = True  # False: a second domain with the same name is created
    studio_settings_are_filled: bool = True  # Describe returns defaults in settings that were not given
    studio_settings_merge: bool = True  # False: an update of a domain, profile or space replaces all settings
    unchanged_app_type_is_refused: bool = True  # False: UpdateSpace accepts the current AppType
    studio_settings_are_checked: bool = True  # False: settings may name missing images and scripts
    studio_classic: bool = True  # False: apps of JupyterServer and KernelGateway are refused
    space_keeps_lifecycle_config: bool = False  # True: a space that names one prevents its deletion
    app_image_config_merges: bool = False  # UpdateAppImageConfig keeps omitted members of a block
    image_is_kept_while_used: bool = False  # True: DeleteImage is refused while settings name the image
    # True: what the documentation calls unsupported is refused, although no refusal is published
    unsupported_is_refused: bool = False
    display_name_defaults: bool = True  # Describe returns a DisplayName if none was given
    project_needs_portfolio: bool = True  # CreateProject is refused unless the portfolio is Enabled
    deleted_projects_listed: bool = True  # ListProjects returns projects in DeleteCompleted
    policy_is_canonical: bool = True  # GetModelPackageGroupPolicy returns IAM's normal form, not the text
    conditions_hold: bool = True  # the outcome of a Condition step that parameters alone do not decide
    defaults_listed: bool = True  # ListPipelineParametersForExecution lists unsent parameters as well
    step_jobs_named: bool = True  # steps name the job that AWS would run; none is created here
    tuning_parents_have_ended: bool = False  # True: a warm start from a running tuning job is refused
    tuning_list_form_loses: bool = (
        False  # True: HyperParameterTuningResourceConfig is returned as ResourceConfig
    )
    attached_notebook_config_is_kept: bool = (
        True  # False: a notebook's lifecycle config can be deleted while an instance names it
    )
    absent_hook_stays: bool = False  # True: UpdateNotebookInstanceLifecycleConfig keeps an omitted hook
    failed_notebook_is_updated: bool = True  # False: UpdateNotebookInstance accepts only Stopped ones
    notebook_takes_switch_and_value: bool = (
        False  # True: a Disassociate switch takes precedence over its member's new value
    )
    stopped_tracking_server_is_updated: bool = (
        True  # False: UpdateMlflowTrackingServer is refused while Stopped
    )
    partner_app_upgrades: bool = True  # False: no upgrade of a partner app is available
    mlflow_app_names_are_unique: bool = True  # False: a second MLflow app with the same name is created
    account_default_moves: bool = True  # False: several MLflow apps may be the account's default
    deleted_ml_apps_listed: bool = True  # Lists return MLflow and partner apps that are Deleted
    human_loops_run: bool = False  # True: every flow definition has human loops in progress
    model_card_takes_one_change: bool = True  # False: UpdateModelCard accepts content and status in one call
    model_card_status_makes_version: bool = True  # False: only new content is a new version, not a new status
    public_hub_listed: bool = False  # True: ListHubs returns SageMakerPublicHub as well
    reference_is_named_by_model: bool = True  # False: CreateHubContentReference needs HubContentName
    archived_model_card_is_final: bool = False  # True: an Archived card accepts no new content
    # Service Quotas of SageMaker by name, such as "ml.m5.large for endpoint usage". Create does not check them.
    quotas: Mapping[str, float] = field(default_factory=dict)
    stored_definition: str | None = None  # the content of every PipelineDefinitionS3Location


def as_json(knobs: Knobs) -> dict[str, Any]:
    """Return the knobs as JSON has them: a set is a sorted list."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in asdict(knobs).items()
    }


def with_values(knobs: Knobs, values: Mapping[str, Any]) -> Knobs:
    """Return `knobs` with `values`, as JSON has them, in place of theirs.

    Raises `ValueError` for a name that no knob has, and for a value of another type than the knob's.
    """
    types = {one.name: one.type for one in fields(Knobs)}
    if unknown := sorted(set(values) - set(types)):
        msg = f"there is no knob {', '.join(unknown)}"
        raise ValueError(msg)
    return replace(knobs, **{name: _knob_value(name, types[name], value) for name, value in values.items()})


def _knob_value(name: str, kind: Any, value: Any) -> Any:
    """Return a JSON value as a knob of type `kind` holds it."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is bool and isinstance(value, bool):
        return value
    if kind is int and isinstance(value, int) and number and value >= 0:
        return value
    if kind is float and number and isfinite(value) and (value > 0 if name == "pace" else value >= 0):
        return float(value)
    if kind == frozenset[str] and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return frozenset(value)
    if kind == Mapping[str, float] and isinstance(value, dict):
        return {key: _knob_value(name, float, inner) for key, inner in value.items()}
    if kind == str | None and isinstance(value, str | None):
        return value
    msg = f"the knob {name} cannot be {value!r}"
    raise ValueError(msg)
