"""Python environments for clients, each made once, in the cache where the programs of the tests are kept as well."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.clients.client_result import Report
from tests.programs.built import MissingError

ROOT = Path(__file__).parents[2]
SERVICES = ("SAGEMAKER", "STS", "RESOURCE_GROUPS_TAGGING_API", "APPLICATION_AUTO_SCALING")
NOWHERE = (
    "http://127.0.0.1:9"  # the port of "discard": a call of a service that the sandbox lacks fails at once
)


def cache() -> Path:
    """The folder that outlives a run."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "sagemaker-gitops" / "clients"


def python(name: str, requirements: tuple[str, ...], report: Report) -> Path:
    """The interpreter of an environment with the requirements.

    Raises:
        MissingError: they cannot be installed.

    """
    digest = hashlib.sha256("\n".join((sys.version, *requirements)).encode()).hexdigest()[:16]
    folder = cache() / f"{name}-{digest}"
    if not (folder / "done").is_file():
        report(f"installing {', '.join(requirements)} into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        command([sys.executable, "-m", "venv", str(folder)])
        command([str(folder / "bin" / "pip"), "install", "--quiet", *requirements])
        (folder / "done").touch()
    return folder / "bin" / "python"


def command(line: list[str]) -> str:
    """Run a command of a set-up.

    Raises:
        MissingError: it fails.

    """
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"{' '.join(line)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def client_environment(url: str, **more: str) -> Mapping[str, str]:
    """The variables of a process whose clients call the sandbox at ``url``."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_ACCESS_KEY_ID": "dummy",
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",  # version 1 of the CLI reads this one only
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "AWS_ENDPOINT_URL": NOWHERE,
        **{f"AWS_ENDPOINT_URL_{service}": url for service in SERVICES},
        **more,
    }
