"""Coverage-guided fuzzing of one target: ``python -m tests.fuzz TARGET [options of libFuzzer]``.

It needs atheris (``pip install atheris``), which has no wheel for every Python and is no dependency of the project.
"""

import importlib
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Fuzz until interrupted, or for the time of ``-max_total_time=SECONDS``."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.stderr.write("atheris is not installed: pip install atheris\n")
        return 1
    with atheris.instrument_imports(include=["controller"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in targets:
        sys.stderr.write(f"give one of {', '.join(targets)}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="corpus-") as corpus:
        for number, data in enumerate(targets[name].corpus):
            Path(corpus, str(number)).write_bytes(data)
        atheris.Setup([sys.argv[0], *sys.argv[2:], corpus], targets[name].check)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
