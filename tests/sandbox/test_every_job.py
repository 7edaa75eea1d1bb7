from pathlib import Path
from typing import Any

import botocore.loaders
import pytest

from controller.sandbox import InjectedFault, ManualClock, Sandbox
from controller.sandbox.clock import START
from tests.sandbox.conftest import client_of, refusal
from tests.sandbox.newcomers import JOBS, LEAST, call, describe, make, operation_name, status, wait_until_idle

MODEL = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")
STOPPED = {"CompilationJob": "STOPPED", "OptimizationJob": "STOPPED"}
FAILED = {"CompilationJob": "FAILED", "OptimizationJob": "FAILED"}
DONE = {"CompilationJob": "COMPLETED", "OptimizationJob": "COMPLETED"}
HERE = "arn:aws:sagemaker:us-east-1:123456789012"
UNIQUE = "must be unique within an AWS account and region"
FOREIGN_SIGNATURES = {
    "HumanTaskUi": ("ResourceNotFound", "Could not find human task UI 'ghost'."),
    "LabelingJob": ("ResourceNotFound", "Could not find labeling job 'ghost'."),
    "CompilationJob": ("ResourceNotFound", "Could not find compilation job 'ghost'."),
    "TransformJob": ("ValidationException", "Could not find requested job with name: ghost"),
    "TrainingJob": ("ValidationException", "Requested resource not found."),
    "ProcessingJob": ("ValidationException", "Could not find requested job with name: ghost"),
    "OptimizationJob": ("ResourceNotFound", "Could not find optimization job 'ghost'."),
    "Algorithm": (
        "ValidationException",
        f"Algorithm {HERE}:algorithm/ghost does not exist.",
    ),
    "CodeRepository": (
        "ValidationException",
        f"Cannot find CodeRepository: {HERE}:code-repository/ghost",
    ),
    "FeatureGroup": ("ResourceNotFound", "Could not find feature group 'ghost'."),
}
DUPLICATES = {
    "TrainingJob": (
        "ResourceInUse",
        f"Training job names {UNIQUE}, and a training job with this name already exists ({HERE}:training-job/one)",
    ),
    "ProcessingJob": (
        "ResourceInUse",
        f"Job name {UNIQUE}, and a job with this name already exists ({HERE}:processing-job/one)",
    ),
    "CompilationJob": (
        "ResourceInUse",
        "Resource Already Exists: Compilation job with name one already exists. Choose a different name.",
    ),
    "Algorithm": (
        "ValidationException",
        f"Algorithm already exists: {HERE}:algorithm/one",
    ),
}
CODES = {"Algorithm": "ValidationException", "CodeRepository": "ValidationException"}


def required(kind: str, word: str) -> set[str]:
    """Return the members that the model requires in a response."""
    shape = MODEL["operations"][f"{word}{kind}"]["output"]["shape"]
    return set(MODEL["shapes"][shape]["required"])


def plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def list_items(aws: Any, kind: str, **request: Any) -> list[Any]:
    """List, whatever the name of the response's list."""
    answer = getattr(aws, operation_name("list", plural(kind)))(**request)
    (found,) = (value for value in answer.values() if isinstance(value, list))
    return list(found)


def summary_shape(kind: str) -> Any:
    """Return the shape of an item of List."""
    output = MODEL["shapes"][MODEL["operations"][f"List{plural(kind)}"]["output"]["shape"]]
    shapes = [MODEL["shapes"][member["shape"]] for member in output["members"].values()]
    (listed,) = (shape for shape in shapes if shape["type"] == "list")
    return MODEL["shapes"][listed["member"]["shape"]]


@pytest.fixture(params=LEAST)
def kind(request: pytest.FixtureRequest) -> str:
    """Name one kind after the other."""
    return str(request.param)


@pytest.fixture(params=JOBS)
def job(request: pytest.FixtureRequest) -> str:
    """Name one kind of job after the other."""
    return str(request.param)


def test_a_stranger_is_unknown_in_the_words_of_its_kind(aws: Any, kind: str) -> None:
    """Describe, and Delete if there is one, refuse an unknown name with AWS's message."""
    assert refusal(call(aws, "describe", kind), **{f"{kind}Name": "ghost"}) == FOREIGN_SIGNATURES[kind]
    if hasattr(aws, operation_name("delete", kind)):
        assert refusal(call(aws, "delete", kind), **{f"{kind}Name": "ghost"}) == FOREIGN_SIGNATURES[kind]


def test_a_name_is_given_once(aws: Any, kind: str) -> None:
    """A second creation of a name is refused, with the kind's message if it is known."""
    make(aws, kind)
    code, text = refusal(make, aws=aws, kind=kind)
    assert (code, text) == DUPLICATES.get(kind, (CODES.get(kind, "ResourceInUse"), text))


def test_describe_and_list_say_all_that_the_model_requires(sandbox: Sandbox, aws: Any, kind: str) -> None:
    """A finished resource is described with every required member, and listed with no further member."""
    make(aws, kind)
    wait_until_idle(sandbox)
    assert required(kind, "Describe") <= set(describe(aws, kind))
    (item,) = list_items(aws, kind)
    assert set(summary_shape(kind)["required"]) <= set(item) <= set(summary_shape(kind)["members"])
    assert item[f"{kind}Name"] == "one"


def test_a_job_is_born_at_work_and_grows_to_its_end(sandbox: Sandbox, aws: Any, job: str) -> None:
    """Right after Create a job is not done; only the clock changes it to Completed."""
    make(aws, job)
    assert status(aws, job) in {"InProgress", "Initializing", "STARTING"}
    assert list_items(aws, job)[0][f"{job}Status"] == status(aws, job)
    wait_until_idle(sandbox)
    assert status(aws, job) == DONE.get(job, "Completed")


def test_a_job_that_fails_says_why(sandbox: Sandbox, aws: Any, job: str) -> None:
    """FAIL lets a job end Failed with the given reason, cut to the maximum length."""
    sandbox.inject(InjectedFault.FAIL, reason="AlgorithmError: exit code 1 " + "x" * 2000)
    make(aws, job)
    wait_until_idle(sandbox)
    described = describe(aws, job)
    assert described[f"{job}Status"] == FAILED.get(job, "Failed")
    assert described["FailureReason"].startswith("AlgorithmError: exit code 1 ")
    assert len(described["FailureReason"]) == 1024


def test_a_job_stops_in_its_own_time(sandbox: Sandbox, aws: Any, job: str) -> None:
    """Stop makes a running job Stopping, then Stopped; a finished job can't be stopped."""
    make(aws, job)
    sandbox.clock.advance(90)
    call(aws, "stop", job)(**{f"{job}Name": "one"})
    assert status(aws, job).upper() == "STOPPING"
    wait_until_idle(sandbox)
    assert status(aws, job) == STOPPED.get(job, "Stopped")
    noun = operation_name("", job).replace("_", " ").strip()
    assert refusal(call(aws, "stop", job), **{f"{job}Name": "one"}) == (
        "ValidationException",
        f"The request was rejected because the {noun} is in status {STOPPED.get(job, 'Stopped')}.",
    )


def test_an_unknown_job_cannot_be_stopped(aws: Any, job: str) -> None:
    """Stop refuses an unknown name like Describe, except for transform jobs."""
    found = refusal(call(aws, "stop", job), **{f"{job}Name": "ghost"})
    arguments = ("ValidationException", "Could not find job to update with name ghost")
    assert found == (arguments if job == "TransformJob" else FOREIGN_SIGNATURES[job])


@pytest.mark.parametrize("kind", ["LabelingJob", "TransformJob"])
def test_some_records_stay_for_ever(aws: Any, kind: str) -> None:
    """There is no operation that deletes a labeling or a transform job."""
    assert not hasattr(aws, operation_name("delete", kind))


@pytest.mark.parametrize("kind", ["CompilationJob", "TrainingJob", "ProcessingJob", "OptimizationJob"])
def test_only_a_job_that_is_over_is_deleted(sandbox: Sandbox, aws: Any, kind: str) -> None:
    """Delete is refused while a job runs or stops; afterwards its name is free again."""
    make(aws, kind)
    delete = call(aws, "delete", kind)
    code = "ValidationException" if kind in DONE else "ResourceInUse"
    assert refusal(delete, **{f"{kind}Name": "one"})[0] == code
    call(aws, "stop", kind)(**{f"{kind}Name": "one"})
    assert refusal(delete, **{f"{kind}Name": "one"})[0] == code
    wait_until_idle(sandbox)
    delete(**{f"{kind}Name": "one"})
    wait_until_idle(sandbox)
    assert refusal(call(aws, "describe", kind), **{f"{kind}Name": "one"})[0] == FOREIGN_SIGNATURES[kind][0]
    make(aws, kind)


def test_jobs_are_filtered_by_name_time_and_status(sandbox: Sandbox, aws: Any, job: str) -> None:
    """List has the filters and orders of all jobs."""
    for name in ("b", "a", "ab"):
        make(aws, job, name)
        sandbox.clock.advance(1)
    assert [one[f"{job}Name"] for one in list_items(aws, job, SortBy="Name", SortOrder="Ascending")] == [
        "a",
        "ab",
        "b",
    ]
    assert len(list_items(aws, job, NameContains="a")) == 2
    created = describe(aws, job, "a")["CreationTime"]
    assert [one[f"{job}Name"] for one in list_items(aws, job, CreationTimeAfter=created)] == ["ab"]
    assert [one[f"{job}Name"] for one in list_items(aws, job, CreationTimeBefore=created)] == ["b"]
    assert len(list_items(aws, job, StatusEquals=status(aws, job, "a"))) == 3
    assert list_items(aws, job, StatusEquals=DONE.get(job, "Completed")) == []
    wait_until_idle(sandbox)
    assert (
        len(list_items(aws, job, StatusEquals=DONE.get(job, "Completed"), LastModifiedTimeAfter=created)) == 3
    )


@pytest.mark.parametrize("fault", [InjectedFault.THROTTLE, InjectedFault.DENIED, InjectedFault.LIMIT])
def test_every_creation_can_be_refused(sandbox: Sandbox, aws: Any, kind: str, fault: InjectedFault) -> None:
    """THROTTLE, DENIED and LIMIT refuse the creation of any kind once."""
    sandbox.inject(fault, operation=f"Create{kind}")
    codes = {
        InjectedFault.THROTTLE: "ThrottlingException",
        InjectedFault.DENIED: "AccessDeniedException",
        InjectedFault.LIMIT: "ResourceLimitExceeded",
    }
    assert refusal(make, aws=aws, kind=kind)[0] == codes[fault]
    make(aws, kind)


def test_every_kind_can_be_in_use_and_seen_late(sandbox: Sandbox, aws: Any, kind: str) -> None:
    """STALE hides a new resource from Describe and List; IN_USE refuses its Stop or Delete once."""
    sandbox.inject(InjectedFault.STALE, operation=f"Create{kind}", seconds=5)
    make(aws, kind)
    assert refusal(call(aws, "describe", kind), **{f"{kind}Name": "one"})[0] == FOREIGN_SIGNATURES[kind][0]
    assert list_items(aws, kind) == []
    sandbox.clock.advance(90)
    word = "stop" if kind in JOBS else "delete"
    sandbox.inject(InjectedFault.IN_USE, name="one")
    codes = {
        "CompilationJob": "ValidationException",
        "OptimizationJob": "ValidationException",
        "Algorithm": "ValidationException",
        "CodeRepository": "ConflictException",
        "FeatureGroup": "ValidationException",
    }
    assert refusal(call(aws, word, kind), **{f"{kind}Name": "one"})[0] == codes.get(kind, "ResourceInUse")
    call(aws, word, kind)(**{f"{kind}Name": "one"})


def test_every_kind_is_tagged(aws: Any, kind: str) -> None:
    """Tags given at creation are listed by ARN, and only a labeling job shows them in Describe."""
    tags = [{"Key": "team", "Value": "risk"}]
    make(aws, kind, Tags=tags)
    described = describe(aws, kind)
    assert aws.list_tags(ResourceArn=described[f"{kind}Arn"])["Tags"] == tags
    assert described.get("Tags") == (tags if kind == "LabelingJob" else None)


def test_every_kind_grows_on_while_nobody_looks(tmp_path: Path, kind: str) -> None:
    """What was in progress when the state was closed is done when it is opened again later."""
    state = tmp_path / "state.sqlite"
    first = Sandbox(state=state)
    make(client_of(first), kind)
    first.close()
    second = Sandbox(state=state, clock=ManualClock(START + 86400))
    described = describe(client_of(second), kind)
    names = {"HumanTaskUi": "Active", "FeatureGroup": "Created", **DONE}
    assert described.get(f"{kind}Status", "Completed") == names.get(kind, "Completed")
    second.close()
