"""Recorded values of a spec apply only to that spec: older digests, old names, unfinished creations."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.engine.known_values import recorded_generation, with_present_digests
from controller.engine.observed import digest_tag
from controller.inventory.model import Entry, Inventory, PendingChange
from controller.kinds import KINDS
from controller.manifests.resolve import Resolved, hashed_name, resolve
from controller.schema.contract import KEY_GAP
from tests.engine.known_account import HOME, Everything
from tests.journeys.stage import compile_documents
from tests.journeys.tree import TREE


def _resolve_cases() -> Iterator[Resolved]:
    yield from (resolve(each, Everything()) for each in compile_documents(*TREE.values()).resources.values())


ALL = tuple(each for each in _resolve_cases() if not each.unknown)
HASHED = tuple(each for each in ALL if each.has_hashed_name)


def _inventory_of(entry: Entry) -> Inventory:
    return Inventory("one", HOME.account, HOME.region, "0" * 64, {entry.ref: entry})


def test_the_tree_covers_nearly_all_kinds() -> None:
    """Nearly all kinds are covered, and runs are among those with a hash in the name."""
    assert len(ALL) > len(TREE) - 3
    assert any(KINDS[each.resource.ref.kind].lifecycle.runs for each in HASHED)


@pytest.mark.parametrize("retry", ["", "/again"])
def test_an_older_digest_of_this_spec_is_its_present_one(retry: str) -> None:
    """A running or failed attempt under it, with or without ``policy.retry``, is this spec's; others stay."""
    for each in ALL:
        ref = each.resource.ref
        old = PendingChange(f"{each.written}{retry}", "then", "why", {"A": 1}, 7)
        now = replace(old, digest=f"{each.digest}{retry}")
        sent = now if now == old else replace(now, sent=(digest_tag(each.written),))
        assert with_present_digests(Entry(ref, attempt=old), each) == Entry(ref, attempt=sent)
        assert with_present_digests(Entry(ref, attempt=old, made=1), each) == Entry(ref, attempt=now, made=1)
        assert with_present_digests(Entry(ref, failed=old), each) == Entry(ref, failed=now)
        assert with_present_digests(Entry(ref, failed=now), each) == Entry(ref, failed=now)


def test_the_digest_of_another_spec_stays() -> None:
    """An attempt at another spec, at a deletion, or read while the digest is unknown, is left as it is."""
    for each in ALL:
        for text in ("f" * 64, "deletion", f"x{each.written}"):
            entry = Entry(each.resource.ref, attempt=PendingChange(text), failed=PendingChange(text))
            assert with_present_digests(entry, each) == entry
            assert with_present_digests(entry, replace(each, written="", digest=None)) == entry


def test_the_name_that_was_made_of_this_spec_is_kept() -> None:
    """An old name with an equal spec is kept while the inventory holds it, and only then."""
    for each in HASHED:
        ref, member = each.resource.ref, each.resource.contract.name_member
        applied = {**each.spec, member: "old"}
        old, new = _entry_key(each, "old"), _entry_key(each, "new")
        assert recorded_generation(each, _inventory_of(Entry(ref, old, applied=applied))) == "old"
        assert recorded_generation(each, _inventory_of(Entry(ref, new, applied=applied))) is None
        assert recorded_generation(each, _inventory_of(Entry(ref, old))) is None
        other = _change_frozen_member(each)
        assert recorded_generation(other, _inventory_of(Entry(ref, old, applied=applied))) is None


def test_the_name_proves_a_creation_that_was_begun() -> None:
    """The name has the hash of the spec as it is sent; with another spec, or without an attempt, it proves nothing."""
    for each in HASHED:
        ref, name = each.resource.ref, hashed_name(each, each.spec)
        begun = Entry(ref, _entry_key(each, name), attempt=PendingChange(each.written))
        assert recorded_generation(each, _inventory_of(begun)) == name
        assert recorded_generation(each, _inventory_of(replace(begun, attempt=None))) is None
        assert recorded_generation(_change_frozen_member(each), _inventory_of(begun)) is None


def _entry_key(resolved: Resolved, name: str) -> str:
    """The inventory's identifier for a name: for a kind with a written key the whole key."""
    contract = resolved.resource.contract
    values = {**resolved.spec, contract.name_member: name}
    return KEY_GAP.join(
        str(values[member]) for member in contract.kind.identity.key or (contract.name_member,)
    )


def _change_frozen_member(resolved: Resolved) -> Resolved:
    """The same document with another value in a member that no Update can change."""
    contract = resolved.resource.contract
    lasting = contract.fixed_part(resolved.spec)
    name = next(name for name in sorted(lasting) if name != contract.name_member)
    spec = {key: value for key, value in resolved.spec.items() if key != name}
    return replace(resolved, spec=spec, digest="e" * 64, written="d" * 64)
