"""Compressed or deeply nested content is refused before it uses memory or the stack."""

import base64
import json
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.inventory.model import InventoryError
from controller.inventory.shards import unpack_shard
from controller.operator import object_inventory
from controller.runtime.bounded_text import DEEPEST, inflate, is_deep, limit_depth, load_json, parse_bounded

MIB = 1024 * 1024
BOMBS: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: b"0" * (100 * MIB),
    "spaces": lambda: b"[" + b" " * (100 * MIB) + b"]",
    "empty lists": lambda: b"[" + b"[]," * (10 * MIB) + b"[]]",
    "short lists": lambda: b"[" + b"[]," * (2 * MIB) + b"[]]",
    "small objects": lambda: b"[" + b"{}," * (2 * MIB) + b"{}]",
    "numbers": lambda: b"[" + b"1," * (3 * MIB) + b"1]",
    "nested": lambda: b"[" * (5 * MIB),
    "nested and closed": lambda: b"[" * 100_000 + b"]" * 100_000,
    "nested objects": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}
READERS: dict[str, str] = {
    "a part": "from controller.inventory.shards import unpack_shard as read",
    "a spec": "from controller.operator.object_inventory import read as plain; "
    "read = lambda text: plain('zlib:' + text)",
}
# A fork for each text has a peak of its own, which begins with the memory that it inherits.
_MEASURED = """\
import os, resource, sys
{reader}
for text in sys.stdin.read().split():
    if os.fork():
        os.wait()
        continue
    read_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(text)
    except Exception as error:
        kind = type(error).__name__
    print(kind, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - read_before, flush=True)
    os._exit(0)
"""


def compress(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 1)).decode()


@pytest.fixture(scope="module")
def bombs() -> str:
    """All of them, packed, a line for each."""
    return "\n".join(compress(make()) for make in BOMBS.values())


@pytest.mark.parametrize("reader", READERS)
def test_a_bomb_costs_little_memory(reader: str, bombs: str) -> None:
    """Whatever the size of a decompressed forged text, reading it takes at most 64 MiB and ends in a refusal."""
    program = _MEASURED.format(reader=READERS[reader])
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=bombs,
        capture_output=True,
        text=True,
        check=True,
    )
    for bomb, line in zip(BOMBS, done.stdout.splitlines(), strict=True):
        kind, larger = line.split()
        assert kind in {"InventoryError", "ValueError"}, bomb
        assert int(larger) < 64 * 1024, bomb


READ: dict[str, Callable[[str], object]] = {
    "inflated": lambda text: inflate(text, MIB),
    "a part": unpack_shard,
    "a spec": lambda text: object_inventory.read(f"zlib:{text}"),
}


@pytest.mark.parametrize("reader", READ)
def test_damage_of_any_kind_is_a_refusal(reader: str) -> None:
    """A text that is cut, lengthened or changed anywhere is refused by an error of the reader's own, and no other."""
    chance, whole = random.Random(7), compress(json.dumps([["Model/a", {}]] * 50).encode())
    raw = base64.b64decode(whole)
    damaged = [
        "", "=", "nonsense", "ä", "\0", whole[:-1], whole[:-4], whole[:8], whole + "AAAA",
        base64.b64encode(raw[:-4]).decode(), base64.b64encode(raw + b"more").decode(),
        base64.b64encode(raw + raw).decode(),
    ]  # fmt: skip
    for _ in range(200):
        at = chance.randrange(len(raw))
        damaged.append(base64.b64encode(raw[:at] + chance.randbytes(2) + raw[at + 2 :]).decode())
    for each in damaged:
        if each == whole:
            continue
        with pytest.raises((ValueError, InventoryError)):
            READ[reader](each)


def test_what_is_within_the_bounds_is_read() -> None:
    """The bound itself is still read, and the next byte, value or level is not."""
    assert inflate(compress(b"a" * 1000), 1000) == b"a" * 1000
    with pytest.raises(ValueError, match="more than 999 bytes"):
        inflate(compress(b"a" * 1000), 999)
    assert parse_bounded(b"[1,2,3]", 3) == [1, 2, 3]
    with pytest.raises(ValueError, match="more than 2 values"):
        parse_bounded(b"[1,2,3]", 2)
    deep = b"[" * DEEPEST + b"]" * DEEPEST
    assert parse_bounded(deep, MIB)
    with pytest.raises(ValueError, match="nested"):
        parse_bounded(b"[" + deep + b"]", MIB)


VALUES = st.recursive(
    st.none() | st.integers() | st.text('"\\\\[]{}/,: a', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\\\[{a', max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


@given(VALUES, st.integers(0, 4), st.sampled_from([None, 1]))
def test_what_is_nested_too_deep_becomes_null(value: object, deepest: int, indent: int | None) -> None:
    """Whatever the strings contain, the result is JSON: the same value with null for what is too deep."""
    left = json.loads(limit_depth(json.dumps(value, indent=indent).encode(), deepest))
    assert left == _cut(value, deepest)


def _cut(value: Any, deepest: int) -> Any:
    if isinstance(value, list | dict) and not deepest:
        return None
    if isinstance(value, list):
        return [_cut(each, deepest - 1) for each in value]
    return {key: _cut(each, deepest - 1) for key, each in value.items()} if isinstance(value, dict) else value


def test_one_object_that_no_parser_takes_leaves_the_others_readable() -> None:
    """The API server accepts 10,000 levels of nesting; the other objects of such a list are read."""
    deep = b'{"a":' * 9_990 + b"1" + b"}" * 9_990
    document = load_json(b'{"items":[{"name":"one"},' + deep + b',{"name":"two"}]}')
    assert [document["items"][0], document["items"][2]] == [{"name": "one"}, {"name": "two"}]
    with pytest.raises(ValueError, match="Expecting"):
        load_json(b"{")


@pytest.mark.parametrize("depth", [0, 1, 5, 10, 11, 12, 5000])
def test_depth_is_counted_without_recursion(depth: int) -> None:
    """Lists and mappings count alike, also in a value that recursion could not walk."""
    value: object = 1
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    assert is_deep(value, 10) is (depth > 10)
    while isinstance(value, list | dict):
        # CPython frees a deep value by recursion of its own, in bounded steps.
        value = value[0] if isinstance(value, list) else value["a"]
