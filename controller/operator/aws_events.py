"""Events of AWS bring the next reconciliation of their objects forward."""

from collections.abc import Sequence

from controller.aws_events.message import ResourceEvent
from controller.aws_events.queue import Deliver
from controller.operator.context import OperatorContext


def object_enqueuer(context: OperatorContext) -> Deliver:
    """A function that enqueues the objects of events, by the name and ARN in their status.

    A user who may write a status can therefore cause or prevent such a reconciliation; that is harmless, because events
    decide nothing and the periodic resync continues.
    """

    def deliver(events: Sequence[ResourceEvent]) -> None:
        for item in context.store.all():
            name, arn = (str(item.status.get(member) or "") for member in ("awsName", "arn"))
            event = next((each for each in events if each.is_about(item.ref.kind, name, arn)), None)
            if event is not None:
                context.observed.drop(item.ref, in_transition=True)
                context.waits.note(item, None)
                context.intake.enqueue_item(item, event.id or "aws event")

    return deliver
