"""The kinds of the sandbox. A new one is a file here and a line in `KINDS`."""

from controller.sandbox.kind import SandboxKind
from controller.sandbox.kinds.ai_workload_config import AI_WORKLOAD_CONFIG
from controller.sandbox.kinds.algorithm import ALGORITHM
from controller.sandbox.kinds.app import APP
from controller.sandbox.kinds.app_image_config import APP_IMAGE_CONFIG
from controller.sandbox.kinds.auto_ml_job_v2 import AUTO_ML_JOB_V2
from controller.sandbox.kinds.cluster import CLUSTER
from controller.sandbox.kinds.code_repository import CODE_REPOSITORY
from controller.sandbox.kinds.compilation_job import COMPILATION_JOB
from controller.sandbox.kinds.domain import DOMAIN
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.sandbox.kinds.endpoint_policy import ENDPOINT_POLICY
from controller.sandbox.kinds.experiment import (
    EXPERIMENT,
    TRIAL,
    TRIAL_COMPONENT,
    TRIAL_COMPONENT_ASSOCIATION,
)
from controller.sandbox.kinds.feature_group import FEATURE_GROUP
from controller.sandbox.kinds.flow_definition import FLOW_DEFINITION
from controller.sandbox.kinds.hub import HUB
from controller.sandbox.kinds.hub_content_reference import HUB_CONTENT_REFERENCE
from controller.sandbox.kinds.hyper_parameter_tuning_job import HYPER_PARAMETER_TUNING_JOB
from controller.sandbox.kinds.image import IMAGE
from controller.sandbox.kinds.image_version import IMAGE_VERSION
from controller.sandbox.kinds.inference_component import INFERENCE_COMPONENT
from controller.sandbox.kinds.inference_experiment import INFERENCE_EXPERIMENT
from controller.sandbox.kinds.inference_recommendations_job import INFERENCE_RECOMMENDATIONS_JOB
from controller.sandbox.kinds.inference_router import INFERENCE_ROUTER
from controller.sandbox.kinds.job_definition import DEFINITIONS
from controller.sandbox.kinds.labeling_job import HUMAN_TASK_UI, LABELING_JOB
from controller.sandbox.kinds.lineage import ACTION, ARTIFACT, ASSOCIATION, CONTEXT
from controller.sandbox.kinds.mlflow_app import MLFLOW_APP
from controller.sandbox.kinds.mlflow_tracking_server import MLFLOW_TRACKING_SERVER
from controller.sandbox.kinds.model import MODEL
from controller.sandbox.kinds.model_card import MODEL_CARD
from controller.sandbox.kinds.model_card_export_job import MODEL_CARD_EXPORT_JOB
from controller.sandbox.kinds.model_package import MODEL_PACKAGE
from controller.sandbox.kinds.model_package_group import GROUP_POLICY, MODEL_PACKAGE_GROUP
from controller.sandbox.kinds.monitoring_schedule import MONITORING_SCHEDULE
from controller.sandbox.kinds.notebook_instance import NOTEBOOK_INSTANCE
from controller.sandbox.kinds.notebook_instance_lifecycle_config import NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG
from controller.sandbox.kinds.optimization_job import OPTIMIZATION_JOB
from controller.sandbox.kinds.partner_app import PARTNER_APP
from controller.sandbox.kinds.pipeline import PIPELINE
from controller.sandbox.kinds.pipeline_execution import EXECUTION
from controller.sandbox.kinds.processing_job import PROCESSING_JOB
from controller.sandbox.kinds.project import PORTFOLIO, PROJECT
from controller.sandbox.kinds.scaling_policy import SCALING_POLICY, SCHEDULED_ACTION
from controller.sandbox.kinds.scaling_target import SCALING_TARGET
from controller.sandbox.kinds.space import SPACE
from controller.sandbox.kinds.studio_lifecycle_config import STUDIO_LIFECYCLE_CONFIG
from controller.sandbox.kinds.task_governance import CLUSTER_SCHEDULER_CONFIG, COMPUTE_QUOTA
from controller.sandbox.kinds.training_job import TRAINING_JOB
from controller.sandbox.kinds.transform_job import TRANSFORM_JOB
from controller.sandbox.kinds.user_profile import USER_PROFILE
from controller.sandbox.kinds.workteam import WORKFORCE, WORKTEAM
from controller.sandbox.resource import Row

KINDS: tuple[SandboxKind, ...] = (
    WORKFORCE,
    WORKTEAM,
    MODEL_PACKAGE_GROUP,
    MODEL_PACKAGE,
    MODEL,
    ENDPOINT_CONFIG,
    ENDPOINT,
    *DEFINITIONS.values(),
    MONITORING_SCHEDULE,
    INFERENCE_ROUTER,
    PIPELINE,
    EXECUTION,
    ACTION,
    ARTIFACT,
    CONTEXT,
    ASSOCIATION,
    EXPERIMENT,
    TRIAL,
    TRIAL_COMPONENT,
    TRIAL_COMPONENT_ASSOCIATION,
    PROJECT,
    PORTFOLIO,
    GROUP_POLICY,
    HUMAN_TASK_UI,
    LABELING_JOB,
    COMPILATION_JOB,
    TRANSFORM_JOB,
    TRAINING_JOB,
    PROCESSING_JOB,
    ALGORITHM,
    CODE_REPOSITORY,
    FEATURE_GROUP,
    NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG,
    NOTEBOOK_INSTANCE,
    OPTIMIZATION_JOB,
    INFERENCE_RECOMMENDATIONS_JOB,
    AUTO_ML_JOB_V2,
    MODEL_CARD,
    FLOW_DEFINITION,
    HYPER_PARAMETER_TUNING_JOB,
    SCALING_TARGET,
    SCALING_POLICY,
    SCHEDULED_ACTION,
    ENDPOINT_POLICY,
    CLUSTER,
    CLUSTER_SCHEDULER_CONFIG,
    COMPUTE_QUOTA,
    MLFLOW_TRACKING_SERVER,
    STUDIO_LIFECYCLE_CONFIG,
    APP_IMAGE_CONFIG,
    IMAGE,
    IMAGE_VERSION,
    DOMAIN,
    USER_PROFILE,
    SPACE,
    APP,
    AI_WORKLOAD_CONFIG,
    HUB,
    HUB_CONTENT_REFERENCE,
    INFERENCE_COMPONENT,
    MLFLOW_APP,
    PARTNER_APP,
    INFERENCE_EXPERIMENT,
    MODEL_CARD_EXPORT_JOB,
)
_RETAINED = {kind.name: kind for kind in KINDS if kind.life is not None and kind.life.deleted is not None}


def exists(row: Row) -> bool:
    """Whether a resource is not yet deleted; Describe returns some deleted ones."""
    kind = _RETAINED.get(row.kind)
    return kind is None or not kind.is_deleted(row)
