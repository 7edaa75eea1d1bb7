"""The content of definitions, without an API server."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from controller.core.ref import KEY, LONGEST, SUBDOMAIN
from controller.crds import definition, documents
from controller.crds.catalog import sync_definition
from controller.crds.spec_walk import ChangeMethod, change_of
from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.names import lower_camel


def _object(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def test_a_newer_botocore_alone_changes_no_definition() -> None:
    """The files name no release of botocore, which changes with every patch."""
    for name, text in documents().items():
        assert not re.search(r"botocore|\d+\.\d+\.\d+", text.partition("apiVersion:")[0]), name


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_that_people_write_is_there(kind: str) -> None:
    """The members of a spec are those of the contract and tags, without the token."""
    of = contract(kind)
    desired = {lower_camel(name) for name in of.settable | ({"Tags"} if of.taggable else set())}
    assert set(_object(kind)["properties"]["spec"].get("properties", {})) == desired


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_guards_exactly_what_nothing_can_change(kind: str) -> None:
    """There is a rule for each member that is frozen or the identity, and none for the others."""
    of = contract(kind)
    rules = _object(kind).get("x-kubernetes-validations", [])
    guarded = {rule["fieldPath"] for rule in rules if "oldSelf" in rule["rule"]}
    numbered = of.kind.identity.found_by
    optional = numbered is not None and numbered.when not in of.spec.required
    free = {ChangeMethod.UPDATE} | (set() if optional else {ChangeMethod.NUMBER})
    open_typed = {each.replace("[]", "").split(".")[0] for each in of.referable}  # the operator checks these
    for member in of.spec.members:
        if member in of.kind.compare.documents or member in of.spec.tokens or member in open_typed:
            continue
        loose = change_of(of, member) in free
        assert (f".spec.{lower_camel(member)}" in guarded) is not loose, member


def test_numbers_choices_and_times_take_no_references() -> None:
    """Only strings may be references; a choice, a number or a time is checked at once."""
    variant = _object("EndpointConfig")["properties"]["spec"]["properties"]["productionVariants"]["items"]
    assert variant["properties"]["initialInstanceCount"]["type"] == "integer"
    assert variant["properties"]["acceleratorType"]["enum"][0] == "ml.eia1.medium"
    assert "enum" not in variant["properties"]["instanceType"]
    assert [
        each for each in variant["properties"]["variantName"]["anyOf"] if "${" in str(each).replace("\\", "")
    ]
    started = _object("TrialComponent")["properties"]["spec"]["properties"]["startTime"]
    assert started["format"] == "date-time"


def test_lists_are_told_apart_by_what_the_row_says() -> None:
    """Keyed lists are maps, unordered lists of strings are sets, and all others are atomic."""
    spec = _object("EndpointConfig")["properties"]["spec"]["properties"]
    assert spec["productionVariants"]["x-kubernetes-list-map-keys"] == ["variantName"]
    assert spec["vpcConfig"]["properties"]["subnets"]["x-kubernetes-list-type"] == "set"
    assert (
        "x-kubernetes-list-type"
        not in _object("Workteam")["properties"]["spec"]["properties"]["memberDefinitions"]
    )


def test_nothing_is_defaulted() -> None:
    """A spec has no defaults, because they would be differences in every other tool; a status may have them."""
    parts = [_object(kind)["properties"] for kind in KINDS]
    assert "'default':" not in "".join(str(each["spec"]) + str(each["policy"]) for each in parts)


def _references(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each member that names a Secret, of a definition, with its place."""
    if isinstance(schema, dict):
        for name, inner in schema.items():
            if name in ("secretRef", "secretKeyRef") and isinstance(inner, dict) and "properties" in inner:
                yield f"{where}.{name}", inner["properties"]
            yield from _references(inner, f"{where}.{name}")
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner, where)


def test_every_name_of_a_secret_is_a_dns_name() -> None:
    """In all definitions the name of a Secret is a DNS name, and its key has the characters of a key."""
    found = dict(
        reference
        for made in (*map(definition, KINDS), sync_definition())
        for reference in _references(made, str(made["metadata"]["name"]))
    )
    assert len(found) >= 5
    for where, members in found.items():
        assert members["name"]["pattern"] == f"^{SUBDOMAIN}$", where
        assert members["name"]["maxLength"] == LONGEST, where
        assert "key" not in members or members["key"]["pattern"] == f"^{KEY}$", where


@pytest.mark.parametrize("kind", KINDS)
def test_protection_is_refused_where_no_tag_can_carry_it(kind: str) -> None:
    """``policy.protect: true`` is admitted for kinds with tags, and for no others."""
    protect = _object(kind)["properties"]["policy"]["properties"]["protect"]
    assert protect.get("enum") == (None if contract(kind).taggable else [False])
