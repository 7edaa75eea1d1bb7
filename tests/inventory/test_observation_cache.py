"""Stored observations survive the process, and are used only with the inventory that wrote them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.ref import Ref
from controller.inventory.model import Entry, Inventory
from controller.inventory.observation_cache import Observation, ObservationCache, ObservationFile

REF = Ref("Model", "fraud")
KEY = ("Model", "fraud-1")
HELD = Inventory("prod", "123456789012", "us-east-1", "ab" * 32, {REF: Entry(REF, "fraud-1")})
BODY = {"ModelName": "fraud-1", "CreationTime": datetime(2026, 1, 1, 12, 0, 0, 5000, UTC)}


def open_cache(path: Path, warnings: list[str] | None = None, *, refresh: bool = False) -> ObservationCache:
    """A cache in a file, opened as a new process does."""
    return ObservationCache(ObservationFile(path), (warnings if warnings is not None else []).append, refresh)


def write_observation(path: Path, body: Any = None, held: Inventory = HELD) -> None:
    """Store one observation."""
    made = open_cache(path)
    made.load(held)
    made.put(KEY, Observation(body or BODY, 7.0))
    made.count_pages("Model", 3)
    made.save(held, whole=True)


_TIMES = st.datetimes(timezones=st.just(timezone(timedelta(hours=2))))
_KEYS = st.text() | st.just("$time")  # a time is kept as an object with that key
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | _TIMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=3))
def test_a_body_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, body: dict[str, Any]
) -> None:
    """Texts, numbers and times are read back unchanged, or are not stored; the number of pages too."""
    path = tmp_path_factory.mktemp("kept") / "observed"
    write_observation(path, body)
    again = open_cache(path)
    again.load(HELD)
    found = again.get(KEY)
    assert found in (None, Observation(body or BODY, 7.0))
    assert found is not None or "$time" in str(body)
    assert again.pages == {"Model": 3}


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Other users of the machine can't read what Describe returned."""
    write_observation(tmp_path / "observed")
    assert (tmp_path / "observed").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "other",
    [
        replace(HELD, account="210987654321"),
        replace(HELD, region="eu-west-1"),
        replace(HELD, set="test"),
        replace(HELD, key="cd" * 32),
    ],
    ids=["account", "region", "set", "key"],
)
def test_what_another_inventory_wrote_is_not_taken(tmp_path: Path, other: Inventory) -> None:
    """Observations of another set, account, region or key are ignored with one warning, and written again."""
    write_observation(tmp_path / "observed", held=other)
    warnings: list[str] = []
    mine = open_cache(tmp_path / "observed", warnings)
    mine.load(HELD)
    mine.load(HELD)
    assert (mine.get(KEY), len(warnings)) == (None, 1)
    write_observation(tmp_path / "observed")
    again = open_cache(tmp_path / "observed", warnings)
    again.load(HELD)
    assert (again.get(KEY), len(warnings)) == (Observation(BODY, 7.0), 1)


def test_a_damaged_file_is_not_taken_whichever_byte_it_is(tmp_path: Path) -> None:
    """After a changed byte or a truncation the observation is the written one, or is missing with a warning."""
    path = tmp_path / "observed"
    write_observation(path)
    whole = path.read_bytes()
    forged = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(len(whole) - 1)]
    for content in [*forged, *(whole[:i] for i in range(len(whole) - 1))]:
        path.write_bytes(content)
        warnings: list[str] = []
        mine = open_cache(path, warnings)
        mine.load(HELD)
        assert mine.get(KEY) is None or json.loads(content.splitlines()[0]) == json.loads(
            whole.splitlines()[0]
        )
        assert mine.get(KEY) in (None, Observation(BODY, 7.0))
        assert bool(warnings) is (mine.get(KEY) is None)


@pytest.mark.parametrize(
    "first", ["[]", "1", "{}", '{"version": 1}', '{"version": 2, "mac": ""}', "null", "[" * 9999]
)
def test_what_is_no_header_is_not_taken(tmp_path: Path, first: str) -> None:
    """A first line of another form or version leaves no observation, and warns once."""
    path = tmp_path / "observed"
    write_observation(path)
    path.write_text(f"{first}\n{path.read_text().splitlines()[1]}\n")
    warnings: list[str] = []
    mine = open_cache(path, warnings)
    mine.load(HELD)
    assert (mine.get(KEY), len(warnings)) == (None, 1)


def test_a_folder_in_its_place_stops_nothing(tmp_path: Path) -> None:
    """A file that can't be read or written is ignored: a run without earlier observations is only slower."""
    (tmp_path / "observed").mkdir()
    warnings: list[str] = []
    mine = open_cache(tmp_path / "observed", warnings)
    mine.load(HELD)
    mine.put(KEY, Observation(BODY, 7.0))
    mine.save(HELD, whole=True)
    assert len(warnings) == 1


def test_only_what_the_inventory_holds_is_kept(tmp_path: Path) -> None:
    """Observations without an entry are removed; a run of a part of the set keeps the other part's."""
    path, none = tmp_path / "observed", replace(HELD, entries={})
    write_observation(path)
    part = open_cache(path)
    part.load(none)
    part.save(none, whole=False)
    again = open_cache(path)
    again.load(HELD)
    assert again.get(KEY)
    again.save(none, whole=True)
    last = open_cache(path)
    last.load(HELD)
    assert last.get(KEY) is None


def test_refresh_reads_nothing(tmp_path: Path) -> None:
    """With a refresh earlier observations do not count, nor does a damaged file warn."""
    path = tmp_path / "observed"
    write_observation(path)
    mine = open_cache(path, refresh=True)
    mine.load(HELD)
    assert (mine.get(KEY), mine.pages) == (None, {})


def test_a_quiet_run_writes_nothing(tmp_path: Path) -> None:
    """What did not change is not written again."""
    path = tmp_path / "observed"
    write_observation(path)
    path.touch()
    before = path.stat().st_mtime_ns
    mine = open_cache(path)
    mine.load(HELD)
    mine.count_pages("Model", 3)
    mine.save(HELD, whole=True)
    assert path.stat().st_mtime_ns == before
