"""Expected texts in files; GOLDEN=write rewrites them, for review."""

import os
import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def assert_golden(text: str, name: str) -> None:
    """Compare with a golden file."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def without_times(text: str) -> str:
    """The text with every time and age replaced, so that it is the same whenever it was made."""
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME", text)
    text = re.sub(r"\bexecution-\d{13}\b", "execution-NUMBER", text)
    return re.sub(r" +$", "", re.sub(r"\b\d+s\b *", "0s ", text), flags=re.MULTILINE)
