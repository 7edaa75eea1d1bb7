"""The commands of each feature, and the operations among the 84 that they cover.

The features are run in this order in one folder and one account, so each finds what those before it left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.coverage.trees import CHANGES, LONG, STOPPED, TREE_FILES

_KINDS = "tests/kinds/test_full_specs.py"
_CHANGES = "tests/kinds/test_every_kind.py"
_GET = "tests/cli/test_get.py"


@dataclass(frozen=True)
class Feature:
    """A command line without ``sagectl``, and the test of its behaviour.

    ``files`` are written before it is run; ``note`` tells what was done to them.
    """

    command: str
    operations: tuple[str, ...]
    test: str
    note: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    code: int = 0


def _lists(noun: str, operation: str, *options: str, test: str = _GET) -> Feature:
    return Feature(" ".join(("get", noun, *options)), (operation,), test)


_CREATED = (
    "AddAssociation CreateAction CreateAlgorithm CreateArtifact CreateCodeRepository CreateCompilationJob "
    "CreateContext CreateFeatureGroup CreateModelPackage CreateModelPackageGroup CreatePipeline "
    "CreateProcessingJob CreateProject CreateTransformJob CreateTrial CreateTrialComponent CreateWorkforce "
    "CreateWorkteam EnableSagemakerServicecatalogPortfolio PutModelPackageGroupPolicy StartPipelineExecution"
)
_DESCRIBED = (
    "DescribeAction DescribeArtifact DescribeCompilationJob DescribeContext DescribeEndpoint DescribeFeatureGroup "
    "DescribeLabelingJob DescribeModelPackage DescribeModelPackageGroup DescribePipeline DescribePipelineExecution "
    "DescribeProcessingJob DescribeProject DescribeTrainingJob DescribeTransformJob DescribeTrial "
    "DescribeTrialComponent DescribeWorkforce DescribeWorkteam GetModelPackageGroupPolicy "
    "GetSagemakerServicecatalogPortfolioStatus"
)
_UPDATED = (
    "UpdateAction UpdateArtifact UpdateContext UpdateEndpoint UpdateModelPackage UpdatePipeline "
    "UpdatePipelineExecution UpdateWorkforce UpdateWorkteam"
)
_DELETED = (
    "DeleteAction DeleteArtifact DeleteAssociation DeleteContext DeleteFeatureGroup DeleteModelPackageGroup "
    "DeleteModelPackageGroupPolicy DeletePipeline DeleteProject DeleteWorkforce "
    "DisableSagemakerServicecatalogPortfolio"
)
_SEARCH = "tests/insight/test_search.py"

FEATURES = (
    Feature("apply ml --yes", tuple(_CREATED.split()), _KINDS, "a new tree", TREE_FILES),
    Feature("plan ml --refresh", tuple(_DESCRIBED.split()), _KINDS, "no changes were made"),
    Feature("apply ml --yes", tuple(_UPDATED.split()), _CHANGES, "documents were changed", CHANGES),
    _lists("actions", "ListActions"),
    _lists("artifacts", "ListArtifacts"),
    _lists("contexts", "ListContexts"),
    _lists("associations", "ListAssociations"),
    _lists("compilation-jobs", "ListCompilationJobs", "--status-equals COMPLETED"),
    _lists("endpoints", "ListEndpoints", "--status-equals InService"),
    _lists("feature-groups", "ListFeatureGroups"),
    _lists("labeling-jobs", "ListLabelingJobs", test="tests/cli/test_labels.py"),
    _lists(
        "labeling-jobs",
        "ListLabelingJobsForWorkteam",
        "--workteam reviewers",
        test="tests/cli/test_labels.py",
    ),
    _lists("model-packages", "ListModelPackages", "--model-package-group-name fraud"),
    _lists("model-package-groups", "ListModelPackageGroups"),
    _lists("pipelines", "ListPipelines"),
    _lists("pipeline-executions", "ListPipelineExecutions", "--pipeline-name train"),
    _lists("projects", "ListProjects"),
    _lists("workforces", "ListWorkforces"),
    _lists("workteams", "ListWorkteams"),
    Feature(
        "get pipeline-execution {execution} --steps --parameters --definition",
        (
            "DescribePipelineDefinitionForExecution",
            "ListPipelineExecutionSteps",
            "ListPipelineParametersForExecution",
        ),
        _GET,
    ),
    Feature("search endpoints --filter 'EndpointStatus = InService'", ("Search",), _SEARCH),
    Feature(
        "search endpoints --filter 'EndpointStatu = InService'",
        ("GetSearchSuggestions",),
        _SEARCH,
        "a mistyped property",
        code=1,
    ),
    Feature(
        "apply long.yaml --yes --timeout 1s",
        (),
        "tests/journeys/test_executions.py",
        "a long run begins",
        LONG,
        4,
    ),
    Feature(
        "apply long.yaml --yes",
        ("StopPipelineExecution",),
        "tests/journeys/test_executions.py",
        "`desiredState: Stopped` was written",
        STOPPED,
    ),
    Feature("destroy ml --yes", tuple(_DELETED.split()), _KINDS),
)
