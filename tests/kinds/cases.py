"""For each kind: a minimal spec, a change of every updatable member, and an immutable change."""

from collections.abc import Mapping

from tests.kinds.case import Case
from tests.kinds.cases_app_image_config import APP_IMAGE_CONFIG
from tests.kinds.cases_auto_ml_job_v2 import AUTO_ML_JOB_V2
from tests.kinds.cases_endpoint_policy import ENDPOINT_POLICY
from tests.kinds.cases_flow_definition import FLOW_DEFINITION
from tests.kinds.cases_hubs import HUBS
from tests.kinds.cases_hyper_parameter_tuning_job import HYPER_PARAMETER_TUNING_JOB
from tests.kinds.cases_hyperpod import HYPERPOD_CASES
from tests.kinds.cases_image import IMAGE
from tests.kinds.cases_image_version import IMAGE_VERSION
from tests.kinds.cases_inference_component import INFERENCE_COMPONENT
from tests.kinds.cases_inference_experiment import INFERENCE_EXPERIMENT
from tests.kinds.cases_inference_recommendations_job import INFERENCE_RECOMMENDATIONS_JOB
from tests.kinds.cases_inference_router import INFERENCE_ROUTER
from tests.kinds.cases_jobs import JOBS
from tests.kinds.cases_lineage import LINEAGE
from tests.kinds.cases_mlflow_app import MLFLOW_APP
from tests.kinds.cases_mlflow_tracking_server import MLFLOW_TRACKING_SERVER
from tests.kinds.cases_model_card import MODEL_CARD
from tests.kinds.cases_model_card_export_job import MODEL_CARD_EXPORT_JOB
from tests.kinds.cases_monitoring import MONITORING
from tests.kinds.cases_notebook_instance import NOTEBOOK_INSTANCE
from tests.kinds.cases_notebook_instance_lifecycle_config import NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG
from tests.kinds.cases_optimization_job import OPTIMIZATION_JOB
from tests.kinds.cases_partner_app import PARTNER_APP
from tests.kinds.cases_scaling_target import SCALING_TARGET
from tests.kinds.cases_serving import SERVING
from tests.kinds.cases_stores import STORES
from tests.kinds.cases_studio import STUDIO
from tests.kinds.cases_studio_lifecycle_config import STUDIO_LIFECYCLE_CONFIG
from tests.kinds.cases_workforce import PEOPLE

CASES: Mapping[str, Case] = {
    **PEOPLE,
    **SERVING,
    **STORES,
    **JOBS,
    **LINEAGE,
    **MONITORING,
    **HYPERPOD_CASES,
    "InferenceRouter": INFERENCE_ROUTER,
    **HUBS,
    "NotebookInstanceLifecycleConfig": NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG,
    "NotebookInstance": NOTEBOOK_INSTANCE,
    "OptimizationJob": OPTIMIZATION_JOB,
    "InferenceRecommendationsJob": INFERENCE_RECOMMENDATIONS_JOB,
    "AutoMLJobV2": AUTO_ML_JOB_V2,
    "ModelCard": MODEL_CARD,
    "FlowDefinition": FLOW_DEFINITION,
    "HyperParameterTuningJob": HYPER_PARAMETER_TUNING_JOB,
    "ScalingTarget": SCALING_TARGET,
    "EndpointPolicy": ENDPOINT_POLICY,
    "MlflowTrackingServer": MLFLOW_TRACKING_SERVER,
    "StudioLifecycleConfig": STUDIO_LIFECYCLE_CONFIG,
    "AppImageConfig": APP_IMAGE_CONFIG,
    "Image": IMAGE,
    "ImageVersion": IMAGE_VERSION,
    **STUDIO,
    "InferenceComponent": INFERENCE_COMPONENT,
    "MlflowApp": MLFLOW_APP,
    "PartnerApp": PARTNER_APP,
    "InferenceExperiment": INFERENCE_EXPERIMENT,
    "ModelCardExportJob": MODEL_CARD_EXPORT_JOB,
}

# Updatable members that a case can't change by itself, and the tests that change them.
ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "Workforce": {"OidcConfig": "tests/journeys/test_changes.py, rotation of the secret"},
    "ScalingTarget": {"RoleARN": "ignored by AWS: it goes along and starts nothing"},
    "Endpoint": {"DeploymentConfig": "tests/journeys/test_changes.py: it goes along and starts nothing"},
    "InferenceComponent": {
        "DeploymentConfig": "tests/journeys/test_inference_components.py: it goes along and starts nothing"
    },
    "InferenceExperiment": dict.fromkeys(
        ("DesiredState", "ModelVariantActions", "DesiredModelVariants", "Reason"),
        "tests/journeys/test_shadow_tests.py: it ends the test",
    ),
    "Cluster": {"NodeProvisioningMode": "it has one value only, which no update takes away"},
    "Pipeline": {
        "PipelineDefinitionS3Location": "unreadable: seen by what was applied",
        "PipelineVersionAliases": "not told in the fact sheet of the service",
    },
}
