"""What is wrong between GitSyncs, which no API server can see: sets with two owners, circles, tenants."""

from collections.abc import Callable, Iterable

from controller.core.ref import Ref
from controller.fronts.sync.read import circle
from controller.operator.accounts import Tenants
from controller.operator.gitsync.asked import forbidden, needs, owner
from controller.operator.item import Item
from controller.operator.reasons import Reason
from controller.operator.verdict import Verdict

_SHOWN = 5


def troubles(items: Iterable[Item], tenants: Tenants, own_set: str) -> dict[Ref, Verdict]:
    """Why some may not be followed; ``own_set`` is the operator's, which no sync may own."""
    told = sorted(items, key=lambda each: (str(each.metadata.get("creationTimestamp", "")), each.ref))
    found = {each.ref: _unreadable(each) for each in told if each.said.findings}
    told = [each for each in told if each.ref not in found]
    allowed = [each for each in told if not forbidden(each, tenants.grant(each.ref.namespace), own_set)]
    for judge in (_circles, _shared(tenants)):
        found |= judge(allowed)  # what is not allowed takes no set from others
    for judge in (_forbidden(tenants, own_set), _roleless(tenants)):
        found |= judge(told)
    return found


def _forbidden(tenants: Tenants, own_set: str) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        return {
            each.ref: Verdict(Reason.NOT_ALLOWED, why)
            for each in items
            if (why := forbidden(each, tenants.grant(each.ref.namespace), own_set))
        }

    return judge


def _unreadable(item: Item) -> Verdict:
    told = [finding.message for finding in item.said.findings]
    more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return Verdict(Reason.INVALID, "; ".join([*told[:_SHOWN], *more]))


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


def _shared(tenants: Tenants) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    """Two that own one set in one account would undo each other: the older has it."""

    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        first: dict[object, Item] = {}
        found = {}
        for each in items:
            had = first.setdefault((tenants.of(each.ref.namespace), owner(each)), each)
            if had is not each:
                told = f"the set {owner(each)} is owned by {had.ref.kind}/{had.ref.name} already"
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
