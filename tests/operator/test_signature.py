"""The signature of an object's memory: it covers its owner, its content and its order."""

from dataclasses import replace
from typing import Any

import pytest

from controller.core.digest import canonical, keyed_digest
from controller.core.ref import Ref
from controller.operator.signature import SignedSubject, Signer

SUBJECT = SignedSubject("uid", Ref("Model", "fraud", "ml"), "default", "123456789012", "us-east-1")
CONTENT = {"serial": 4, "format": 2, "entry": {"name": "fraud", "old": [{"name": "fraud-1"}], "made": 1}}


def _changed_values(value: Any) -> list[Any]:
    """The value with one leaf changed, one member removed or one added, in every way."""
    if isinstance(value, dict):
        inner = [{**value, key: each} for key, old in value.items() for each in _changed_values(old)]
        less = [{other: value[other] for other in value if other != key} for key in value]
        return [*inner, *less, {**value, "more": 1}]
    if isinstance(value, list):
        lists = [
            [*value[:i], each, *value[i + 1 :]]
            for i, old in enumerate(value)
            for each in _changed_values(old)
        ]
        return [*lists, [], [*value, *value]]
    return [value + 1, str(value), None] if isinstance(value, int) else [f"{value}x", "", None]


def test_what_was_signed_is_trusted_by_another_process_with_the_key() -> None:
    """The same content has the same signature, so that nothing is written twice; the newest is trusted again."""
    signature = Signer("key").sign(SUBJECT, CONTENT)
    other = Signer("key")
    assert other.sign(SUBJECT, CONTENT) == signature
    assert other.is_trusted(SUBJECT, CONTENT, signature)
    assert other.is_trusted(SUBJECT, CONTENT, signature)


def test_any_change_of_the_content_is_detected() -> None:
    """No leaf, member or element can be changed, added or removed."""
    signature = Signer("key").sign(SUBJECT, CONTENT)
    changes = _changed_values(CONTENT)
    assert len(changes) > 20
    assert not [each for each in changes if Signer("key").is_trusted(SUBJECT, each, signature)]


@pytest.mark.parametrize(
    "other",
    [
        replace(SUBJECT, uid="other"),
        replace(SUBJECT, ref=Ref("Endpoint", "fraud", "ml")),
        replace(SUBJECT, ref=Ref("Model", "other", "ml")),
        replace(SUBJECT, ref=Ref("Model", "fraud", "other")),
        replace(SUBJECT, set="other"),
        replace(SUBJECT, account="999999999999"),
        replace(SUBJECT, region="eu-west-1"),
    ],
)
def test_a_signature_is_bound_to_its_object(other: SignedSubject) -> None:
    """A signature for one object, set or account is invalid for another."""
    signer = Signer("key")
    assert not signer.is_trusted(other, CONTENT, signer.sign(SUBJECT, CONTENT))


@pytest.mark.parametrize("wrong", [None, 7, "", "0" * 64, "\N{SNOWMAN}", ["x"], {"x": "y"}, True])
def test_an_invalid_signature_is_refused(wrong: object) -> None:
    """Any value in its place is unsigned, and raises nothing."""
    assert not Signer("key").is_trusted(SUBJECT, CONTENT, wrong)


def test_another_key_signs_nothing_for_us() -> None:
    """With a lost or changed key an inventory is unsigned; the key of secrets' digests is not the signing key."""
    signature = Signer("key").sign(SUBJECT, CONTENT)
    assert not Signer("other").is_trusted(SUBJECT, CONTENT, signature)
    fields = {"kind": "Model", "name": "fraud", "namespace": "ml", "uid": "uid", "set": "default"}
    text = canonical({**fields, "account": "123456789012", "region": "us-east-1", "content": CONTENT})
    assert keyed_digest("key", text) != signature


def test_an_inventory_older_than_the_newest_is_refused() -> None:
    """The last one written or read counts, for each object by itself, until the object is deleted."""
    signer = Signer("key")
    old, new = {**CONTENT, "serial": 3}, {**CONTENT, "serial": 5}
    assert signer.is_trusted(SUBJECT, new, signer.sign(SUBJECT, new))
    assert not signer.is_trusted(SUBJECT, old, signer.sign(SUBJECT, old))
    assert signer.next_serial("uid") == 6
    assert signer.next_serial("uid") == 6  # until the cluster has accepted it
    signer.note_written("uid", 6)
    assert not signer.is_trusted(SUBJECT, new, signer.sign(SUBJECT, new))
    other = replace(SUBJECT, uid="other")
    assert signer.is_trusted(other, old, signer.sign(other, old))
    signer.forget("uid")
    assert signer.is_trusted(SUBJECT, old, signer.sign(SUBJECT, old))
