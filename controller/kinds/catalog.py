"""All rows, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.kinds.action import ACTION
from controller.kinds.ai_workload_config import AI_WORKLOAD_CONFIG
from controller.kinds.algorithm import ALGORITHM
from controller.kinds.app import APP
from controller.kinds.app_image_config import APP_IMAGE_CONFIG
from controller.kinds.artifact import ARTIFACT
from controller.kinds.association import ASSOCIATION
from controller.kinds.auto_ml_job_v2 import AUTO_ML_JOB_V2
from controller.kinds.cluster import CLUSTER
from controller.kinds.cluster_scheduler_config import CLUSTER_SCHEDULER_CONFIG
from controller.kinds.code_repository import CODE_REPOSITORY
from controller.kinds.compilation_job import COMPILATION_JOB
from controller.kinds.compute_quota import COMPUTE_QUOTA
from controller.kinds.context import CONTEXT
from controller.kinds.domain import DOMAIN
from controller.kinds.endpoint import ENDPOINT
from controller.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.kinds.endpoint_policy import ENDPOINT_POLICY
from controller.kinds.experiment import EXPERIMENT
from controller.kinds.feature_group import FEATURE_GROUP
from controller.kinds.flow_definition import FLOW_DEFINITION
from controller.kinds.hub import HUB
from controller.kinds.hub_content_reference import HUB_CONTENT_REFERENCE
from controller.kinds.human_task_ui import HUMAN_TASK_UI
from controller.kinds.hyper_parameter_tuning_job import HYPER_PARAMETER_TUNING_JOB
from controller.kinds.image import IMAGE
from controller.kinds.image_version import IMAGE_VERSION
from controller.kinds.inference_component import INFERENCE_COMPONENT
from controller.kinds.inference_experiment import INFERENCE_EXPERIMENT
from controller.kinds.inference_recommendations_job import INFERENCE_RECOMMENDATIONS_JOB
from controller.kinds.inference_router import INFERENCE_ROUTER
from controller.kinds.job_definition import (
    DATA_QUALITY_JOB_DEFINITION,
    MODEL_BIAS_JOB_DEFINITION,
    MODEL_EXPLAINABILITY_JOB_DEFINITION,
    MODEL_QUALITY_JOB_DEFINITION,
)
from controller.kinds.kind import Kind
from controller.kinds.labeling_job import LABELING_JOB
from controller.kinds.mlflow_app import MLFLOW_APP
from controller.kinds.mlflow_tracking_server import MLFLOW_TRACKING_SERVER
from controller.kinds.model import MODEL
from controller.kinds.model_card import MODEL_CARD
from controller.kinds.model_card_export_job import MODEL_CARD_EXPORT_JOB
from controller.kinds.model_package import MODEL_PACKAGE
from controller.kinds.model_package_group import MODEL_PACKAGE_GROUP
from controller.kinds.model_package_group_policy import MODEL_PACKAGE_GROUP_POLICY
from controller.kinds.monitoring_schedule import MONITORING_SCHEDULE
from controller.kinds.notebook_instance import NOTEBOOK_INSTANCE
from controller.kinds.notebook_instance_lifecycle_config import NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG
from controller.kinds.optimization_job import OPTIMIZATION_JOB
from controller.kinds.partner_app import PARTNER_APP
from controller.kinds.pipeline import PIPELINE
from controller.kinds.pipeline_execution import PIPELINE_EXECUTION
from controller.kinds.processing_job import PROCESSING_JOB
from controller.kinds.project import PROJECT
from controller.kinds.scaling_target import SCALING_TARGET
from controller.kinds.servicecatalog_portfolio import SERVICECATALOG_PORTFOLIO
from controller.kinds.space import SPACE
from controller.kinds.studio_lifecycle_config import STUDIO_LIFECYCLE_CONFIG
from controller.kinds.training_job import TRAINING_JOB
from controller.kinds.transform_job import TRANSFORM_JOB
from controller.kinds.trial import TRIAL
from controller.kinds.trial_component import TRIAL_COMPONENT
from controller.kinds.user_profile import USER_PROFILE
from controller.kinds.workforce import WORKFORCE
from controller.kinds.workteam import WORKTEAM

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        row.name: row
        for row in (
            WORKFORCE,
            WORKTEAM,
            HUMAN_TASK_UI,
            CODE_REPOSITORY,
            NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG,
            NOTEBOOK_INSTANCE,
            ALGORITHM,
            MODEL_PACKAGE_GROUP,
            MODEL_PACKAGE_GROUP_POLICY,
            MODEL_PACKAGE,
            SERVICECATALOG_PORTFOLIO,
            PROJECT,
            EXPERIMENT,
            TRIAL,
            TRIAL_COMPONENT,
            FEATURE_GROUP,
            TRAINING_JOB,
            PROCESSING_JOB,
            COMPILATION_JOB,
            MODEL,
            TRANSFORM_JOB,
            ENDPOINT_CONFIG,
            ENDPOINT,
            DATA_QUALITY_JOB_DEFINITION,
            MODEL_QUALITY_JOB_DEFINITION,
            MODEL_BIAS_JOB_DEFINITION,
            MODEL_EXPLAINABILITY_JOB_DEFINITION,
            MONITORING_SCHEDULE,
            INFERENCE_ROUTER,
            LABELING_JOB,
            PIPELINE,
            PIPELINE_EXECUTION,
            ACTION,
            ARTIFACT,
            CONTEXT,
            ASSOCIATION,
            OPTIMIZATION_JOB,
            INFERENCE_RECOMMENDATIONS_JOB,
            AUTO_ML_JOB_V2,
            MODEL_CARD,
            FLOW_DEFINITION,
            HYPER_PARAMETER_TUNING_JOB,
            SCALING_TARGET,
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
    }
)
