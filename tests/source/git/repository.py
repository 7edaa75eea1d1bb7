"""Repositories made object by object, so that they may have content that no git command writes."""

import hashlib
import shutil
import struct
import subprocess
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Content = bytes | str


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    to: str


@dataclass(frozen=True)
class Submodule:
    """A commit of another repository."""

    oid: str = "1" * 40


@dataclass(frozen=True)
class TreeLine:
    """A line of a tree unchanged."""

    mode: str
    oid: str


Files = Mapping[str | bytes, "Content | Link | Submodule | TreeLine | Files"]
DOCUMENT = """\
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: ModelPackageGroup
metadata: {name: %s}
spec: {}
"""


class Repository:
    """A bare repository on disk, and a user's changes of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        run = ["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path)]
        subprocess.run(run, check=True)
        self.set("uploadpack.allowFilter", "true")

    def set(self, name: str, value: str) -> None:
        """Set an option of the server."""
        subprocess.run(["git", f"--git-dir={self.path}", "config", name, value], check=True)

    def write(self, kind: str, data: bytes) -> str:
        """Write an object."""
        return self.claim(f"{kind} {len(data)}\0".encode() + data)

    def claim(self, raw: bytes, oid: str = "") -> str:
        """Write an object under its own name or another."""
        oid = oid or hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        file = self.path / "objects" / oid[:2] / oid[2:]
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(zlib.compress(raw, 1))
        return oid

    def pack(self, kind: str, many: list[bytes]) -> None:
        """Write many objects in one file, as a push of many would (gitformat-pack(5))."""
        number = {"commit": 1, "tree": 2, "blob": 3}[kind]
        out = [b"PACK" + struct.pack(">II", 2, len(many))]
        for data in many:
            size, head = len(data) >> 4, bytearray([number << 4 | len(data) & 15])
            while size:
                head[-1] |= 128
                head.append(size & 127)
                size >>= 7
            out.append(bytes(head) + zlib.compress(data, 1))
        whole = b"".join(out)
        checksummed = whole + hashlib.sha1(whole, usedforsecurity=False).digest()
        run = ["git", f"--git-dir={self.path}", "index-pack", "--stdin"]
        subprocess.run(run, input=checksummed, check=True, capture_output=True)

    def tree(self, files: Files) -> str:
        """Write a tree; a name with slashes creates the folders."""
        lines = []
        for name, content in _nested(files).items():
            mode, oid = self._line(content)
            raw = name if isinstance(name, bytes) else name.encode()
            lines.append(
                (raw + b"/" * (mode == "40000"), f"{mode} ".encode() + raw + b"\0" + bytes.fromhex(oid))
            )
        return self.write("tree", b"".join(line for _, line in sorted(lines)))

    def _line(self, content: "Content | Link | Submodule | TreeLine | Files") -> tuple[str, str]:
        match content:
            case Link(to):
                return "120000", self.write("blob", to.encode())
            case Submodule(oid):
                return "160000", oid
            case TreeLine(mode, oid):
                return mode, oid
            case bytes() | str():
                return "100644", self.write(
                    "blob", content if isinstance(content, bytes) else content.encode()
                )
            case _:
                return "40000", self.tree(content)

    def commit(self, files: Files, *, branch: str = "main", message: str = "Change", extra: str = "") -> str:
        """Push a commit without parents to a branch, which is a force-push for its readers."""
        return self.commit_tree(self.tree(files), branch=branch, message=message, extra=extra)

    def commit_tree(
        self, tree: str, *, branch: str = "main", message: str = "Change", extra: str = ""
    ) -> str:
        """Push a commit of a tree."""
        who = "A U Thor <author@example.com> 1700000000 +0000"
        text = f"tree {tree}\nauthor {who}\ncommitter {who}\n{extra}\n{message}\n"
        return self.point(f"refs/heads/{branch}", self.write("commit", text.encode()))

    def tag(self, name: str, oid: str, *, annotated: bool = False) -> str:
        """Push a tag; returns the commit."""
        if annotated:
            text = (
                f"object {oid}\ntype commit\ntag {name}\ntagger A <a@example.com> 1700000000 +0000\n\nTag\n"
            )
            self.point(f"refs/tags/{name}", self.write("tag", text.encode()))
            return oid
        return self.point(f"refs/tags/{name}", oid)

    def point(self, ref: str, oid: str) -> str:
        """Set a ref to an object, whatever the ref's name."""
        file = self.path / ref
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{oid}\n")
        return oid

    def delete(self, ref: str) -> None:
        """Delete a ref."""
        (self.path / ref).unlink()

    def vanish(self) -> None:
        """Remove the repository."""
        shutil.rmtree(self.path)


def _nested(files: Files) -> "dict[str | bytes, Content | Link | Submodule | TreeLine | Files]":
    out: dict[str | bytes, Content | Link | Submodule | TreeLine | Files] = {}
    for name, content in files.items():
        first, slash, rest = name.partition("/") if isinstance(name, str) else ("", "", "")
        if not slash:
            out[name] = content
            continue
        below = out.setdefault(first, {})
        assert isinstance(below, dict)
        below[rest] = content
    return out
