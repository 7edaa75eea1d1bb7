"""The life cycle of jobs of all kinds, and the rules that jobs share.

The rules are the API reference's. Where the service's messages are not published, these are our own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from controller.sandbox.kind import Seconds, StateSequence
from controller.sandbox.lifecycle import Stage, enter_stages
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import invalid

SPLITS = ("Line", "RecordIO", "TFRecord")
PAYLOAD = 100
SOURCES = ("S3DataSource", "FileSystemDataSource", "DatasetSource")


def unique(elements: Sequence[Json], key: str) -> None:
    """Refuse two elements with the same name."""
    names = [one[key] for one in elements if key in one]
    if len(set(names)) != len(names):
        raise invalid(f"Each {key} must be unique.")


def check_stopping_condition(limits: Json) -> None:
    """Refuse a maximum wait time that is shorter than the maximum run time."""
    longest, wait = limits.get("MaxRuntimeInSeconds"), limits.get("MaxWaitTimeInSeconds")
    if longest is not None and wait is not None and wait < longest:
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


def preferences(listed: Sequence[Json]) -> None:
    """Refuse preferences of which only some have a count."""
    if len({"InstanceCount" in one for one in listed}) > 1:
        raise invalid("Either all InstancePreferences must specify InstanceCount or none.")


def training_resources(config: Json) -> None:
    """Refuse more than one form of the resource configuration."""
    given = [m for m in ("InstanceType", "InstanceGroups", "InstancePreferences") if config.get(m)]
    if len(given) > 1:
        raise invalid(f"Only one of {', '.join(given)} can be specified in ResourceConfig.")
    preferred = config.get("InstancePreferences", [])
    preferences(preferred)
    if preferred and "InstancePlacementConfig" in config:
        raise invalid("InstancePlacementConfig cannot be specified with InstancePreferences.")
    if "TrainingPlanArn" in config and any(one.get("TrainingPlanArns") for one in preferred):
        raise invalid("TrainingPlanArn cannot be specified with TrainingPlanArns of InstancePreferences.")


def channels(listed: Sequence[Json]) -> None:
    """Refuse channels that do not have exactly one source."""
    for one in listed:
        if sum(source in one["DataSource"] for source in SOURCES) != 1:
            raise invalid(f"Exactly one data source must be specified for channel {one['ChannelName']}.")


def transform(job: Json, *, strict: bool) -> None:
    """Refuse payloads that are too large, and if `strict` MultiRecord batches of data that is not split."""
    payload, at_once = job.get("MaxPayloadInMB", 0), job.get("MaxConcurrentTransforms", 1)
    if payload > PAYLOAD or payload * at_once > PAYLOAD:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {PAYLOAD} MB.")
    whole = job["TransformInput"].get("SplitType", "None") not in SPLITS
    if strict and whole and job.get("BatchStrategy") == "MultiRecord":
        raise invalid("BatchStrategy MultiRecord requires SplitType Line, RecordIO or TFRecord.")


REASON_LENGTH = 1024


@dataclass(frozen=True)
class JobStates:
    """The names of a job's states in a kind."""

    queued: str = "InProgress"
    active: str = "InProgress"
    completed: str = "Completed"
    failed: str = "Failed"
    stopping: str = "Stopping"
    stopped: str = "Stopped"


def nothing_more(_request: OperationRequest, _word: str, _at: float, _body: Json) -> Json:
    """No members change besides the status."""
    return {}


@dataclass(frozen=True)
class JobLifecycle:
    """The life cycle of one kind's jobs."""

    noun: str  # the kind's name in refusals
    status: str  # the member with the status
    course: Callable[["JobLifecycle", OperationRequest], list[Stage]]  # the stages before the end
    halt: Callable[[OperationRequest], float]  # how long a stop takes
    began: str | None = None  # the members with the times of start and end
    ended: str | None = None
    states: JobStates = JobStates()
    marks: Callable[[OperationRequest, str, float, Json], Json] = (
        nothing_more  # further members that change with the status
    )
    # The final status without a failure or a stop.
    good: Callable[["JobLifecycle", OperationRequest], str] = lambda run, _: run.states.completed
    # Whether Stop is accepted before the work begins.
    stops_queued: Callable[[OperationRequest], bool] = lambda _: True
    modified: str | None = "LastModifiedTime"

    @property
    def life(self) -> StateSequence:
        """The states for the generic life cycle."""
        return self.life_until(None)

    def life_until(self, deletion_seconds: Seconds | None) -> StateSequence:
        """Return the life of a job whose deletion takes time."""
        states = self.states
        return StateSequence(
            status=self.status,
            stable=states.completed,
            deletion_seconds=deletion_seconds,
            busy=frozenset({"Deleting"}),
            running=frozenset({states.queued, states.active, states.stopping}),
        )

    def grow(self, request: OperationRequest, row: Row) -> Row:
        """Run the job to its end, with success or failure."""
        word = self.good(self, request) if request.effect.fails is None else self.states.failed
        return enter_stages(
            request, row, [*self.course(self, request), self.stage(request, word)], self.modified
        )

    def stop(self, request: OperationRequest, row: Row) -> Row:
        """Stop the job, if it runs."""
        stoppable = {self.states.active} | ({self.states.queued} if self.stops_queued(request) else set())
        word = row.body[self.status]
        if word not in stoppable:
            raise invalid(f"The request was rejected because the {self.noun} is in status {word}.")
        stopping = self.stage(request, self.states.stopping, self.halt(request))
        return enter_stages(request, row, [stopping, self.stage(request, self.states.stopped)], self.modified)

    def stage(self, request: OperationRequest, word: str, seconds: float = 0.0) -> Stage:
        """Return the stage that begins with a status."""
        return Stage(put=partial(self._put, request, word), seconds=seconds)

    def _put(self, request: OperationRequest, word: str, at: float, body: Json) -> Json:
        made: Json = {self.status: word}
        over = word in {self.states.completed, self.states.failed, self.states.stopped}
        if word == self.states.failed:
            made["FailureReason"] = str(request.effect.fails)[:REASON_LENGTH]
        if over and self.ended:
            made[self.ended] = at
        return made | self.marks(request, word, at, body | made)

    def simple(self, request: OperationRequest, starting: float, working: float) -> list[Stage]:
        """Return the stages of a job that waits for its instances and then works."""
        return [self.stage(request, self.states.queued, starting), self.working(request, working)]

    def working(self, request: OperationRequest, seconds: float) -> Stage:
        """Return the stage of the work, until it is done."""

        def put(at: float, body: Json) -> Json:
            began = {self.began: at} if self.began else {}
            return self._put(request, self.states.active, at, body | began) | began

        return Stage(put=put, seconds=seconds)
