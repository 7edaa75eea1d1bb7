"""What two runs that wrote at the same time know together: nothing that either made is forgotten."""

from dataclasses import replace

from controller.inventory.model import Entry, Generation, Inventory


def joined(base: Inventory, ours: Inventory, theirs: Inventory) -> Inventory:
    """What they wrote, with what we changed since the version that both had read."""
    entries = dict(theirs.entries)
    for ref in {*base.entries, *ours.entries}:
        was, now, there = (each.entries.get(ref) for each in (base, ours, theirs))
        if now == was:
            continue
        if now is None:
            if there == was:
                entries.pop(ref, None)
        elif there is None or there == was:
            entries[ref] = now
        else:
            entries[ref] = _both(there, now)
    return replace(theirs, entries=entries)


def _both(there: Entry, now: Entry) -> Entry:
    """Their entry; what ours holds besides becomes older generations of it, which are swept or shown."""
    ours = (*now.old, Generation(now.name, now.arn, now.instance))
    more = (each for each in ours if each.name not in ("", there.name))
    known = {each.name: each for each in (*there.old, *more)}
    return replace(there, arn=there.arn or _arn(there, ours), old=tuple(known.values()))


def _arn(there: Entry, ours: tuple[Generation, ...]) -> str:
    return next((each.arn for each in ours if each.name == there.name), "")
