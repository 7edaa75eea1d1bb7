"""What is wrong between GitSyncs, which no API server can see: sets with two owners, circles, tenants."""

from collections.abc import Callable, Iterable

from controller.core.ref import Ref
from controller.gitops.sync_file import circle
from controller.operator.accounts import Tenants
from controller.operator.cached_object import Item
from controller.operator.gitsync.spec import forbidden, needs, owner
from controller.operator.outcome import Verdict
from controller.operator.reasons import Reason

_SHOWN = 5


def troubles(items: Iterable[Item], tenants: Tenants, own_set: str, cluster: str) -> dict[Ref, Verdict]:
    """Why some may not be followed.

    Args:
        items: all of them.
        tenants: what each namespace may ask for.
        own_set: the operator's, which no sync may own.
        cluster: the cluster's own, which begins the set of a sync that names none.

    """
    other_items = sorted(items, key=lambda each: (str(each.metadata.get("creationTimestamp", "")), each.ref))
    found = {each.ref: _unreadable(each) for each in other_items if each.parsed.findings}
    other_items = [each for each in other_items if each.ref not in found]
    why = {
        each.ref: forbidden(each, tenants.grant(each.ref.namespace), own_set, cluster) for each in other_items
    }
    allowed = [each for each in other_items if not why[each.ref]]
    for judge in (_circles, _shared(tenants, cluster)):
        found |= judge(allowed)  # what is not allowed takes no set from others
    found |= {ref: Verdict(Reason.NOT_ALLOWED, message) for ref, message in why.items() if message}
    return found | _roleless(tenants, other_items)


def _unreadable(item: Item) -> Verdict:
    lines = [finding.message for finding in item.parsed.findings]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Verdict(Reason.INVALID, "; ".join([*lines[:_SHOWN], *more]))


def _roleless(tenants: Tenants, items: list[Item]) -> dict[Ref, Verdict]:
    return {
        each.ref: Verdict(Reason.FORBIDDEN, f"no role is configured for the namespace {each.ref.namespace}")
        for each in items
        if tenants.of(each.ref.namespace) is None
    }


def _shared(tenants: Tenants, cluster: str) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    """Two that own one set in one account would undo each other: the older has it."""

    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        first: dict[object, Item] = {}
        found = {}
        for each in items:
            of = owner(each, cluster)
            had = first.setdefault((tenants.of(each.ref.namespace), of), each)
            if had is not each:
                message = f"the set {of} is owned by {had.ref.kind}/{had.ref.name} already"
                found[each.ref] = Verdict(Reason.INVALID, message)
        return found

    return judge


def _circles(items: list[Item]) -> dict[Ref, Verdict]:
    found: dict[Ref, Verdict] = {}
    spaces: dict[str, list[Item]] = {}
    for each in items:
        spaces.setdefault(each.ref.namespace, []).append(each)
    for those in spaces.values():
        around = circle({each.ref.name: needs(each) for each in those})
        message = f"syncs depend on each other: {' -> '.join(around)}"
        found |= {each.ref: Verdict(Reason.INVALID, message) for each in those if each.ref.name in around}
    return found
