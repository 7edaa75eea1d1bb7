"""What is done for an object while it waits for others (docs/decisions/0013-looking-ahead.md)."""

from contextlib import suppress

from controller.core.cloud import CloudError
from controller.engine.name_availability import vacant_name
from controller.operator.accounts import By
from controller.operator.cached_object import Item
from controller.operator.context import OperatorContext
from controller.operator.object_bundle import Compiled


def prefetch(item: Item, found: Compiled, context: OperatorContext, reconcile_id: str) -> None:
    """While a new object waits for what it needs, see once whether its name is free: it is made the sooner then.

    Nobody waits for that, so it takes no call from others, and a refusal is the matter of the turn that makes it.
    """
    lone = any(each.target is None for each in found.bundle.resources[item.ref].links)
    if item.status.get("memory") or context.observed.looked_for(item) or (lone and not item.parsed.fixed):
        return
    with suppress(CloudError):
        cloud = context.cloud(item.ref.namespace, reconcile_id, By(str(item.ref), 0.0, 0.0))
        if cloud is not None and cloud.slots.spare:
            context.observed.vacate(item, vacant_name(found.bundle, item.ref, cloud))
