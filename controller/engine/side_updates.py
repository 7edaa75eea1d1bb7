"""Calls for members that have an update of their own, before or in place of the usual one."""

from controller.core.cloud import Call
from controller.engine.observed import Live
from controller.engine.plan import Change, Newest
from controller.kinds import Aside
from controller.manifests.resolve import Resolved


def beside(
    resolved: Resolved, live: Live, changes: tuple[Change, ...]
) -> tuple[tuple[Call, ...], tuple[Change, ...]]:
    """The calls that go first, and the changes that are left for the usual update."""
    calls: list[Call] = []
    left = changes
    for member, aside in resolved.resource.contract.kind.write.side_updates.items():
        now, wanted = list(live.body.get(member) or ()), list(resolved.spec.get(member) or ())
        renewed = any(change.path[0] in aside.renewing for change in changes)
        touched = [change for change in left if change.path[0] == member]
        left = tuple(change for change in left if change.path[0] != member)
        if renewed and member in resolved.spec:
            calls += _call(aside, resolved, live, add=[], remove=now)
            left = (*left, Change((member,), now, wanted)) if wanted else left
        elif touched:
            now = now if member in resolved.spec else list(touched[0].before)  # dropped: those of others stay
            add, remove = (
                [each for each in one if each not in other] for one, other in ((wanted, now), (now, wanted))
            )
            calls += _call(aside, resolved, live, add=add, remove=remove)
    return tuple(calls), left


def _call(aside: Aside, resolved: Resolved, live: Live, *, add: list[str], remove: list[str]) -> list[Call]:
    """One call, or none where nothing is to be done."""
    request = {name: texts for name, texts in (("Add", add), ("Remove", remove)) if texts}
    if not request:
        return []
    contract = resolved.resource.contract
    newest = Call(aside.lists, {contract.name_member: live.name, "SortOrder": "Descending", "MaxResults": 1})
    number = Newest(newest, aside.elements, aside.number)
    return [Call(aside.update, {contract.arn_member: live.arn, aside.number: number, aside.within: request})]
