"""The SageMaker Python SDK, of generations 2 and 3: its classes, from the creation of a resource to its deletion.

Each step starts with an empty sandbox whose clock moves as often as the SDK sleeps, so that every state that the SDK
polls for is met, and none of them is waited for.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from controller.sandbox import Sandbox, serve
from tests.clients.client_result import Check, ClientResult, Report, State
from tests.clients.environment import client_environment, python
from tests.programs.built import MissingError

HERE = Path(__file__).parent
SCRIPTS = {2: ("generation_2.py", "lineage_2.py"), 3: ("generation_3.py",)}
VERSIONS = {2: "2.257.7", 3: "3.27.0"}
# Later releases of s3fs require aiobotocore, which requires one release of botocore: pip would try each of them.
MORE: Mapping[int, tuple[str, ...]] = {2: (), 3: ("s3fs==0.4.2",)}
# the SDK reports each use of it to its makers, unless that is disabled
CONFIG = """\
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


def run_2(report: Report) -> ClientResult:
    """Run generation 2.

    Raises:
        MissingError: it cannot be had, or does not start.

    """
    return _run(2, report)


def run_3(report: Report) -> ClientResult:
    """Run generation 3.

    Raises:
        MissingError: it cannot be had, or does not start.

    """
    return _run(3, report)


def _run(generation: int, report: Report) -> ClientResult:
    name, version = f"sagemaker-{generation}", VERSIONS[generation]
    found = python(name, (f"sagemaker=={version}", *MORE[generation]), report)
    report(f"running the SageMaker Python SDK {version}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        ran = tuple(check for each in SCRIPTS[generation] for check in checks(found, HERE / each, folder))
    return ClientResult(name, version, ran)


def checks(interpreter: Path, script: Path, folder: Path) -> Iterator[Check]:
    """Yield the results of the steps of a script, which may write into the folder.

    Raises:
        MissingError: it does not run to its end.

    """
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    server = serve(Sandbox()).start()
    more = {
        "SANDBOX": server.url,
        "HOME": str(folder),
        "SAGEMAKER_VALIDATE_ROLE": "false",  # generation 3 would call IAM, which the sandbox is not
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(config),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
    }
    try:
        done = subprocess.run(
            [str(interpreter), str(script)],
            cwd=folder,
            env=client_environment(server.url, **more),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        server.stop()
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise MissingError(f"the SageMaker Python SDK did not run:\n{done.stderr[-2000:]}")
    for line in lines:
        step = json.loads(line)
        name = f"{step['name']} ({step['calls']} calls)"
        yield Check(name, State.FAILED if step["error"] else State.PASSED, step["error"])
