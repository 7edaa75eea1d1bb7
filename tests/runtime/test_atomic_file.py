"""Atomic writes of files: complete or not at all, for every writer and wherever the process ends."""

import ast
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.runtime.atomic_file import create_file, replace_file
from tests.repo.files import python_files, relative_path, tree
from tests.runtime.file_writers import WRITERS

# Files that are opened for writing elsewhere, and why they need not be written atomically.
_ELSEWHERE = {
    "controller/cli/main.py": "opens the null device in the place of a closed pipe",
    "controller/inventory/file_store.py": "opens a lock file, whose content is for messages only",
    "controller/manifests/files.py": "opens for reading",
    "controller/operator/kube/access.py": "writes a private temporary file for the TLS library",
    "controller/runtime/atomic_file.py": "is the one place",
    "controller/source/git/cache.py": "opens a lock file",
    "controller/source/git/isolated_environment.py": "writes into a private folder that lives for one fetch",
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_crash_at_any_step_leaves_the_old_file_or_the_new(name: str, tmp_path: Path) -> None:
    """For each file that the product keeps: a process that ends at any system call leaves no half of it."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.runtime.file_writers", name, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    steps = ran.stdout.split()
    assert {"open", "os.rename" if WRITERS[name].replaces else "os.link"} <= set(steps), steps


def _opens(node: ast.AST) -> bool:
    """Whether a call opens a file for writing, or renames one over another."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
    if name.endswith((".write_text", ".write_bytes", "os.rename", "os.replace", "os.link", "os.open")):
        return True
    opened = name == "open" or name.endswith((".open", ".fdopen"))
    return opened and any(isinstance(mode, str) and set(mode) & set("wax+") for mode in modes)


def test_no_other_module_writes_files() -> None:
    """Each place that opens a file for writing is the module of atomic writes, or has its reason above."""
    files = [
        path
        for path in python_files("controller")
        if not relative_path(path).startswith("controller/sandbox/")
    ]
    found = {relative_path(path) for path in files if any(map(_opens, ast.walk(tree(path))))}
    assert found == set(_ELSEWHERE)


@contextmanager
def _full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: the write that would is refused (EFBIG), as by a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("write", [replace_file, create_file])
def test_a_full_disk_leaves_nothing_behind(write: Callable[[Path, str], None], tmp_path: Path) -> None:
    """A write that fails half way changes no file and leaves no other."""
    kept = tmp_path / "kept"
    kept.write_text("old", encoding="utf-8")
    target = kept if write is replace_file else tmp_path / "new"
    with _full_disk(1024), pytest.raises(OSError, match="large"):
        write(target, "x" * 4096)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text(encoding="utf-8") == "old"


def test_permissions_are_kept_or_given(tmp_path: Path) -> None:
    """A replaced file keeps its mode unless another one is given; a new file's mode follows the umask."""
    target, umask = tmp_path / "file", os.umask(0o027)
    try:
        replace_file(target, "one")
        assert target.stat().st_mode & 0o777 == 0o640
        target.chmod(0o755)
        replace_file(target, "two")
        assert target.stat().st_mode & 0o777 == 0o755
        replace_file(target, "three", mode=0o600)
        assert target.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(umask)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What a link leads to is replaced where it is, a link that leads nowhere yet included."""
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    link.symlink_to(real)
    for text in ("one", "two"):
        replace_file(link, text)
        assert link.is_symlink()
        assert real.read_text(encoding="utf-8") == text


def test_a_device_is_written_to(tmp_path: Path) -> None:
    """A pipe, such as ``/dev/stdout`` may be, is no file to be replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, "text")
        assert os.read(reader, 100) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_a_new_file_takes_the_place_of_nothing(there: str, tmp_path: Path) -> None:
    """``create_file`` replaces no file, and follows no link, even one that leads nowhere."""
    target = tmp_path / "target"
    if there == "link":
        target.symlink_to(tmp_path / "nowhere")
    elif there == "folder":
        target.mkdir()
    else:
        target.write_text("old", encoding="utf-8")
    with pytest.raises(FileExistsError):
        create_file(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert there != "file" or target.read_text(encoding="utf-8") == "old"
