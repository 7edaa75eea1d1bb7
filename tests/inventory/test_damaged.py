"""Stored files that are damaged, hand-edited or of a later version: refused with a message, or read unchanged."""

import base64
import itertools
import json
import random
import zlib
from pathlib import Path
from typing import Any

import pytest

from controller.gitops.status import SyncRecord
from controller.gitops.status_store import SyncRequest
from controller.runtime.member_types import check_members
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP
from tests.inventory.stored import FORMATS, StoredFormat, put, values_of_other_types
from tests.soak import soak

_NUL, _NO_UTF8 = 0x00, 0xFF
_BYTES = (_NUL, _NO_UTF8, *b'"\\{}[]:, 9a\n')  # one of each class that JSON, base64 and UTF-8 distinguish
_JSON = [name for name, form in FORMATS.items() if form.good.startswith(b"{")]
_IN_STATUS = {"status of an object", "status of a GitSync"}  # the API server refuses what is no JSON
_IN_FILES = [name for name in FORMATS if name not in _IN_STATUS]


def _read_or_error(form: StoredFormat, folder: Path, content: bytes) -> Any:
    """What is read, or the reader's own error; any other error fails the test."""
    try:
        return form.read(folder, content)
    except form.error as error:
        return error


@pytest.mark.parametrize("name", FORMATS)
def test_good_content_is_read(tmp_path: Path, name: str) -> None:
    """What the product wrote is read without an error."""
    form = FORMATS[name]
    assert not isinstance(_read_or_error(form, tmp_path, form.good), Exception)


@pytest.mark.parametrize("step", [7, *soak(1)])
@pytest.mark.parametrize("name", _IN_FILES)
def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path, name: str, step: int) -> None:
    """Cut after any byte, it is an error; only white space at the end may be missing. Nothing is empty by mistake."""
    form = FORMATS[name]
    whole = form.good.rstrip()
    for end in (*range(0, len(whole), step), len(whole) - 1):
        assert isinstance(_read_or_error(form, tmp_path, whole[:end]), form.error), end


@pytest.mark.parametrize("step", [29, *soak(1)])
@pytest.mark.parametrize("name", _IN_FILES)
def test_any_byte_in_any_place_is_an_error_or_another_value(tmp_path: Path, name: str, step: int) -> None:
    """Replacing any byte by one of each class never ends in an error of another type."""
    form = FORMATS[name]
    refused = 0
    for at, byte in itertools.product(range(0, len(form.good), step), _BYTES):
        content = form.good[:at] + bytes([byte]) + form.good[at + 1 :]
        refused += isinstance(_read_or_error(form, tmp_path, content), form.error)
    assert refused


@pytest.mark.parametrize("name", _JSON)
def test_a_wrong_type_anywhere_is_refused_or_read(tmp_path: Path, name: str) -> None:
    """Every member with every other JSON type: an error of the reader; what is read has its declared types."""
    form = FORMATS[name]
    good, refused = json.loads(form.good), 0
    for path, other in values_of_other_types(good):
        found = _read_or_error(form, tmp_path, json.dumps(put(good, path, other)).encode())
        refused += isinstance(found, form.error)
        if isinstance(found, SyncRecord | SyncRequest):
            check_members(found)
    assert refused > len(good)


@pytest.mark.parametrize("other", [None, True, 7, "text", [], {}, [7], {"a": 7}, [["Model/a", 7]], [[7, {}]]])
def test_a_part_of_an_inventory_that_is_anything_else_is_refused(tmp_path: Path, other: Any) -> None:
    """A compressed part with other JSON is refused."""
    form = FORMATS["part of a GitSync's inventory"]
    text = base64.b64encode(zlib.compress(json.dumps(other).encode()))
    found = _read_or_error(form, tmp_path, text)
    assert isinstance(found, form.error) or found == {}, other


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.version[0]])
def test_a_later_format_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    """A downgrade is refused with the format, the readable ones, and that a later version reads it."""
    form = FORMATS[name]
    member, later = form.version
    content = json.dumps({**json.loads(form.good), member: later}).encode()
    message = str(_read_or_error(form, tmp_path, content))
    assert f"format {later}" in message.replace("'", "")
    assert "reads" in message
    assert "delete it" not in message  # it has members that the later version needs


@pytest.mark.parametrize("name", _JSON)
@pytest.mark.parametrize("seed", [1, *soak(*range(2, 40))])
def test_two_damages_are_as_harmless_as_one(tmp_path: Path, name: str, seed: int) -> None:
    """Several wrong members at once, chosen at random."""
    form, chance = FORMATS[name], random.Random(seed)
    good = json.loads(form.good)
    damages = [each for each in values_of_other_types(good) if each[0]]
    for _ in range(40):
        document = good
        for path, other in chance.sample(damages, 3):
            try:
                document = put(document, path, other)
            except (KeyError, IndexError, TypeError, ValueError):
                continue  # an earlier damage removed its path
        _read_or_error(form, tmp_path, json.dumps(document).encode())


def test_a_name_that_is_no_reference_is_refused(tmp_path: Path) -> None:
    """An entry with another name than a reference is no entry."""
    form = FORMATS["inventory"]
    document = json.loads(form.good)
    for name in ("", "Model", "Model/", "a/b/c/d", "/x"):
        document["entries"] = {name: {}}
        found = _read_or_error(form, tmp_path, json.dumps(document).encode())
        assert isinstance(found, form.error), name


@pytest.mark.parametrize("command", ["plan", "apply", "destroy", "drift", "status", "inventory list"])
def test_no_command_changes_anything_on_a_damaged_inventory(
    shell: Shell, sandbox: Sandbox, command: str
) -> None:
    """Truncated, of a later format, or of another set: exit 1, the file is named, and neither it nor AWS is changed."""
    shell.write("group.yaml", GROUP)
    assert shell.run("apply", "group.yaml", "--yes", "--inventory", "i.json").code == 0
    path = shell.folder / "i.json"
    good = path.read_text(encoding="utf-8")
    others = (
        good[:-9],
        good.replace('"format_version": 1', '"format_version": 2'),
        good.replace("default", "x"),
        "",
    )
    yes = {"apply": ("--prune", "--yes"), "destroy": ("--yes",), "plan": ("--prune",)}
    line = (*command.split(), "group.yaml", *yes.get(command, ()), "--inventory", "i.json")
    sandbox.clear_calls()
    for content in others:
        path.write_text(content, encoding="utf-8")
        ran = shell.run(*line)
        assert ran.code == 1, (content, ran)
        assert "i.json" in ran.err, (content, ran)
        assert path.read_text(encoding="utf-8") == content
    assert not [call for call in sandbox.calls if call.mutating]


def test_no_damaged_request_is_passed_over(tmp_path: Path) -> None:
    """The file may have a rollback: any invalid member of it is an error, and not an absent request."""
    form = FORMATS["requests of a sync"]
    good = json.loads(form.good)
    for path, other in values_of_other_types(good):
        if path and not (path == ("pin",) and other in (None, [], {})):
            found = _read_or_error(form, tmp_path, json.dumps(put(good, path, other)).encode())
            assert isinstance(found, form.error), (path, other)
