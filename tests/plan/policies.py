"""The real Open Policy Agent: found, or built once from the module that opa/go.mod lists."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULE = HERE / "opa"
_GO = ("go", "/usr/local/go/bin/go")


class MissingError(Exception):
    """The program is neither found nor can it be built; the message says what would help."""


@dataclass(frozen=True)
class Opa:
    """Runs rules over a plan's JSON."""

    program: Path

    def asks(self, rule: Path, plan: Path, query: str) -> Any:
        """What a query gives over a plan."""
        line = [str(self.program), "eval", "--format", "json", "-d", str(rule), "-i", str(plan), query]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"][0]["expressions"][0]["value"]


def program() -> Path:
    """The program: of ``PATH``, of the cache, or built into the cache.

    Raises:
        MissingError: there is no way to get it.

    """
    found = shutil.which("opa")
    if found:
        return Path(found)
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagemaker-gitops"
    digest = hashlib.sha256((MODULE / "go.sum").read_bytes()).hexdigest()[:16]
    folder = root / f"opa-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (root / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "opa").is_file():
            _build(folder)
    return folder / "opa"


def _build(folder: Path) -> None:
    go = next((path for name in _GO if (path := shutil.which(name))), None)
    if go is None:
        raise MissingError("no opa: put it on the PATH, or install Go to have it built")
    os.write(2, f"building opa into {folder}: a minute, and only once\n".encode())
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = [go, "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", f"{part}/", "tool"]
    part.mkdir()
    done = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError("go build failed:\n" + "\n".join(done.stderr.splitlines()[-20:]))
    part.rename(folder)
