"""HumanTaskUi: a worker's page; its content never comes back, so its name says which content it is."""

from controller.kinds.kind import Kind, Succession

HUMAN_TASK_UI = Kind(name="HumanTaskUi", plural="HumanTaskUis", succession=Succession())
