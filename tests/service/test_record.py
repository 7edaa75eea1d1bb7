"""The recorded model and the rows against botocore itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader

from controller.kinds import KINDS
from controller.service.contract import contract
from controller.service.record import RECORD, render
from controller.service.shape import Shape, member, shape

MODEL: dict[str, Any] = Loader().load_service_model("sagemaker", "service-2")
ROWS = sorted(KINDS)


def members(operation: str, side: str = "input") -> set[str]:
    """The members of an operation's input or output in botocore's model."""
    told = MODEL["operations"].get(operation)
    return set(MODEL["shapes"][told[side]["shape"]]["members"]) if told else set()


def walk(start: Shape, path: str) -> Shape:
    """The shape at a row's path."""
    here = start
    for part in path.split("."):
        found = member(here, part.removesuffix("[]"))
        assert found is not None, f"{start.name} has no {path}"
        here = found
        if part.endswith("[]"):
            here = shape(here.element)
    return here


def test_the_record_is_in_step_with_botocore() -> None:
    """``sagemaker.json`` is what the installed botocore says."""
    assert RECORD.read_text(encoding="utf-8") == render()


@pytest.mark.parametrize("kind", ROWS)
def test_frozen_members_are_those_that_no_update_takes(kind: str) -> None:
    """Frozen is Create less Update, without tags, tokens and the name, which stays frozen."""
    told = MODEL["shapes"][MODEL["operations"][f"Create{kind}"]["input"]["shape"]]["members"]
    tokens = {name for name, at in told.items() if at.get("idempotencyToken")}
    written = members(f"Create{kind}") - tokens - {"Tags"}
    expected = written - (members(f"Update{kind}") - {f"{kind}Name"})
    assert contract(kind).frozen == expected


@pytest.mark.parametrize(
    ("kind", "secrets", "unreadable"),
    [
        ("Workforce", ("OidcConfig.ClientSecret",), ("OidcConfig.ClientSecret",)),
        ("Workteam", (), ()),
        ("ModelPackageGroup", (), ()),
        ("ModelPackage", (), ()),
        ("Model", (), ()),
        ("EndpointConfig", (), ()),
        ("Endpoint", (), ()),
        ("Pipeline", (), ("PipelineDefinitionS3Location",)),
    ],
)
def test_what_describe_never_shows_is_known(
    kind: str, secrets: tuple[str, ...], unreadable: tuple[str, ...]
) -> None:
    """Secrets and unreadable members are exactly those found in the model by hand."""
    assert (contract(kind).secrets, contract(kind).unreadable) == (secrets, unreadable)


@pytest.mark.parametrize("kind", ROWS)
def test_operations_and_keys_exist_in_the_model(kind: str) -> None:
    """The operations of a row, and the members by which they find a resource, are botocore's."""
    of = contract(kind)
    for operation in (of.creates, of.describes, of.lists, of.updates, of.deletes):
        assert operation is None or operation.name in MODEL["operations"]
    assert of.describe_key in members(f"Describe{kind}")
    assert not of.update_key or of.update_key in members(f"Update{kind}")
    assert not of.delete_key or of.delete_key in members(f"Delete{kind}")
    assert of.page_member in members(of.lists.name, "output")
    assert of.taggable == ("Tags" in members(f"Create{kind}"))
    assert not of.status_member or of.status_member in of.body.members


def columns(kind: str) -> Iterator[tuple[Shape, str]]:
    """Every path that a row names, with the shape it starts from."""
    row, of = KINDS[kind], contract(kind)
    spec_paths = (
        *(link.field for link in row.links),
        *row.reads,
        *row.unreadable,
        *row.carried,
        *row.cleared,
        *row.unordered,
        *row.keyed,
        *row.documents,
        *(path for choice in (*row.exactly_one_of, *row.at_most_one_of) for path in choice),
    )
    yield from ((of.spec, path) for path in spec_paths)
    yield from ((of.body, path) for link in row.links for path in link.held)
    if row.found_by is not None:
        yield from (
            (of.spec, path) for path in (row.found_by.when, row.found_by.marker, *row.found_by.listed_by)
        )
        yield from ((shape(of.lists.input), path) for path in row.found_by.listed_by)


@pytest.mark.parametrize("kind", ROWS)
def test_every_path_of_a_row_exists_in_the_shapes(kind: str) -> None:
    """A row names no member that the service does not have."""
    for start, path in columns(kind):
        assert walk(start, path) is not None


@pytest.mark.parametrize("kind", ROWS)
def test_the_columns_point_at_the_right_types(kind: str) -> None:
    """Linked members and documents are texts, unordered and keyed ones lists, and links lead to rows."""
    row, of = KINDS[kind], contract(kind)
    for link in row.links:
        assert link.to in KINDS
        assert walk(of.spec, link.field).type == "string"
    for path in row.documents:
        assert walk(of.spec, path).type == "string"
    for path in row.unordered:
        assert walk(of.spec, path).type == "list"
    for path, key in row.keyed.items():
        assert key in shape(walk(of.spec, path).element).required


@pytest.mark.parametrize("kind", ROWS)
def test_what_a_row_shows_is_there(kind: str) -> None:
    """What a row shows are members of Describe."""
    assert all(show.member in contract(kind).body.members for show in KINDS[kind].shows)


@pytest.mark.parametrize("kind", ROWS)
def test_the_further_reads_of_a_row_exist(kind: str) -> None:
    """A detail takes what Describe takes, and its members are in the answer; another List takes its member."""
    row, of = KINDS[kind], contract(kind)
    for detail in row.details:
        assert of.describe_key in members(detail.operation)
        answer = MODEL["operations"][detail.operation]["output"]["shape"]
        held = walk(shape(answer), detail.member)
        element = shape(held.element) if held.type == "list" else held
        assert {*detail.columns, *(detail.span or ())} <= set(element.members)
        assert bool(detail.columns) == (held.type == "list")
    for other in row.other_lists:
        assert other.member in members(other.operation)
        assert other.to in KINDS
