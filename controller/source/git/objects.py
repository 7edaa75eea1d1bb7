"""Git's objects, read by name and verified against it, because cache and server are not trusted."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from controller.core.finding import Code, Finding
from controller.source.git.errors import RefusedError
from controller.source.git.program import ProcessEnd, ProcessResult

_ALGORITHMS = {40: "sha1", 64: "sha256"}
_HEAD = re.compile(rb"([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d{1,15})\n")
_MISSING = re.compile(rb"[0-9a-f]{40,64} missing\n")
_MODE = re.compile(rb"[0-7]{5,6}")
Git = Callable[[tuple[str, ...], bytes, int], ProcessResult]


def algorithm(oid: str) -> str:
    """The hash algorithm of an object's name, by its length."""
    return _ALGORITHMS[len(oid)]


@dataclass(frozen=True)
class Object:
    """A git object: its type and content."""

    type: str
    data: bytes


@dataclass(frozen=True)
class Commit:
    """The used parts of a commit: its tree, and the signed bytes, from one parse."""

    tree: str
    signed: bytes
    signature: bytes


@dataclass(frozen=True)
class TreeEntry:
    """A line of a tree."""

    mode: str
    name: bytes
    oid: str


def sizes(git: Git, oids: Iterable[str]) -> Mapping[str, int]:
    """The sizes of objects; missing ones are left out."""
    desired = list(dict.fromkeys(oids))
    data = _read_batch(git, "--batch-check", desired, 100 * len(desired))
    heads = (_HEAD.fullmatch(line + b"\n") for line in data.split(b"\n"))
    return {head[1].decode(): int(head[3]) for head in heads if head}


def read(git: Git, oids: Iterable[str], most: int, limit: str) -> Mapping[str, Object]:
    """Read objects, ``most`` bytes at most; missing ones are left out. ``limit`` names the setting in the finding.

    Raises:
        RefusedError: they are larger, or do not match their names.

    """
    desired = list(dict.fromkeys(oids))
    if not desired:
        return {}
    data = memoryview(_read_batch(git, "--batch", desired, most + 100 * len(desired), limit))
    out: dict[str, Object] = {}
    at = 0
    while at < len(data):
        missing = _MISSING.match(data, at)
        if missing:
            at = missing.end()
            continue
        head = _HEAD.match(data, at)
        end = head.end() + int(head[3]) if head else 0
        if not head or end >= len(data):
            raise _broken_object("git returned an invalid response")
        oid, kind, content = head[1].decode(), head[2].decode(), bytes(data[head.end() : end])
        if not _has_oid(oid, kind, content):
            raise _broken_object(f"the {kind} {oid} does not match its object ID")
        out[oid] = Object(kind, content)
        at = end + 1
    return out


def _read_batch(git: Git, how: str, oids: list[str], most: int, limit: str = "entries") -> bytes:
    ran = git(("cat-file", how), "".join(f"{oid}\n" for oid in oids).encode(), most)
    if ran.end is ProcessEnd.FLOOD:
        raise RefusedError(Finding(Code.LIMIT, f"objects of more than {most} bytes (limit {limit})"))
    if not ran.has_succeeded:
        why = ran.end.value if ran.end is not ProcessEnd.DONE else "git cannot read them"
        code = Code.BROKEN_OBJECT if ran.end is ProcessEnd.DONE else Code.UNREACHABLE
        raise RefusedError(Finding(code, f"objects were not read: {why}"))
    return ran.out


def _has_oid(oid: str, kind: str, content: bytes) -> bool:
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.new(algorithm(oid), head + content, usedforsecurity=False).hexdigest() == oid


def _broken_object(message: str) -> RefusedError:
    return RefusedError(Finding(Code.BROKEN_OBJECT, message))


def commit(data: bytes, oid: str) -> Commit:
    """Parse a commit.

    The signature covers everything except itself, and the tree is parsed from the signed bytes: with one parse nothing
    can be signed that isn't read, nor read that isn't signed (CVE-2026-45022: two readers that disagreed).

    Raises:
        RefusedError: it is not well formed.

    """
    header, blank, message = data.partition(b"\n\n")
    first = re.match(rb"tree ([0-9a-f]+)(?:\n|$)", header)
    if not first or not blank or len(first[1]) != len(oid):
        raise _broken_object(f"the commit {oid} is not well formed")
    name = b"gpgsig" if algorithm(oid) == "sha1" else b"gpgsig-sha256"
    kept, signature, inside, found = [], [], False, 0
    for line in header.split(b"\n"):
        inside = line.startswith(name + b" ") or (inside and line.startswith(b" "))
        found += line.startswith(name + b" ")
        if inside:
            signature.append(line.removeprefix(name).removeprefix(b" "))
        else:
            kept.append(line)
    if found > 1 or sum(line.startswith(b"tree ") for line in kept) != 1:
        raise _broken_object(f"the commit {oid} has more than one signature or tree")
    return Commit(first[1].decode(), b"\n".join(kept) + blank + message, b"\n".join(signature))


def entries(data: bytes, oid: str) -> tuple[TreeEntry, ...]:
    """The lines of a tree.

    Raises:
        RefusedError: it is not well formed.

    """
    size = len(oid) // 2
    out: list[TreeEntry] = []
    at = 0
    while at < len(data):
        space, end = data.find(b" ", at), data.find(b"\0", at)
        if not at < space < end or end + size >= len(data) or not _MODE.fullmatch(data[at:space]):
            raise _broken_object(f"the tree {oid} is not well formed")
        name = data[end + 1 : end + 1 + size].hex()
        out.append(TreeEntry(data[at:space].decode().zfill(6), data[space + 1 : end], name))
        at = end + 1 + size
    return tuple(out)
