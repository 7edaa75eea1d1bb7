"""What is wrong between GitSyncs, which no API server can see: sets with two owners, circles, tenants."""

from collections.abc import Callable, Iterable

from controller.core.ref import Ref
from controller.fronts.sync.read import circle
from controller.operator.accounts import Tenants
from controller.operator.gitsync.asked import needs, owner
from controller.operator.item import Item
from controller.operator.reasons import Reason
from controller.operator.verdict import Verdict


def troubles(items: Iterable[Item], tenants: Tenants, cluster: str) -> dict[Ref, Verdict]:
    """Why some may not be followed."""
    told = sorted(items, key=lambda each: (str(each.metadata.get("creationTimestamp", "")), each.ref))
    found: dict[Ref, Verdict] = {}
    for judge in (_circles, _shared(tenants, cluster), _roleless(tenants)):
        found |= judge(told)
    return found


def _roleless(tenants: Tenants) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        return {
            each.ref: Verdict(
                Reason.FORBIDDEN, f"no role is configured for the namespace {each.ref.namespace}"
            )
            for each in items
            if tenants.of(each.ref.namespace) is None
        }

    return judge


def _shared(tenants: Tenants, cluster: str) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    """Two that own one set in one account would undo each other: the older has it."""

    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        first: dict[object, Item] = {}
        found = {}
        for each in items:
            of = owner(each, cluster)
            had = first.setdefault((tenants.of(each.ref.namespace), of), each)
            if had is not each:
                told = f"the set {of} is owned by {had.ref.kind}/{had.ref.name} already"
                found[each.ref] = Verdict(Reason.INVALID, told)
        return found

    return judge


def _circles(items: list[Item]) -> dict[Ref, Verdict]:
    found: dict[Ref, Verdict] = {}
    spaces: dict[str, list[Item]] = {}
    for each in items:
        spaces.setdefault(each.ref.namespace, []).append(each)
    for those in spaces.values():
        around = circle({each.ref.name: needs(each) for each in those})
        told = f"syncs depend on each other: {' -> '.join(around)}"
        found |= {each.ref: Verdict(Reason.INVALID, told) for each in those if each.ref.name in around}
    return found
