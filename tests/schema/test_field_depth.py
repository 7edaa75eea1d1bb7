"""Every leaf field of a kind's Create input can be written in its spec, counted over botocore's own model."""

import pytest

from controller.kinds import KINDS
from controller.schema.check import check
from controller.schema.contract import contract
from tests.kinds import full
from tests.reference.depth import input_leaves, spec_leaves


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_spec_is_as_deep_as_the_create_input(kind: str) -> None:
    """No leaf of the input is missing in the spec, and the spec has no others except the product's own."""
    of = contract(kind)
    assert spec_leaves(of) == input_leaves(of)


@pytest.mark.parametrize("kind", ["EndpointConfig", "HyperParameterTuningJob"])
def test_leaves_are_counted_in_the_depth(kind: str) -> None:
    """The scalars include those of full specs, whose members the check of documents accepts."""
    of, leaves = contract(kind), {each.replace("{}", "[]") for each in input_leaves(contract(kind))}
    for spec in full.specs(kind):
        assert check(spec, of, defers=lambda _: False) == ()
        ends = {
            each
            for each in full.filled_members(spec, kind)
            if each.split(".")[0] not in {"Tags", *of.unsent_members}
        }
        inner = {
            each for each in ends if not any(other.startswith((f"{each}.", f"{each}[]")) for other in ends)
        }
        assert {each for each in inner if not any(leaf.startswith(each) for leaf in leaves)} == set()
