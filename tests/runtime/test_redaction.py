"""The mask, and the removal of secrets from a text."""

import ast
import json
from collections.abc import Callable
from html import escape

import pytest

from controller.runtime.hidden_text import SecretText
from controller.runtime.redaction import MASK, without_texts
from controller.source.git.errors import clean_untrusted
from tests.repo.files import python_files, relative_path, tree

SECRET = 's3cret "<é>"'


@pytest.mark.parametrize(
    "form", [str, lambda text: json.dumps(text)[1:-1], lambda text: repr(text)[1:-1], escape]
)
def test_no_form_of_a_secret_is_left(form: Callable[[str], str]) -> None:
    """As it is, and as JSON, Python or HTML writes it; in git's messages too."""
    text = f"refused: {form(SECRET)} is wrong"
    assert without_texts(text, {SECRET, ""}) == f"refused: {MASK} is wrong"
    assert "s3cret" not in clean_untrusted(text, (SECRET,))


def test_a_longer_secret_is_removed_before_one_that_it_holds() -> None:
    """Nothing of the longer one is left over."""
    assert without_texts("abcdef", {"abc", "abcdef"}) == MASK


def test_a_hidden_text_is_shown_as_the_mask() -> None:
    """In a log, an error or a representation."""
    assert f"{SecretText(SECRET)} {SecretText(SECRET)!r}" == f"{MASK} {MASK}"


def test_the_mask_is_written_in_one_place() -> None:
    """Only ``runtime/redaction.py`` has the mask as a literal, besides the sandbox, which imports nothing of ours."""
    files = [
        path
        for path in python_files("controller")
        if not relative_path(path).startswith("controller/sandbox/")
    ]
    found = {
        relative_path(path)
        for path in files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value in (MASK, "***")
    }
    assert found == {"controller/runtime/redaction.py"}
