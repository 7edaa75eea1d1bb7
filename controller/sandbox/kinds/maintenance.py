"""SystemUpdating: AWS patches an endpoint that nobody asked to change, and meanwhile nobody can."""

from dataclasses import replace

from controller.sandbox.request import Ask
from controller.sandbox.resource import Row, Step
from controller.sandbox.rules import Json

STATUS = "EndpointStatus"


def maintain(ask: Ask, row: Row, seconds: float) -> None:
    """Let an endpoint in service be patched now."""
    if row.body[STATUS] != "InService":
        msg = f"only an endpoint in service is patched, but {row.name} is {row.body[STATUS]}"
        raise ValueError(msg)
    ask.commit(
        row,
        replace(row, body=row.body | _maintenance_state("SystemUpdating", ask.now), due=_back(ask, seconds)),
    )


def plan_maintenance(ask: Ask, row: Row) -> None:
    """Let a new endpoint be patched by itself later, if the knob says so."""
    after = ask.knobs.endpoint_maintained_after
    if after > 0 and row.due and ask.fate.fails is None:
        begins = ask.after(after, {})
        begins = replace(begins, put=_maintenance_state("SystemUpdating", begins.at))
        due = (*row.due, begins, *_back(ask, after + ask.knobs.endpoint_system_updating))
        ask.commit(row, replace(row, due=due))


def _back(ask: Ask, seconds: float) -> tuple[Step, ...]:
    step = ask.after(seconds, {})
    return (replace(step, put=_maintenance_state("InService", step.at)),)


def _maintenance_state(word: str, at: float) -> Json:
    return {STATUS: word, "LastModifiedTime": at}
