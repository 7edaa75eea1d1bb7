"""``python -m tests.coverage.write``: run every feature, then write ``docs/dev/coverage.md``."""

import sys
import tempfile
from pathlib import Path

from tests.coverage.all_features import rehearse
from tests.coverage.table import FILE, faults, table


def write() -> int:
    """Write the table, unless a feature fails."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = faults(rehearse(Path(folder)))
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    FILE.write_text(table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(write())
