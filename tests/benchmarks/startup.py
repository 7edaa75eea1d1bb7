"""How long a command takes to start, as a ratio to a bare interpreter, measured side by side.

Run it by hand: ``python tests/benchmarks/startup.py``. Ratios, and not seconds, so that any machine can tell.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
MARGIN = 1.25  # other work on the machine hits both sides, but not in equal parts
SAGECTL = Path(sys.executable).with_name("sagectl")
DOCUMENT = """\
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: ModelPackageGroup
metadata: {name: fraud}
spec: {modelPackageGroupDescription: models that score payments}
"""


def measure(commands: dict[str, list[str]]) -> dict[str, float]:
    """The best of so many rounds for each command; the commands take turns."""
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(ROUNDS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def main() -> int:
    """Print the table; 1 if a ratio is above its limit and the margin."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "group.yaml")
        file.write_text(DOCUMENT, encoding="utf-8")
        best = measure(
            {
                "python -c pass": [sys.executable, "-c", "pass"],
                "sagectl --help": [str(SAGECTL), "--help"],
                "sagectl validate FILE": [str(SAGECTL), "validate", str(file)],
            }
        )
    bare, slow = best["python -c pass"], False
    print(f"{'command':24} {'ms':>7} {'ratio':>6} {'limit':>6}")
    for name, limit in (("python -c pass", 1.0), ("sagectl --help", 3.0), ("sagectl validate FILE", 16.0)):
        ratio = best[name] / bare
        slow = slow or ratio > limit * MARGIN
        print(f"{name:24} {best[name] * 1000:7.1f} {ratio:6.1f} {limit:6.1f}")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
