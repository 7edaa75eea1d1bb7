"""The cached state of the cluster, and how long it is used."""

from controller.operator.object_cache import ObjectCache
from tests.kubernetes.documents import group
from tests.operator.clock import StepClock
from tests.operator.objects import as_served, ref_of

GROUP = as_served(group(), version=5)


def test_a_cached_object_is_recent_for_a_while() -> None:
    """A recent response of the server replaces a request; an old one does not."""
    clock = StepClock()
    store = ObjectCache(clock)
    store.put(ref_of(GROUP), GROUP)
    clock.at += 29
    assert store.read_within(ref_of(GROUP), 30)
    clock.at += 2
    assert store.read_within(ref_of(GROUP), 30) is None
    assert store.get(ref_of(GROUP))


def test_an_object_is_doubtful_after_a_refused_write() -> None:
    """After a refused write the cached object is old, whatever its age; the watch or a response ends that."""
    store = ObjectCache(StepClock())
    store.put(ref_of(GROUP), GROUP)
    store.mark_outdated(ref_of(GROUP))
    assert store.read_within(ref_of(GROUP), 30) is None
    store.put(ref_of(GROUP), as_served(group(), version=6))
    assert store.read_within(ref_of(GROUP), 30)


def test_the_event_of_a_write_refreshes_the_cached_object() -> None:
    """A watch event with the cached version confirms it, and changes nothing."""
    clock = StepClock()
    store = ObjectCache(clock)
    store.put(ref_of(GROUP), GROUP)
    clock.at += 60
    assert not store.confirm_version(ref_of(GROUP), "6")
    assert store.read_within(ref_of(GROUP), 30) is None
    assert store.confirm_version(ref_of(GROUP), "5")
    assert store.read_within(ref_of(GROUP), 30)


def test_an_older_event_does_not_refresh_a_newer_object() -> None:
    """A late event of the watch with an old version does not refresh the newer one."""
    clock = StepClock()
    store = ObjectCache(clock)
    store.put(ref_of(GROUP), GROUP)
    clock.at += 60
    store.put(ref_of(GROUP), as_served(group(), version=4))
    assert store.read_within(ref_of(GROUP), 30) is None


def test_a_removed_object_is_not_recent() -> None:
    """A removed object has no age."""
    store = ObjectCache(StepClock())
    store.put(ref_of(GROUP), GROUP)
    store.remove(ref_of(GROUP))
    assert store.read_within(ref_of(GROUP), 30) is None
    assert not store.confirm_version(ref_of(GROUP), "5")


def test_the_response_to_the_last_write_does_not_restore_the_object() -> None:
    """An object without its last finalizer is not added again by a response after the watch's event."""
    store = ObjectCache(StepClock())
    going = as_served(group(), version=6)
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    store.put(ref_of(GROUP), GROUP)
    assert store.put(ref_of(GROUP), going)[
        1
    ].is_gone  # before the event it is kept: the event wakes its neighbours
    assert store.get(ref_of(GROUP))
    store.remove(ref_of(GROUP))
    store.put(ref_of(GROUP), going)
    assert store.get(ref_of(GROUP)) is None
    again = as_served(group(), version=9)
    again["metadata"]["uid"] = "another"
    store.put(ref_of(GROUP), again)
    store.put(ref_of(GROUP), going)
    assert store.get(ref_of(GROUP)).uid == "another"  # type: ignore[union-attr]


def test_a_late_answer_does_not_add_a_removed_object_again() -> None:
    """The answer to a status write that comes after the deletion adds nothing, for a minute; another uid is added."""
    clock = StepClock()
    store = ObjectCache(clock)
    late, anew = as_served(group(), version=6), as_served(group(), version=9)
    anew["metadata"]["uid"] = "another"
    store.put(ref_of(GROUP), GROUP)
    store.remove(ref_of(GROUP))
    clock.at += 59
    before, now = store.put(ref_of(GROUP), late)
    assert before is now
    assert store.get(ref_of(GROUP)) is None
    store.put(ref_of(GROUP), anew)
    store.put(ref_of(GROUP), late)
    assert store.get(ref_of(GROUP)).uid == "another"  # type: ignore[union-attr]


def test_a_wrong_removal_is_corrected() -> None:
    """An object that a list still shows after a minute is added again, whatever removed it."""
    clock = StepClock()
    store = ObjectCache(clock)
    store.put(ref_of(GROUP), GROUP)
    store.remove(ref_of(GROUP))
    clock.at += 61
    store.put(ref_of(GROUP), GROUP)
    assert store.get(ref_of(GROUP))
