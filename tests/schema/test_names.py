"""The conversion between lowerCamelCase and AWS member names, in both directions."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.names import by_camel, camel_path, lower_camel, to_aws, to_camel
from controller.schema.shape import Shape, shape
from tests.soak import soak

KEYS = st.text("aZ_. -", min_size=1, max_size=4)
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=3) | st.dictionaries(KEYS, st.integers(), max_size=2),
    "boolean": st.booleans(),
    "integer": st.integers(),
    "long": st.integers(),
    "float": st.floats(allow_nan=False),
    "double": st.floats(allow_nan=False),
    "timestamp": st.integers(),
}


def inner_shapes(of: Shape) -> Iterator[Shape]:
    for name in (*of.members.values(), of.element, of.key, of.value):
        if name:
            yield shape(name)


def reachable_shapes(start: Shape) -> list[Shape]:
    found, waiting = {start.name: start}, [start]
    while waiting:
        for each in inner_shapes(waiting.pop()):
            if each.name not in found:
                found[each.name] = each
                waiting.append(each)
    return [found[name] for name in sorted(found)]


CREATES = [contract(kind).spec for kind in KINDS]
STRUCTURES = sorted(
    {each.name for create in CREATES for each in reachable_shapes(create) if each.type == "structure"}
)


def values_of(of: Shape, depth: int = 5) -> st.SearchStrategy[Any]:
    """Values of a shape with AWS member names; a string may represent a JSON document that is written as a mapping."""
    if of.type in LEAVES:
        return LEAVES[of.type]
    if depth == 0:
        return st.just([] if of.type == "list" else {})
    if of.type == "list":
        return st.lists(values_of(shape(of.element), depth - 1), max_size=2)
    if of.type == "map":
        return st.dictionaries(KEYS, values_of(shape(of.value), depth - 1), max_size=2)

    def later(at: str) -> st.SearchStrategy[Any]:
        return st.deferred(lambda: values_of(shape(at), depth - 1))

    members = {name: later(at) for name, at in of.members.items()}
    return st.fixed_dictionaries({}, optional=members)


@settings(max_examples=settings().max_examples // 30)  # of each of some hundred structures
@given(st.data())
@pytest.mark.parametrize(
    "name", [*STRUCTURES[::4], *soak(*(name for name in STRUCTURES if name not in STRUCTURES[::4]))]
)
def test_a_value_survives_there_and_back(name: str, data: st.DataObject) -> None:
    """Every structure of every Create input is returned unchanged by both conversions."""
    of = shape(name)
    value = data.draw(values_of(of))
    camel = to_camel(value, of)
    assert to_aws(camel, of) == value
    assert to_camel(to_aws(camel, of), of) == camel


@pytest.mark.parametrize("name", STRUCTURES)
def test_no_two_members_share_a_name(name: str) -> None:
    """Within a structure the lowerCamelCase names are as many as the members."""
    assert len(by_camel(name)) == len(shape(name).members)


@pytest.mark.parametrize(
    ("name", "camel"),
    [
        ("KmsKeyId", "kmsKeyId"),
        ("MIMEType", "mimeType"),
        ("S3Uri", "s3Uri"),
        ("VPC", "vpc"),
        ("A", "a"),
        ("EnableSSMAccess", "enableSSMAccess"),
    ],
)
def test_leading_capitals_are_lowered(name: str, camel: str) -> None:
    """Of leading capitals all but the one that starts the next word are lowered."""
    assert lower_camel(name) == camel


def test_map_keys_and_documents_are_data() -> None:
    """Keys of environment variables and of JSON documents written as mappings stay as written."""
    model = contract("Model").spec
    spec = {"primaryContainer": {"environment": {"fooBar": "x", "Image": "y"}}}
    assert to_aws(spec, model) == {"PrimaryContainer": {"Environment": {"fooBar": "x", "Image": "y"}}}
    pipeline = contract("Pipeline").spec
    definition = {"pipelineDefinition": {"steps": [{"roleArn": 1}]}}
    assert to_aws(definition, pipeline) == {"PipelineDefinition": {"steps": [{"roleArn": 1}]}}


def test_a_path_is_converted_but_not_its_keys() -> None:
    """Members of a path are lowered; map keys and positions stay."""
    path = ("Containers", 0, "Environment", "Any_Key")
    assert camel_path(path, contract("Model").spec) == ("containers", 0, "environment", "Any_Key")
