"""The reference table: which field of which kind names which kind."""

_TRACKED = ("ExperimentConfig.ExperimentName", "Experiment"), ("ExperimentConfig.TrialName", "Trial")
_RESOURCES = (
    ("LifecycleConfigArn", "StudioLifecycleConfig"),
    ("SageMakerImageArn", "Image"),
    ("SageMakerImageVersionArn", "ImageVersion"),
)
_IMAGES = ("CustomImages[].ImageName", "Image"), ("CustomImages[].AppImageConfigName", "AppImageConfig")
_LAB = (
    *_IMAGES,
    ("LifecycleConfigArns[]", "StudioLifecycleConfig"),
    *((f"DefaultResourceSpec.{field}", kind) for field, kind in _RESOURCES),
)
_OF_A_PROJECT = ("ModelPackage", "Action", "Artifact", "Trial", "TrialComponent")
_INLINE = "MonitoringScheduleConfig.MonitoringJobDefinition"

REFERENCES = frozenset(
    {
        ("Workteam", "WorkforceName", "Workforce"),
        ("LabelingJob", "HumanTaskConfig.WorkteamArn", "Workteam"),
        ("LabelingJob", "HumanTaskConfig.UiConfig.HumanTaskUiArn", "HumanTaskUi"),
        ("LabelingJob", "LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn", "Model"),
        ("FlowDefinition", "HumanLoopConfig.WorkteamArn", "Workteam"),
        ("FlowDefinition", "HumanLoopConfig.HumanTaskUiArn", "HumanTaskUi"),
        (
            "HyperParameterTuningJob",
            "TrainingJobDefinition.AlgorithmSpecification.AlgorithmName",
            "Algorithm",
        ),
        (
            "HyperParameterTuningJob",
            "WarmStartConfig.ParentHyperParameterTuningJobs[].HyperParameterTuningJobName",
            "HyperParameterTuningJob",
        ),
        ("NotebookInstance", "LifecycleConfigName", "NotebookInstanceLifecycleConfig"),
        ("NotebookInstance", "DefaultCodeRepository", "CodeRepository"),
        ("NotebookInstance", "AdditionalCodeRepositories[]", "CodeRepository"),
        ("CompilationJob", "ModelPackageVersionArn", "ModelPackage"),
        ("TransformJob", "ModelName", "Model"),
        ("InferenceRecommendationsJob", "InputConfig.ModelName", "Model"),
        ("InferenceRecommendationsJob", "InputConfig.ModelPackageVersionArn", "ModelPackage"),
        ("InferenceRecommendationsJob", "InputConfig.Endpoints[].EndpointName", "Endpoint"),
        ("ClusterSchedulerConfig", "ClusterArn", "Cluster"),
        ("ComputeQuota", "ClusterArn", "Cluster"),
        ("OptimizationJob", "ModelSource.SageMakerModel.ModelName", "Model"),
        ("TrainingJob", "AlgorithmSpecification.AlgorithmName", "Algorithm"),
        ("TrainingJob", "ModelPackageConfig.ModelPackageGroupArn", "ModelPackageGroup"),
        (
            "ProcessingJob",
            "ProcessingOutputConfig.Outputs[].FeatureStoreOutput.FeatureGroupName",
            "FeatureGroup",
        ),
        ("Model", "PrimaryContainer.ModelPackageName", "ModelPackage"),
        ("EndpointConfig", "ProductionVariants[].ModelName", "Model"),
        ("EndpointConfig", "ShadowProductionVariants[].ModelName", "Model"),
        ("Endpoint", "EndpointConfigName", "EndpointConfig"),
        *(
            (f"{sort}JobDefinition", f"{sort}{field}", kind)
            for sort in ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
            for field, kind in (
                ("JobInput.EndpointInput.EndpointName", "Endpoint"),
                ("BaselineConfig.BaseliningJobName", "ProcessingJob"),
            )
        ),
        *(
            (
                "MonitoringSchedule",
                "MonitoringScheduleConfig.MonitoringJobDefinitionName",
                f"{sort}JobDefinition",
            )
            for sort in ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
        ),
        ("MonitoringSchedule", f"{_INLINE}.MonitoringInputs[].EndpointInput.EndpointName", "Endpoint"),
        ("MonitoringSchedule", f"{_INLINE}.BaselineConfig.BaseliningJobName", "ProcessingJob"),
        ("ModelPackage", "ModelPackageGroupName", "ModelPackageGroup"),
        ("ModelPackage", "SourceAlgorithmSpecification.SourceAlgorithms[].AlgorithmName", "Algorithm"),
        ("ModelPackageGroupPolicy", "ModelPackageGroupName", "ModelPackageGroup"),
        ("PipelineExecution", "PipelineName", "Pipeline"),
        ("EndpointPolicy", "EndpointName", "Endpoint"),
        ("HubContentReference", "HubName", "Hub"),
        ("ModelCardExportJob", "ModelCardName", "ModelCard"),
        ("InferenceExperiment", "EndpointName", "Endpoint"),
        ("InferenceExperiment", "ModelVariants[].ModelName", "Model"),
        ("InferenceExperiment", "DesiredModelVariants[].ModelName", "Model"),
        ("ScalingTarget", "ResourceId", "Endpoint"),
        ("ScalingTarget", "ResourceId", "InferenceComponent"),
        ("InferenceComponent", "EndpointName", "Endpoint"),
        *(
            ("InferenceComponent", f"{specification}.{field}", kind)
            for specification in ("Specification", "Specifications[]")
            for field, kind in (("ModelName", "Model"), ("BaseInferenceComponentName", "InferenceComponent"))
        ),
        ("Trial", "ExperimentName", "Experiment"),
        ("TrialComponent", "Trials[]", "Trial"),
        ("Association", "SourceArn", "Artifact"),
        ("Association", "SourceArn", "Context"),
        ("Association", "DestinationArn", "Action"),
        ("Association", "DestinationArn", "Experiment"),
        ("Association", "DestinationArn", "TrialComponent"),
        ("ImageVersion", "ImageName", "Image"),
        ("UserProfile", "DomainId", "Domain"),
        ("Space", "DomainId", "Domain"),
        ("Space", "OwnershipSettings.OwnerUserProfileName", "UserProfile"),
        ("App", "DomainId", "Domain"),
        ("MlflowApp", "DefaultDomainIdList[]", "Domain"),
        ("App", "SpaceName", "Space"),
        ("App", "UserProfileName", "UserProfile"),
        *(
            (owner, f"{settings}.JupyterLabAppSettings.{field}", kind)
            for owner, settings in (("Domain", "DefaultUserSettings"), ("UserProfile", "UserSettings"))
            for field, kind in _LAB
        ),
        *(("Space", f"SpaceSettings.KernelGatewayAppSettings.{field}", kind) for field, kind in _IMAGES),
        *(
            (user, f"{member}.{field}", kind)
            for user, member in (
                ("App", "ResourceSpec"),
                ("Space", "SpaceSettings.JupyterLabAppSettings.DefaultResourceSpec"),
            )
            for field, kind in _RESOURCES
        ),
        *((job, *each) for job in ("TransformJob", "TrainingJob", "ProcessingJob") for each in _TRACKED),
        *((kind, "MetadataProperties.ProjectId", "Project") for kind in _OF_A_PROJECT),
    }
)
