"""Numbers with 32 bits in the model, written with any number of digits."""

import struct

from hypothesis import example, given
from hypothesis import strategies as st

from controller.schema.contract import contract
from controller.schema.single_precision import shorten_floats, shortest_float


@given(st.floats(width=32))
@example(0.800000011920929)
@example(16777216.0)
def test_the_shortest_number_is_the_same_one(value: float) -> None:
    """It has the same 32 bits, at most nine digits, and is its own shortest."""
    short = shortest_float(value)
    assert struct.pack("<f", short) == struct.pack("<f", value)
    assert len(repr(short).partition("e")[0].strip("-").replace(".", "").strip("0")) <= 9
    assert struct.pack("<d", shortest_float(short)) == struct.pack("<d", short)


def test_what_no_32_bits_hold_stays() -> None:
    """A larger number is not rounded to infinity."""
    assert shortest_float(1e39) == 1e39


def test_numbers_of_32_bits_are_shortened_wherever_they_stand() -> None:
    """In lists and inside of structures; a number of 64 bits keeps its digits, and so does a string."""
    wide = 0.800000011920929
    body = {"EndpointConfigName": str(wide), "ProductionVariants": [{"InitialVariantWeight": wide}, {}]}
    assert shorten_floats(body, contract("EndpointConfig").body) == {
        "EndpointConfigName": str(wide),
        "ProductionVariants": [{"InitialVariantWeight": 0.8}, {}],
    }
    policy = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": wide}}
    assert shorten_floats(policy, contract("ScalingTarget").body) == policy
