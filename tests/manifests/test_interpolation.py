"""Variables and output references inside texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.finding import Code
from controller.core.ref import Ref
from controller.manifests.interpolation import (
    OutputRef,
    VariableName,
    escape,
    is_deferred,
    malformed_references,
    pieces,
)
from controller.manifests.substitute import substitute
from controller.schema.contract import contract

OUTPUT = OutputRef(Ref("TrainingJob", "churn"), ("modelArtifacts", "s3ModelArtifacts"))
SIGNS = st.text(alphabet='${}varK/n.a"\\ ', max_size=20)

TEXTS: list[tuple[str, tuple[Any, ...]]] = [
    ("", ()),
    ("plain $ text $x {}", ("plain $ text $x {}",)),
    ("${var.a}", (VariableName("a"),)),
    ("x-${var.a_b-1}-y", ("x-", VariableName("a_b-1"), "-y")),
    ("$${var.a}", ("${var.a}",)),
    ("$$${var.a}", ("$${var.a}",)),
    ("${TrainingJob/churn.modelArtifacts.s3ModelArtifacts}", (OUTPUT,)),
    (
        "${Model/ml/a.containers.0.image}!",
        (OutputRef(Ref("Model", "a", "ml"), ("containers", "0", "image")), "!"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_a_text_is_taken_apart(text: str, expected: tuple[Any, ...]) -> None:
    """Row 14: variables, output references and escapes are distinguished from literal text."""
    assert pieces(text) == expected
    assert malformed_references(text) == ()


@pytest.mark.parametrize(
    "text", ["${HOME}", "${", "${var.}", "${var.a b}", "${Model/a}", "${model/a.b}", "${var.a"]
)
def test_what_is_neither_is_malformed_and_stays_literal(text: str) -> None:
    """A text that only starts like a reference is listed and kept as it is."""
    assert malformed_references(text)
    assert pieces(text) == (text,)


@given(SIGNS)
def test_an_escaped_text_is_literal(text: str) -> None:
    """What ``escape`` writes is read back whole, whatever it is."""
    assert "".join(map(str, pieces(escape(text)))) == text
    assert not is_deferred(escape(text))


def test_an_output_reference_writes_itself() -> None:
    """The text of an output reference reads back as the same reference."""
    assert pieces(str(OUTPUT)) == (OUTPUT,)
    assert is_deferred(f"x{OUTPUT}")


def substitute_in(spec: dict[str, Any], **variables: Any) -> tuple[dict[str, Any], list[Code]]:
    """Substitute in an endpoint configuration."""
    done = substitute(spec, contract("EndpointConfig"), variables)
    return done.spec, [problem.code for problem in done.problems]


def spec_with_variant(**members: Any) -> dict[str, Any]:
    """A spec with one variant."""
    return {"productionVariants": [members]}


def test_a_whole_text_takes_the_variables_own_type() -> None:
    """Row 14: a field that is one variable gets its value with its type."""
    spec, codes = substitute_in(
        spec_with_variant(initialInstanceCount="${var.n}", enableSSMAccess="${var.b}"), n=3, b=False
    )
    assert (spec, codes) == (spec_with_variant(initialInstanceCount=3, enableSSMAccess=False), [])
    assert type(spec["productionVariants"][0]["enableSSMAccess"]) is bool


def test_a_text_variable_becomes_what_the_field_wants() -> None:
    """``--var n=3`` fills a number field with a number and a text field with a text."""
    spec, codes = substitute_in(
        spec_with_variant(
            initialInstanceCount="${var.n}", variantName="${var.n}", initialVariantWeight="${var.n}"
        ),
        n="3",
    )
    assert (spec, codes) == (
        spec_with_variant(initialInstanceCount=3, variantName="3", initialVariantWeight=3.0),
        [],
    )


def test_a_text_that_is_no_number_stays_a_text() -> None:
    """A value that does not fit the field is left for the check to refuse."""
    assert substitute_in(spec_with_variant(initialInstanceCount="${var.n}"), n="012")[0] == spec_with_variant(
        initialInstanceCount="012"
    )


def test_a_variable_inside_a_text_is_spelled_as_json() -> None:
    """Numbers and booleans within a text are written as JSON writes them."""
    spec, _ = substitute_in(spec_with_variant(variantName="a-${var.n}-${var.b}"), n=1.5, b=True)
    assert spec == spec_with_variant(variantName="a-1.5-true")


def test_undefined_variables_are_all_told_with_a_guess() -> None:
    """Row 14: every undefined variable is a finding at its position; a similar name is suggested."""
    done = substitute(
        spec_with_variant(variantName="${var.reigon}${var.zzz}"), contract("EndpointConfig"), {"region": "x"}
    )
    assert [(t.code, t.path) for t in done.problems] == [
        (Code.UNDEFINED_VARIABLE, ("productionVariants", 0, "variantName"))
    ] * 2
    assert done.problems[0].hint == "did you mean 'region'?"


@pytest.mark.parametrize("value", [["a"], {"a": 1}, None])
def test_a_variable_never_changes_structure(value: Any) -> None:
    """Row 14: lists, mappings and null are refused as values."""
    assert substitute_in(spec_with_variant(variantName="${var.x}"), x=value)[1] == [Code.TYPE]


def test_keys_are_never_substituted() -> None:
    """Row 14: a key that looks like a variable is not changed."""
    spec, codes = substitute_in({"tags": {"${var.x}": "1"}}, x="y")
    assert (spec, codes) == ({"tags": {"${var.x}": "1"}}, [])


@given(SIGNS, SIGNS, SIGNS)
def test_a_value_is_always_literal(before: str, value: str, after: str) -> None:
    """What a variable brings in is never read as a reference, wherever it is put."""
    text = f"{escape(before)}${{var.x}}{escape(after)}" if not before.endswith("$") else "${var.x}"
    spec, _ = substitute_in(spec_with_variant(variantName=text), x=value)
    expected = before + value + after if text != "${var.x}" else value
    assert "".join(map(str, pieces(spec["productionVariants"][0]["variantName"]))) == expected


@pytest.mark.parametrize("value", ["${var.y}", "${Model/a.b}", "$${x}", "${"])
@pytest.mark.parametrize("text", ["${var.x}", "a ${var.x} b"])
def test_a_value_that_looks_like_a_reference_is_literal(text: str, value: str) -> None:
    """A reference inside a variable's value is never followed, whether the value fills the field or not."""
    spec, _ = substitute_in(spec_with_variant(variantName=text), x=value, y="wrong")
    (outcome,) = pieces(spec["productionVariants"][0]["variantName"])
    assert outcome == text.replace("${var.x}", value)


def test_a_dollar_before_an_output_reference_is_refused() -> None:
    """A value that would turn a following output reference into literal text is an error."""
    assert substitute_in(spec_with_variant(variantName="${var.x}${Model/a.modelName}"), x="US$")[1] == [
        Code.BAD_REFERENCE
    ]


def test_output_references_are_left_for_later() -> None:
    """Substitution keeps output references and escapes as they are written."""
    text = "$${a} ${Model/a.modelName} 1"
    assert substitute_in(spec_with_variant(variantName="$${a} ${Model/a.modelName} ${var.x}"), x=1)[
        0
    ] == spec_with_variant(variantName=text)


def test_a_malformed_reference_is_an_error() -> None:
    """``${HOME}`` is an error with the way to write it literally; a map's value is not shown."""
    done = substitute(
        {"primaryContainer": {"environment": {"A": "${SECRET}"}}, "executionRoleArn": "${HOME}"},
        contract("Model"),
        {},
    )
    assert [t.code for t in done.problems] == [Code.BAD_REFERENCE, Code.BAD_REFERENCE]
    assert "SECRET" not in str(done.problems[0])
    assert "$${" in done.problems[1].hint


def test_a_value_cannot_break_out_of_a_json_text() -> None:
    """Row 14: a variable inside a JSON document's string cannot add members to it."""
    done = substitute({"pipelineDefinition": '{"A": "${var.x}"}'}, contract("Pipeline"), {"x": '1", "B": "2'})
    assert done.spec == {"pipelineDefinition": '{"A": "1\\", \\"B\\": \\"2"}'}


def test_nulls_are_absent_but_not_in_maps_and_documents() -> None:
    """A null member is dropped as ``kubectl`` does; in maps and JSON documents it is a value."""
    model = substitute(
        {"executionRoleArn": None, "primaryContainer": {"environment": {"A": None}}}, contract("Model"), {}
    )
    assert model.spec == {"primaryContainer": {"environment": {"A": None}}}
    pipeline = substitute({"pipelineDefinition": {"A": None}}, contract("Pipeline"), {})
    assert pipeline.spec == {"pipelineDefinition": {"A": None}}


def test_a_fraction_field_has_one_spelling() -> None:
    """``1`` and ``1.0`` are the same weight, also in a digest."""
    assert repr(substitute_in(spec_with_variant(initialVariantWeight=1))[0]) == repr(
        substitute_in(spec_with_variant(initialVariantWeight=1.0))[0]
    )
