"""Steps of generation 2 of the SageMaker Python SDK: experiments and lineage."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.clients.sagemaker_sdk.steps import CLIENT, assert_deleted, assert_equal, main, step
else:  # first of all, for it replaces the sleep
    from steps import CLIENT, main, step

from sagemaker import Session  # type: ignore[import-not-found]
from sagemaker.analytics import ExperimentAnalytics  # type: ignore[import-not-found]
from sagemaker.experiments import Run  # type: ignore[import-not-found]
from sagemaker.experiments.experiment import Experiment  # type: ignore[import-not-found]
from sagemaker.lineage.action import Action  # type: ignore[import-not-found]
from sagemaker.lineage.artifact import Artifact  # type: ignore[import-not-found]
from sagemaker.lineage.association import Association  # type: ignore[import-not-found]
from sagemaker.lineage.context import Context  # type: ignore[import-not-found]

TAGS = [{"Key": "team", "Value": "a"}]
SESSION = Session(sagemaker_client=CLIENT, default_bucket="bucket")


@step(CreateExperiment=1, CreateTrial=1, DescribeExperiment=1)
def experiment() -> None:
    """Log two runs of an experiment, search them, delete all."""
    for name in ("one", "two"):
        with Run("fraud", name, sagemaker_session=SESSION, tags=TAGS) as run:
            run.log_parameter("depth", 3)
            run.log_parameters({"rate": 0.1, "kind": "tree"})
    frame = ExperimentAnalytics("fraud", sagemaker_session=SESSION).dataframe()
    assert_equal(sorted(frame["DisplayName"]), ["fraud-one", "fraud-two"])
    assert_equal([float(value) for value in frame["depth"]], [3.0, 3.0])
    Experiment.load("fraud", SESSION)._delete_all("--force")
    assert_deleted("describe_experiment", ExperimentName="fraud")


@step(DescribeAction=1)
def lineage() -> None:
    """Join an artifact, an action and a context; change them; delete them with what joins them."""
    data = Artifact.create(
        "data",
        "s3://bucket/data",
        artifact_type="DataSet",
        properties={"rows": "3"},
        tags=TAGS,
        sagemaker_session=SESSION,
    )
    clean = Action.create(
        "clean", "s3://bucket/code", "S3", "Clean", status="InProgress", sagemaker_session=SESSION
    )
    project = Context.create("project", "s3://bucket/project", "S3", "Project", sagemaker_session=SESSION)
    Association.create(data.artifact_arn, clean.action_arn, "ContributedTo", SESSION)
    Association.create(project.context_arn, clean.action_arn, "AssociatedWith", SESSION)
    clean.status, clean.properties = "Completed", {"rows": "2"}
    clean.save()
    project.description = "d"
    project.save()
    assert_equal(Action.load("clean", SESSION).status, "Completed")
    assert_equal(Context.load("project", SESSION).description, "d")
    found = list(Association.list(destination_arn=clean.action_arn, sagemaker_session=SESSION))
    assert_equal({one.association_type for one in found}, {"ContributedTo", "AssociatedWith"})
    assert_equal(
        [one.artifact_name for one in Artifact.list("s3://bucket/data", sagemaker_session=SESSION)], ["data"]
    )
    assert_equal([one.action_name for one in Action.list(sagemaker_session=SESSION)], ["clean"])
    clean.delete(disassociate=True)
    for each in (data, project):
        each.delete()
    assert_deleted("describe_action", ActionName="clean")


if __name__ == "__main__":
    main()
