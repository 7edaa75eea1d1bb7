"""Programs written in Go that tests talk to: each is built once, from the modules that a go.mod lists.

They are kept in a cache outside the repository, in a folder for each state of go.sum and of the code.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_GO = ("go", "/usr/local/go/bin/go")
_EVERY = 10.0  # seconds between lines of progress

Report = Callable[[str], None]


class MissingError(Exception):
    """Programs are neither found nor can they be built; the message has a hint."""


def _keep_names(go: str, folder: Path) -> None:
    """Go's own names are used."""


@dataclass(frozen=True)
class Recipe:
    """How programs are built.

    ``name`` is that of the folder in the cache, ``module`` holds ``go.mod`` and ``go.sum``, ``packages`` are what is
    compiled there, the tools of ``go.mod`` or Go code beside it, ``programs`` are the files that a finished build
    holds, ``takes`` says how long it takes and ``without_go`` what else would help.
    ``finish`` is called with Go and the folder when all is compiled.
    """

    name: str
    module: Path
    programs: tuple[str, ...]
    takes: str
    without_go: str
    packages: str = "tool"
    tags: str = ""
    link: str = "-s -w"
    finish: Callable[[str, Path], None] = _keep_names

    @property
    def folder(self) -> Path:
        """The folder of the programs."""
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        code = [self.module / "go.sum", *sorted(self.module.glob("*.go"))]
        digest = hashlib.sha256(b"".join(each.read_bytes() for each in code)).hexdigest()[:16]
        return root / "sagemaker-gitops" / f"{self.name}-{digest}"

    @property
    def missing(self) -> bool:
        """Whether the cache lacks it, so that it would be built."""
        return not self.within(self.folder)

    def within(self, folder: Path) -> bool:
        """Whether a folder has all of the programs."""
        return all((folder / name).is_file() for name in self.programs)


def build_once(recipe: Recipe, report: Report) -> Path:
    """The folder with the programs, built if it does not exist.

    Raises:
        MissingError: there is no Go, or it fails.

    """
    folder = recipe.folder
    if recipe.within(folder):
        return folder
    go = next((path for name in _GO if (path := shutil.which(name))), None)
    if go is None:
        raise MissingError(f"no {', '.join(recipe.programs)}: {recipe.without_go}")
    with _build_lock(folder):
        if not recipe.within(folder):
            _build(recipe, go, folder, report)
    if not recipe.within(folder):
        raise MissingError(f"the build left no programs in {folder}")
    return folder


@contextmanager
def _build_lock(folder: Path) -> Iterator[None]:
    """One build at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(recipe: Recipe, go: str, folder: Path, report: Report) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    report(f"building {', '.join(recipe.programs)} into {folder}: {recipe.takes}, and only once")
    flags = ["-v", "-buildvcs=false", "-tags", recipe.tags, "-ldflags", recipe.link, "-o", f"{part}/"]
    with (part / "build.log").open("w") as log:
        running = subprocess.Popen(
            [go, "build", *flags, recipe.packages], cwd=recipe.module, stdout=log, stderr=subprocess.STDOUT
        )
        _watch(running, part / "build.log", report)
    if running.returncode:
        tail = "\n".join((part / "build.log").read_text(encoding="utf-8").splitlines()[-20:])
        raise MissingError(f"go build failed:\n{tail}")
    recipe.finish(go, part)
    part.rename(folder)


def _watch(running: "subprocess.Popen[bytes]", log: Path, report: Report) -> None:
    started = time.monotonic()
    while True:
        try:
            running.wait(_EVERY)
        except subprocess.TimeoutExpired:
            lines = log.read_text(encoding="utf-8").splitlines()
            fetched = sum(line.startswith("go: downloading") for line in lines)
            passed = time.monotonic() - started
            report(f"  {passed:4.0f} s: {fetched} modules fetched, {len(lines) - fetched} packages compiled")
        else:
            return
