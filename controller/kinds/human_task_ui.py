"""HumanTaskUi: a worker's page; its content never comes back, so its name says which content it is."""

from controller.kinds.columns import Generations
from controller.kinds.kind import Kind, Lifecycle

HUMAN_TASK_UI = Kind(
    name="HumanTaskUi",
    lifecycle=Lifecycle(generations=Generations()),
)
