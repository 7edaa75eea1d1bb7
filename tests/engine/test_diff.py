"""The diff: changes, and differences that are none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.compare import is_satisfied
from controller.kinds import KINDS

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(plain)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    """Whatever AWS returns unchanged is no difference."""
    assert is_satisfied(value, value, KINDS["Model"], "Anything")


@given(st.dictionaries(st.text(min_size=1, max_size=3), plain, max_size=3), st.text(min_size=4, max_size=5))
def test_members_added_by_the_server_are_no_difference(value: dict[str, Any], extra: str) -> None:
    """A member that the spec does not have is left to the server."""
    assert is_satisfied(value, {**value, extra: "default"}, KINDS["Model"], "Anything")


@pytest.mark.parametrize(
    ("kind", "pattern", "desired", "actual", "alike"),
    [
        ("Model", "VpcConfig.Subnets", ["a", "b"], ["b", "a"], True),
        ("Model", "VpcConfig.Subnets", ["a", "a"], ["a", "b"], False),
        ("Model", "Containers", [{"Image": "a"}, {"Image": "b"}], [{"Image": "b"}, {"Image": "a"}], False),
        ("EndpointConfig", "ProductionVariants", [{"VariantName": "a"}, {"VariantName": "b"}],
         [{"VariantName": "b", "InitialVariantWeight": 1.0}, {"VariantName": "a"}], True),
        ("Pipeline", "PipelineDefinition", '{"b":1,"a":[]}', json.dumps({"a": [], "b": 1}, indent=2), True),
        ("Pipeline", "PipelineDefinition", '{"a":1}', '{"a":1,"b":2}', False),
        ("Model", "VpcConfig", {}, None, True),
        ("Model", "Environment", {"A": ""}, {}, True),
        ("Model", "Count", 1, 1.0, True),
        ("Model", "Flag", True, 1, False),
        ("Model", "Text", "1", 1, False),
        ("Workteam", "NotificationConfiguration", {}, {"NotificationTopicArn": "x"}, False),
        ("Workteam", "WorkerAccessConfiguration", {}, {"S3Presign": {}}, True),
    ],
)  # fmt: skip
def test_equal_values(kind: str, pattern: str, desired: Any, actual: Any, *, alike: bool) -> None:
    """Sets, keyed lists, documents, empty values and numbers are compared as the service treats them."""
    assert is_satisfied(desired, actual, KINDS[kind], pattern) is alike
