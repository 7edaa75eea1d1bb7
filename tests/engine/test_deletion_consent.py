"""Consent to deletions: the same facts lead to the same decision in every interface."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.deletion_consent import Cause, ConfirmedDeletions, DeletionFacts, DeletionLimit, decide
from controller.engine.plan import Confirmation

_IDS = [f"Model/m{number}" for number in range(8)]
_SETS = st.frozensets(st.sampled_from(_IDS))
_TEXTS = st.dictionaries(st.sampled_from(_IDS), st.sampled_from(["", "an outage", "data"]))
FACTS = st.builds(
    DeletionFacts,
    going=_SETS,
    agreed=st.builds(ConfirmedDeletions, st.none() | st.integers(0, 9), _SETS, st.booleans()),
    unreadable=st.sampled_from([(), ("Endpoint/e",)]),
    parent=st.sampled_from(["", "the namespace is being deleted"]),
    unproved=_TEXTS,
    losses=_TEXTS,
    nothing_left=st.booleans(),
    earlier=st.lists(st.sampled_from(["", *_IDS]), max_size=4).map(tuple),
    size=st.integers(0, 40),
    limit=st.none() | st.builds(DeletionLimit, st.integers(1, 5), st.sampled_from([0.0, 0.2])),
    confirm=_SETS,
)


def _blocked_by(facts: DeletionFacts) -> frozenset[str]:
    return frozenset(each for held in decide(facts) for each in held.ids)


@given(FACTS)
def test_each_deletion_is_blocked_for_one_cause_at_most(facts: DeletionFacts) -> None:
    """Blocked deletions are deletions of the plan, and none is blocked twice."""
    ids = [each for held in decide(facts) for each in held.ids]
    assert len(ids) == len(set(ids))
    assert facts.going.issuperset(ids)
    assert all(held.ids == tuple(sorted(held.ids)) for held in decide(facts))


@given(FACTS)
def test_a_read_error_or_the_end_of_the_namespace_blocks_deletions(facts: DeletionFacts) -> None:
    """A read error blocks all, whatever was confirmed; the end of a namespace all that were not confirmed by name."""
    unread = replace(facts, unreadable=("Endpoint/e",))
    assert _blocked_by(unread) == facts.going
    assert all(held.confirmation is Confirmation.NONE for held in decide(unread))
    parent = replace(facts, unreadable=(), parent="the namespace is being deleted")
    assert _blocked_by(parent) == facts.going - facts.agreed.names


@given(FACTS)
def test_deletions_confirmed_by_name_are_executed(facts: DeletionFacts) -> None:
    """A confirmation by name covers any cause; a number covers neither an outage nor an unproved removal."""
    readable = replace(facts, unreadable=())
    assert not _blocked_by(replace(readable, agreed=ConfirmedDeletions(names=facts.going)))
    numbered = replace(readable, parent="", agreed=ConfirmedDeletions(number=len(facts.going)))
    named = {each for each in facts.going if facts.losses.get(each) or facts.unproved.get(each)}
    assert _blocked_by(numbered) >= named


@given(FACTS)
def test_unconfirmed_deletions_stay_within_the_limit(facts: DeletionFacts) -> None:
    """Deletions executed without a confirmation stay within the limit, together with those of the window."""
    unrequested = replace(
        facts, agreed=ConfirmedDeletions(), unreadable=(), parent="", nothing_left=False, losses={}
    )
    gone = unrequested.going - _blocked_by(unrequested)
    if not gone or facts.limit is None:
        return
    earlier = sum(not each or each not in gone for each in facts.earlier)
    assert earlier + len(gone) <= facts.limit.max_deletions(facts.size)


@given(FACTS, st.sampled_from(_IDS))
def test_a_further_block_unblocks_no_other_deletion(facts: DeletionFacts, ident: str) -> None:
    """``policy.deletion: Confirm`` of one resource, or an empty tree, never unblocks another deletion."""
    unrequested = replace(facts, agreed=ConfirmedDeletions())
    assert _blocked_by(replace(unrequested, confirm=unrequested.confirm | {ident})) >= _blocked_by(
        unrequested
    )
    assert _blocked_by(replace(unrequested, nothing_left=True)) >= _blocked_by(unrequested)


@pytest.mark.parametrize("cause", Cause)
def test_each_cause_can_block(cause: Cause) -> None:
    """Each cause can block, and takes precedence over those that follow it."""
    facts = DeletionFacts(
        frozenset({"Model/m0"}),
        unreadable=("Endpoint/e",),
        parent="the namespace is being deleted",
        unproved={"Model/m0": "not read"},
        losses={"Model/m0": "an outage"},
        nothing_left=True,
        earlier=("", ""),
        limit=DeletionLimit(1, 0.0),
        confirm=frozenset({"Model/m0"}),
    )
    fields = ("unreadable", "parent", "unproved", "losses", "nothing_left", "limit", "confirm")
    none = DeletionFacts(frozenset())
    before = fields[: list(Cause).index(cause)]
    (held,) = decide(replace(facts, **{name: getattr(none, name) for name in before}))
    assert held.cause is cause


@given(FACTS, st.integers(0, 9))
def test_a_wrong_number_confirms_nothing(facts: DeletionFacts, number: int) -> None:
    """No other number than the right one confirms anything; a smaller number of deletions is the rest of a run."""
    first = replace(facts, agreed=ConfirmedDeletions(number=number))
    named = {each for each in first.going if facts.losses.get(each) or facts.unproved.get(each)}
    counts = {len(first.going - named), len(first.confirm & first.going - named)}
    if number not in counts:
        assert _blocked_by(first) == _blocked_by(replace(facts, agreed=ConfirmedDeletions()))
    continued = replace(facts, agreed=ConfirmedDeletions(number=number, continued=True))
    assert _blocked_by(continued) <= _blocked_by(first)


def test_a_too_large_number_confirms_nothing() -> None:
    """A confirmation of a thousand covers nothing, except the rest of the run that was confirmed."""
    facts = DeletionFacts(
        frozenset(_IDS[:4]), agreed=ConfirmedDeletions(number=1000), limit=DeletionLimit(3, 0.0), size=8
    )
    assert _blocked_by(facts) == facts.going
    assert not _blocked_by(replace(facts, agreed=ConfirmedDeletions(number=4)))
    assert not _blocked_by(replace(facts, agreed=ConfirmedDeletions(number=5, continued=True)))
