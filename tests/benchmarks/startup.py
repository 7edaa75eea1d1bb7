"""The processor time of a command, as a ratio measured in the same minute: ``python -m tests.benchmarks.startup``.

To a bare interpreter, and for a plan to a process that creates a boto3 client. Medians of ``ROUNDS``; the commands take
passes, and each has run once before, so that its modules are compiled.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from controller.sandbox import Sandbox, serve
from tests.benchmarks.figures import record

ROUNDS = 11
SAFETY_MARGIN = 1.25  # other work on the machine slows both sides, but not in equal parts
SAGECTL = str(Path(sys.executable).with_name("sagectl"))
DOCUMENTS = """\
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: ModelPackageGroup
metadata: {name: fraud}
spec: {modelPackageGroupDescription: models that score payments}
---
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: EndpointConfig
metadata: {name: fraud}
spec:
  productionVariants:
    - {variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}
"""
BARE, CLIENT = "python -c pass", "creating a boto3 client of SageMaker"
# Command: what it is compared with, the goal, and the most that is accepted: what is reached today where that is more.
LIMITS: Mapping[str, tuple[str, float, float]] = {
    "sagectl --help": (BARE, 2.5, 3.0),
    "sagectl validate, two documents": (BARE, 8.0, 13.0),
    "sagectl plan, two documents, connected": (CLIENT, 1.4, 1.4),
}


def cpu_seconds(command: list[str], folder: str, environment: Mapping[str, str]) -> float:
    """The processor time of a command and of the system for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 2):  # 2: the plan has changes
        raise RuntimeError(f"{command}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(commands: Mapping[str, list[str]], folder: str) -> dict[str, float]:
    """The median of each command's processor time, in seconds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(ROUNDS + 1):
        for name, command in commands.items():
            took = cpu_seconds(command, folder, environment)
            spent[name] += [took] if number else []
    return {name: median(each) for name, each in spent.items()}


@contextmanager
def _serve_sandbox() -> Iterator[str]:
    sandbox = Sandbox()
    server = serve(sandbox).start()
    try:
        yield server.url
    finally:
        server.stop()
        sandbox.close()


@contextmanager
def commands() -> Iterator[tuple[dict[str, list[str]], str]]:
    """The commands by name, and the folder in which they run."""
    with tempfile.TemporaryDirectory() as folder, _serve_sandbox() as address:
        Path(folder, "two.yaml").write_text(DOCUMENTS, encoding="utf-8")
        plan = [SAGECTL, "plan", "two.yaml", "--endpoint-url", address, "--inventory", "inventory.json"]
        yield (
            {
                BARE: [sys.executable, "-c", "pass"],
                CLIENT: [sys.executable, "-c", "import boto3; boto3.client('sagemaker')"],
                "sagectl --help": [SAGECTL, "--help"],
                "sagectl validate, two documents": [SAGECTL, "validate", "two.yaml"],
                "sagectl plan, two documents, connected": plan,
            },
            folder,
        )


def main() -> int:
    """Print the table; 1 if a ratio is above its limit and the margin."""
    with commands() as (named, folder):
        spent = measure(named, folder)
    good = True
    print("| command | ms | to | ratio | goal |\n|---|---|---|---|---|")
    for name, (base, goal, limit) in LIMITS.items():
        ratio = spent[name] / spent[base]
        good &= ratio <= limit * SAFETY_MARGIN
        print(f"| {name} | {1000 * spent[name]:.0f} | {base} | {ratio:.1f} | {goal} |")
        record({name: f"{ratio:.1f} x"})
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
