"""Each parser of untrusted bytes, with random changes of its corpus; ``make soak`` runs more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

_TOKENS = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\n", b"\t", b"\r\n", b" ", b"\\", b'"', b"'"),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"- ",
        b"? ",
        b"&a ",
        b"*a",
        b"!!str ",
        b"<<: ",
        b"---\n",
        b"#",
        b"|",
    ),
    *(b"null", b"true", b"1e999", b"-0", b"9" * 30, b".inf", b"0x1f", b"${", b"${var.x}", b"$${", b"\\u0000"),
    *(b"\\ud800", b"../", b"%s", b"arn:", b"//", b"[" * 300, b'{"a":' * 300, b"a" * 300),
)
_EDITS = st.lists(
    st.tuples(
        st.integers(0, 4000),  # where, modulo the length
        st.integers(0, 40),  # the number of replaced bytes
        st.sampled_from(_TOKENS) | st.binary(max_size=8),  # the bytes in their place
    ),
    max_size=6,
)


def edit_bytes(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Bytes with some of them replaced by others."""
    for where, gone, new in edits:
        at = where % (len(data) + 1)
        data = data[:at] + new + data[at + gone :]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read(name: str) -> None:
    """Each target accepts its initial inputs."""
    for data in TARGETS[name].corpus:
        TARGETS[name].check(data)


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_no_bytes_break_a_reader(name: str, data: Any) -> None:
    """Edited valid inputs and arbitrary bytes give a value, or one of the parser's documented errors."""
    target = TARGETS[name]
    seed = data.draw(st.sampled_from(target.corpus) | st.binary(max_size=60))
    target.check(edit_bytes(seed, data.draw(_EDITS)))
