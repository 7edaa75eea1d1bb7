"""LabelingJob: people label a dataset, once. Nothing of it can be changed or deleted."""

from controller.kinds.kind import By, Kind, Link, Runs, Succession

LABELING_JOB = Kind(
    name="LabelingJob",
    plural="LabelingJobs",
    links=(
        Link("HumanTaskConfig.WorkteamArn", "Workteam", By.ARN),
        Link("HumanTaskConfig.UiConfig.HumanTaskUiArn", "HumanTaskUi", By.ARN),
        Link("LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn", "Model", By.ARN),
    ),
    unordered=("HumanTaskConfig.TaskKeywords", "InputConfig.DataAttributes.ContentClassifiers"),
    runs=Runs(stop="StopLabelingJob"),
    succession=Succession(),
)
