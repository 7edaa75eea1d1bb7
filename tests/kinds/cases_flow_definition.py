"""The case of FlowDefinition."""

from tests.journeys.documents import ROLE, WORKFORCE, workteam
from tests.journeys.standalone_documents import HUMAN_TASK_UI
from tests.kinds.case import Case

_TASK = (
    "humanLoopConfig: {workteamArn: reviewers, humanTaskUiArn: boxes, taskTitle: %s, "
    "taskDescription: Look at it., taskCount: 1}"
)

FLOW_DEFINITION = Case(
    "review",
    f"roleArn: {ROLE}\noutputConfig: {{s3OutputPath: 's3://bucket/reviews'}}",
    frozen=(_TASK % "one", _TASK % "two"),
    needs=(WORKFORCE, workteam(), HUMAN_TASK_UI),
)
