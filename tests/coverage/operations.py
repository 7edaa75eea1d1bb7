"""The 84 operations that the five API-change documents of 2018 to 2020 describe, with their kinds.

Source: the documents of 30 August 2018, 8 May 2019, 24 July 2020 and 1 December 2020, and that of the
paginator ListLabelingJobs, in which these operations are new or changed; a paginator is no operation.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """An operation, its kind, and the years of the documents that describe it."""

    name: str
    kind: str
    codes: tuple[int, ...]


OPERATIONS = (
    Operation("CreateAction", "Action", (2020,)),
    Operation("DeleteAction", "Action", (2020,)),
    Operation("DescribeAction", "Action", (2020,)),
    Operation("ListActions", "Action", (2020,)),
    Operation("UpdateAction", "Action", (2020,)),
    Operation("CreateAlgorithm", "Algorithm", (2020,)),
    Operation("CreateArtifact", "Artifact", (2020,)),
    Operation("DeleteArtifact", "Artifact", (2020,)),
    Operation("DescribeArtifact", "Artifact", (2020,)),
    Operation("ListArtifacts", "Artifact", (2020,)),
    Operation("UpdateArtifact", "Artifact", (2020,)),
    Operation("AddAssociation", "Association", (2020,)),
    Operation("DeleteAssociation", "Association", (2020,)),
    Operation("ListAssociations", "Association", (2020,)),
    Operation("CreateCodeRepository", "CodeRepository", (2020,)),
    Operation("CreateCompilationJob", "CompilationJob", (2019, 2020)),
    Operation("DescribeCompilationJob", "CompilationJob", (2019, 2020)),
    Operation("ListCompilationJobs", "CompilationJob", (2019, 2020)),
    Operation("CreateContext", "Context", (2020,)),
    Operation("DeleteContext", "Context", (2020,)),
    Operation("DescribeContext", "Context", (2020,)),
    Operation("ListContexts", "Context", (2020,)),
    Operation("UpdateContext", "Context", (2020,)),
    Operation("DescribeEndpoint", "Endpoint", (2018, 2020)),
    Operation("ListEndpoints", "Endpoint", (2018,)),
    Operation("UpdateEndpoint", "Endpoint", (2020,)),
    Operation("CreateFeatureGroup", "FeatureGroup", (2020,)),
    Operation("DeleteFeatureGroup", "FeatureGroup", (2020,)),
    Operation("DescribeFeatureGroup", "FeatureGroup", (2020,)),
    Operation("ListFeatureGroups", "FeatureGroup", (2020,)),
    Operation("DescribeLabelingJob", "LabelingJob", (2020,)),
    Operation("ListLabelingJobs", "LabelingJob", (2020,)),
    Operation("ListLabelingJobsForWorkteam", "LabelingJob", (2019,)),
    Operation("CreateModelPackage", "ModelPackage", (2020,)),
    Operation("DescribeModelPackage", "ModelPackage", (2020,)),
    Operation("ListModelPackages", "ModelPackage", (2020,)),
    Operation("UpdateModelPackage", "ModelPackage", (2020,)),
    Operation("CreateModelPackageGroup", "ModelPackageGroup", (2020,)),
    Operation("DeleteModelPackageGroup", "ModelPackageGroup", (2020,)),
    Operation("DescribeModelPackageGroup", "ModelPackageGroup", (2020,)),
    Operation("ListModelPackageGroups", "ModelPackageGroup", (2020,)),
    Operation("DeleteModelPackageGroupPolicy", "ModelPackageGroupPolicy", (2020,)),
    Operation("GetModelPackageGroupPolicy", "ModelPackageGroupPolicy", (2020,)),
    Operation("PutModelPackageGroupPolicy", "ModelPackageGroupPolicy", (2020,)),
    Operation("CreatePipeline", "Pipeline", (2020,)),
    Operation("DeletePipeline", "Pipeline", (2020,)),
    Operation("DescribePipeline", "Pipeline", (2020,)),
    Operation("ListPipelines", "Pipeline", (2020,)),
    Operation("UpdatePipeline", "Pipeline", (2020,)),
    Operation("DescribePipelineDefinitionForExecution", "PipelineExecution", (2020,)),
    Operation("DescribePipelineExecution", "PipelineExecution", (2020,)),
    Operation("ListPipelineExecutionSteps", "PipelineExecution", (2020,)),
    Operation("ListPipelineExecutions", "PipelineExecution", (2020,)),
    Operation("ListPipelineParametersForExecution", "PipelineExecution", (2020,)),
    Operation("StartPipelineExecution", "PipelineExecution", (2020,)),
    Operation("StopPipelineExecution", "PipelineExecution", (2020,)),
    Operation("UpdatePipelineExecution", "PipelineExecution", (2020,)),
    Operation("CreateProcessingJob", "ProcessingJob", (2020,)),
    Operation("DescribeProcessingJob", "ProcessingJob", (2020,)),
    Operation("CreateProject", "Project", (2020,)),
    Operation("DeleteProject", "Project", (2020,)),
    Operation("DescribeProject", "Project", (2020,)),
    Operation("ListProjects", "Project", (2020,)),
    Operation("GetSearchSuggestions", "Search", (2020,)),
    Operation("Search", "Search", (2020,)),
    Operation("DisableSagemakerServicecatalogPortfolio", "ServicecatalogPortfolio", (2020,)),
    Operation("EnableSagemakerServicecatalogPortfolio", "ServicecatalogPortfolio", (2020,)),
    Operation("GetSagemakerServicecatalogPortfolioStatus", "ServicecatalogPortfolio", (2020,)),
    Operation("DescribeTrainingJob", "TrainingJob", (2020,)),
    Operation("CreateTransformJob", "TransformJob", (2018,)),
    Operation("DescribeTransformJob", "TransformJob", (2018,)),
    Operation("CreateTrial", "Trial", (2020,)),
    Operation("DescribeTrial", "Trial", (2020,)),
    Operation("CreateTrialComponent", "TrialComponent", (2020,)),
    Operation("DescribeTrialComponent", "TrialComponent", (2020,)),
    Operation("CreateWorkforce", "Workforce", (2020,)),
    Operation("DeleteWorkforce", "Workforce", (2020,)),
    Operation("DescribeWorkforce", "Workforce", (2020,)),
    Operation("ListWorkforces", "Workforce", (2020,)),
    Operation("UpdateWorkforce", "Workforce", (2020,)),
    Operation("CreateWorkteam", "Workteam", (2019, 2020)),
    Operation("DescribeWorkteam", "Workteam", (2019, 2020)),
    Operation("ListWorkteams", "Workteam", (2019, 2020)),
    Operation("UpdateWorkteam", "Workteam", (2019, 2020)),
)
