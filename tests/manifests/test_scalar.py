"""Plain scalars: the same meaning as for kubectl, or an error."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.finding import Code
from controller.manifests.scalar import RefusedScalar, plain_scalar

# What ``kubectl`` 1.33 makes of them: tests/kubernetes/test_scalars.py asks it.
SAME: list[tuple[str, Any]] = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False), ("tRue", "tRue"),
    ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("+1", 1), ("9223372036854775807", 2**63 - 1),
    ("-9223372036854775808", -(2**63)), ("0.5", 0.5), (".5", 0.5), ("-.5", -0.5), ("1.", 1), ("2.0", 2),
    ("1e3", 1000), ("1E3", 1000), ("1.5e3", 1500), ("1e-3", 0.001), ("1.25e1", 12.5), ("1e300", 1e300),
    ("12:30:45", "12:30:45"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"),
    ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"), ("1.2.3", "1.2.3"), ("10.0.0.0/16", "10.0.0.0/16"),
    ("1.2.3-rc_1", "1.2.3-rc_1"), (".", "."), ("0x", "0x"), ("0b2", "0b2"), ("1e", "1e"),
    ("e3", "e3"), ("_1", "_1"), ("ml.m5.large", "ml.m5.large"), ("=", "="), ("yess", "yess"), ("٣", "٣"),
]  # fmt: skip
AMBIGUOUS = [
    "012345670123", "012345678901", "0123", "00", "-012", "08", "01.5", "1_0", "1_000.5", "0o17", "0x1F",
    "0X1f", "0b1", "-0b1", "0_7", "1e1_0", "yes", "Yes", "YES", "no", "NO", "on", "On", "off", "y", "Y",
    "OFF", "n", "N", "nO", "<<", "9223372036854775808", "1e999", "9" * 5000,
]  # fmt: skip
NOT_JSON = [".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN"]


@pytest.mark.parametrize(("text", "value"), SAME)
def test_a_text_that_all_tools_agree_on_has_that_value(text: str, value: Any) -> None:
    """Row 12: a plain scalar has the value and the type that ``kubectl`` gives it."""
    document = plain_scalar(text)
    assert document == value
    assert type(document) is type(value)


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_a_text_that_tools_disagree_on_is_refused(text: str) -> None:
    """Row 12: an ambiguous plain scalar is an error that recommends quotes."""
    document = plain_scalar(text)
    assert isinstance(document, RefusedScalar)
    assert document.code is Code.AMBIGUOUS_SCALAR
    assert "quote it" in document.hint


@pytest.mark.parametrize("text", NOT_JSON)
def test_a_number_without_a_json_form_is_refused(text: str) -> None:
    """Infinities and NaN are errors."""
    document = plain_scalar(text)
    assert isinstance(document, RefusedScalar)
    assert document.code is Code.NOT_JSON


@given(st.text(alphabet="0123456789+-_.eExXobBinfaNyY:", max_size=12))
def test_what_looks_like_a_number_never_raises_and_never_becomes_something_else(text: str) -> None:
    """Any text is a JSON scalar or refused, and text that stays text stays whole."""
    document = plain_scalar(text)
    assert document is None or isinstance(document, RefusedScalar | bool | int | float | str)
    if isinstance(document, str):
        assert document == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_json_integer_is_itself(number: int) -> None:
    """A JSON integer of 64 bits reads as itself."""
    assert plain_scalar(str(number)) == number
