"""Action: a named entity of the lineage; synchronous."""

from controller.sandbox.kind import Kind
from controller.sandbox.kinds import entity
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row


def _change(ask: Ask, row: Row) -> Row:
    merges = ask.knobs.lineage_merges
    return entity.changed(ask, row, maps=(entity.PROPERTIES,), name="ActionName", merges=merges)


ACTION = Kind(
    name="Action",
    path="action",
    missing=entity.missing("Action"),
    exists=entity.exists("Action"),
    busy=entity.busy("Action"),
    listing=entity.newest_ten("ActionSummaries"),
    by_arn=True,
    birth=entity.in_lineage,
    change=_change,
    delete_guards=(entity.not_associated,),
    along=entity.associations,
)
