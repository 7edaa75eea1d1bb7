"""All rows, by name. The module of a row is imported when the row is first read."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from controller.kinds.kind import Kind


class Catalog(Mapping[str, Kind]):
    """Rows by the names of their kinds.

    Attributes:
        modules: by name of the kind, the module of this package that holds the row.

    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = modules
        self._rows: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        """The row of that name.

        Raises:
            KeyError: no kind has that name.
            LookupError: the module has no row of that name.

        """
        row = self._rows.get(name)
        if row is None:
            row = self._rows[name] = _row(self.modules[name], name)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)

    def __contains__(self, name: object) -> bool:
        return name in self.modules


def _row(module: str, name: str) -> Kind:
    for each in vars(import_module(f"controller.kinds.{module}")).values():
        if isinstance(each, Kind) and each.name == name:
            return each
    raise LookupError(f"controller/kinds/{module}.py has no row of the name {name}")


KINDS: Mapping[str, Kind] = Catalog(
    {
        "Workforce": "workforce",
        "Workteam": "workteam",
        "HumanTaskUi": "human_task_ui",
        "CodeRepository": "code_repository",
        "NotebookInstanceLifecycleConfig": "notebook_instance_lifecycle_config",
        "NotebookInstance": "notebook_instance",
        "Algorithm": "algorithm",
        "ModelPackageGroup": "model_package_group",
        "ModelPackageGroupPolicy": "model_package_group_policy",
        "ModelPackage": "model_package",
        "ServicecatalogPortfolio": "servicecatalog_portfolio",
        "Project": "project",
        "Experiment": "experiment",
        "Trial": "trial",
        "TrialComponent": "trial_component",
        "FeatureGroup": "feature_group",
        "TrainingJob": "training_job",
        "ProcessingJob": "processing_job",
        "CompilationJob": "compilation_job",
        "Model": "model",
        "TransformJob": "transform_job",
        "EndpointConfig": "endpoint_config",
        "Endpoint": "endpoint",
        "DataQualityJobDefinition": "job_definition",
        "ModelQualityJobDefinition": "job_definition",
        "ModelBiasJobDefinition": "job_definition",
        "ModelExplainabilityJobDefinition": "job_definition",
        "MonitoringSchedule": "monitoring_schedule",
        "InferenceRouter": "inference_router",
        "LabelingJob": "labeling_job",
        "Pipeline": "pipeline",
        "PipelineExecution": "pipeline_execution",
        "Action": "action",
        "Artifact": "artifact",
        "Context": "context",
        "Association": "association",
        "OptimizationJob": "optimization_job",
        "InferenceRecommendationsJob": "inference_recommendations_job",
        "AutoMLJobV2": "auto_ml_job_v2",
        "ModelCard": "model_card",
        "FlowDefinition": "flow_definition",
        "HyperParameterTuningJob": "hyper_parameter_tuning_job",
        "ScalingTarget": "scaling_target",
        "EndpointPolicy": "endpoint_policy",
        "Cluster": "cluster",
        "ClusterSchedulerConfig": "cluster_scheduler_config",
        "ComputeQuota": "compute_quota",
        "MlflowTrackingServer": "mlflow_tracking_server",
        "StudioLifecycleConfig": "studio_lifecycle_config",
        "AppImageConfig": "app_image_config",
        "Image": "image",
        "ImageVersion": "image_version",
        "Domain": "domain",
        "UserProfile": "user_profile",
        "Space": "space",
        "App": "app",
        "AIWorkloadConfig": "ai_workload_config",
        "Hub": "hub",
        "HubContentReference": "hub_content_reference",
        "InferenceComponent": "inference_component",
        "MlflowApp": "mlflow_app",
        "PartnerApp": "partner_app",
        "InferenceExperiment": "inference_experiment",
        "ModelCardExportJob": "model_card_export_job",
    }
)
