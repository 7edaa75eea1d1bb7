"""The law of equality: two specs compare as equal if and only if they have one digest, over all kinds and members."""

import json
import struct
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from controller.core.digest import digest
from controller.core.path import Path, get, with_value, without_value
from controller.engine.compare import is_satisfied
from controller.engine.diff import is_filled
from controller.kinds import KINDS, Kind, OneOf
from controller.manifests.normal_form import normal_spec
from controller.schema.contract import contract
from controller.schema.names import to_aws
from controller.schema.shape import Shape, shape
from tests.kinds import full
from tests.kinds.sample import walk

NAME = "one"
_ZONE = timezone(timedelta(hours=3))


def specs_are_equal(a: Mapping[str, Any], b: Mapping[str, Any], row: Kind) -> bool:
    """Whether each of two specs contains the values of the other."""
    a, b = ({contract(row.name).name_member: NAME, **each} for each in (a, b))
    return all(contains_values(mine, theirs, row) for mine, theirs in ((a, b), (b, a)))


def contains_values(mine: Mapping[str, Any], theirs: Mapping[str, Any], row: Kind) -> bool:
    return all(
        is_satisfied(each, theirs.get(name), row, name)
        or is_filled(each, theirs.get(name), name, theirs, row)
        for name, each in mine.items()
    )


def digest_of(spec: Mapping[str, Any], row: Kind) -> str:
    return digest(normal_spec(spec, row, NAME))


def value_positions(
    value: Any, of: Shape, path: Path, pattern: str
) -> Iterator[tuple[Path, str, Any, Shape]]:
    """Every value of a spec with its path, pattern and shape."""
    yield path, pattern, value, of
    if of.type == "structure" and isinstance(value, Mapping):
        for name, each in value.items():
            yield from value_positions(
                each, shape(of.members[name]), (*path, name), f"{pattern}.{name}".lstrip(".")
            )
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from value_positions(each, shape(of.element), (*path, i), f"{pattern}[]")


def equal_spellings(value: Any, pattern: str, of: Shape, row: Kind) -> Iterator[Any]:
    """Other spellings of a value that are equal to the service."""
    if pattern in row.compare.documents and isinstance(value, str):
        yield json.dumps(json.loads(value), indent=3)
    elif isinstance(value, list) and (pattern in row.compare.unordered or pattern in row.compare.keyed):
        yield value[::-1]
    elif of.type == "timestamp" and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        yield moment.astimezone(_ZONE).isoformat()
        yield moment
        yield moment.timestamp()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
        yield str(value)
        if of.type == "float":  # as a response may write a number of 32 bits
            yield float(struct.unpack("<f", struct.pack("<f", value))[0])


def unequal_values(value: Any, pattern: str, of: Shape, row: Kind) -> Iterator[Any]:
    """Values that are not equal to it."""
    if pattern in row.compare.documents and isinstance(value, str):
        yield json.dumps({**json.loads(value), "another": 1})
    elif isinstance(value, bool):
        yield not value
        yield int(value)
    elif isinstance(value, int | float):
        yield value + 1
    elif of.type == "timestamp" and isinstance(value, str):
        yield (datetime.fromisoformat(value) + timedelta(seconds=1)).isoformat()
    elif isinstance(value, str):
        yield f"{value}x"
    elif isinstance(value, list) and value:
        yield value[:-1]
        yield [*value, value[-1]]
        if (
            pattern not in row.compare.unordered
            and pattern not in row.compare.keyed
            and value[0] != value[-1]
        ):
            yield value[::-1]


def with_two_elements(row: Kind, spec: Any, of: Shape) -> Any:
    """The spec with two different elements in each list of strings or structures that has one."""
    for path, _, value, here in list(value_positions(spec, of, (), "")):
        if isinstance(value, list) and len(value) == 1 and isinstance(get(spec, path), list):
            second = _other_element(value[0], shape(here.element))
            if second is not None:
                spec = with_value(spec, path, [*get(spec, path), second])
    return spec


def _other_element(value: Any, of: Shape) -> Any:
    if isinstance(value, str):
        return f"{value}y"
    if of.type == "structure" and isinstance(value, Mapping):
        texts = {
            name: f"{each}y"
            for name, each in value.items()
            if isinstance(each, str) and shape(of.members[name]).type == "string"
        }
        return {**value, **texts} if texts else None
    return None


def service_default(row: Kind, pattern: str) -> Any:
    """The value by which the service fills a member; None if it can't be predicted."""
    default = row.compare.defaults.get(pattern)
    default = default.values[0] if isinstance(default, OneOf) else default
    return default if isinstance(default, str | int | float) else None


@pytest.mark.parametrize("kind", walk(sorted(KINDS)))
def test_equal_specs_have_one_digest(kind: str) -> None:
    """Every member of every kind in every other spelling, with every default, and with another value."""
    row, kind_contract, tried = KINDS[kind], contract(kind), 0
    for camel in full.specs(kind):
        written = {name: each for name, each in to_aws(camel, kind_contract.spec).items() if name != "Tags"}
        spec = with_two_elements(row, written, kind_contract.spec)
        digests: dict[str, str] = {}
        for path, pattern, value, of in list(value_positions(spec, kind_contract.spec, (), ""))[1:]:
            head = str(path[0])
            if head == kind_contract.name_member:
                continue  # a name identifies the resource; no digest covers it
            whole = {head: spec[head]}
            digests[head] = of_whole = digests.get(head) or digest_of(whole, row)
            for expected, variants in ((True, equal_spellings), (False, unequal_values)):
                for variant in variants(value, pattern, of, row):
                    tried += 1
                    changed = with_value(whole, path, variant)
                    assert_law(whole, changed, row, path, expected=expected, known=of_whole)
            assert_law(whole, without_value(whole, path), row, path, known=of_whole)
            default = service_default(row, pattern)
            if default is not None:
                at_default = with_value(whole, path, default)
                assert_law(at_default, without_value(whole, path), row, path, expected=True)
                assert_law(at_default, with_value(whole, path, None), row, path, expected=True)
    assert tried or not kind_contract.settable - kind_contract.identity, kind


def assert_law(
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    row: Kind,
    path: Path,
    *,
    expected: bool | None = None,
    known: str = "",
) -> None:
    """Comparison and digest agree; if the result is known, with the right one. ``known`` is the digest of ``a``."""
    found = (specs_are_equal(a, b, row), (known or digest_of(a, row)) == digest_of(b, row))
    assert len(set(found)) == 1, (row.name, path, a, b, found)
    if expected is not None:
        assert found[0] is expected, (row.name, path, a, b)


@pytest.mark.parametrize("kind", walk(sorted(KINDS)))
def test_every_list_and_default_of_a_row_is_reached(kind: str) -> None:
    """The patterns of a row are members of the spec, so that the law above covers them."""
    row, kind_contract = KINDS[kind], contract(kind)
    seen = {
        pattern
        for camel in full.specs(kind)
        for _, pattern, _, _ in value_positions(to_aws(camel, kind_contract.spec), kind_contract.spec, (), "")
    }
    patterns = {
        *row.compare.unordered,
        *row.compare.keyed,
        *(p for p in row.compare.defaults if service_default(row, p) is not None),
    }
    assert patterns <= seen, patterns - seen
