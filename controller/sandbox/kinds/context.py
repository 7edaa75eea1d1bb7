"""Context: a named entity of the lineage; synchronous."""

from controller.sandbox.kind import Kind
from controller.sandbox.kinds import entity
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row


def _change(ask: Ask, row: Row) -> Row:
    merges = ask.knobs.lineage_merges
    return entity.changed(ask, row, maps=(entity.PROPERTIES,), name="ContextName", merges=merges)


CONTEXT = Kind(
    name="Context",
    path="context",
    missing=entity.missing("Context"),
    exists=entity.exists("Context"),
    busy=entity.busy("Context"),
    listing=entity.newest_ten("ContextSummaries"),
    by_arn=True,
    birth=entity.in_lineage,
    change=_change,
    delete_guards=(entity.not_associated,),
    along=entity.associations,
)
