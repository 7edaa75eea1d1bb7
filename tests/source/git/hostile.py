"""Hostile repositories: how each is made, and the codes of its findings."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.source.git.repository import DOCUMENT, Link, Repository, Submodule, TreeLine

GIB = 1024**3
_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"


@dataclass(frozen=True)
class HostilePush:
    """A hostile push to main."""

    codes: tuple[str, ...]
    push: Callable[[Repository], object]


def _push_huge_blob(repository: Repository) -> None:
    """A blob with a declared size of a gigabyte, which has only a few bytes here and must be refused without more."""
    oid = repository.claim(f"blob {GIB}\0".encode() + b"x" * 100, "9" * 40)
    repository.commit({"a.yaml": TreeLine("100644", oid)})


def _push_deep_tree(repository: Repository) -> None:
    tree, trees = repository.tree({"a.yaml": ""}), []
    for _ in range(10_000):
        data = b"40000 d\0" + bytes.fromhex(tree)
        tree = hashlib.sha1(b"tree %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        trees.append(data)
    repository.pack("tree", trees)
    repository.commit_tree(tree)


def _push_tree_bomb(repository: Repository) -> None:
    """Ten trees that expand to ten to the tenth files."""
    tree = repository.tree({"a.yaml": ""})
    for _ in range(10):
        tree = repository.tree({f"d{n}": TreeLine("40000", tree) for n in range(10)})
    repository.commit_tree(tree)


def _push_nested_yaml(repository: Repository) -> object:
    return repository.commit({"deep.yaml": "[" * 10_000 + "]" * 10_000})


def _push_alias_bomb(repository: Repository) -> object:
    """Nine to the eighth copies of a word, in a few hundred bytes."""
    lines = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    return repository.commit({"bomb.yaml": f"a0: &a0 [x]\n{lines}\n"})


def _push_files(files: dict[str | bytes, object]) -> Callable[[Repository], object]:
    good = {"good.yaml": DOCUMENT % "good"}
    return lambda repository: repository.commit({**good, **files})  # type: ignore[dict-item]  # a Files by its use


HOSTILE: dict[str, HostilePush] = {
    "a link to a file": HostilePush(("LINK",), _push_files({"a.yaml": Link("../../../etc/passwd")})),
    "a link to a folder": HostilePush(("LINK",), _push_files({"prod": Link("/etc")})),
    "a submodule": HostilePush(
        ("SUBMODULE",), _push_files({"sub": Submodule(), ".gitmodules": '[submodule "sub"]'})
    ),
    "a hook": HostilePush(
        ("UNSAFE_NAME",), _push_files({".git/hooks/post-checkout": "#!/bin/sh\ntouch /tmp/pwned\n"})
    ),
    "a hook in capitals": HostilePush(("UNSAFE_NAME",), _push_files({"a": {".GIT": {"config": "[core]"}}})),
    "a hook by a short name": HostilePush(("UNSAFE_NAME",), _push_files({"git~1": {"config": "[core]"}})),
    "a hook behind a dropped sign": HostilePush(
        ("UNSAFE_NAME",), _push_files({".g\u200cit": {"config": ""}})
    ),
    "a hook before a dropped dot": HostilePush(("UNSAFE_NAME",), _push_files({".git. .": {"config": ""}})),
    "a filter": HostilePush(("FILTER",), _push_files({".gitattributes": "*.yaml filter=evil"})),
    "a filter of one folder": HostilePush(
        ("FILTER",), _push_files({"a/.gitattributes": "b* filter=lfs", "a/b.yaml": ""})
    ),
    "an LFS pointer": HostilePush(("LFS_POINTER",), _push_files({"a.yaml": _POINTER})),
    "names that differ by case": HostilePush(("NAME_COLLISION",), _push_files({"A.yaml": "", "a.yaml": ""})),
    "folders that differ by case": HostilePush(
        ("NAME_COLLISION",), _push_files({"P": {"a": ""}, "p": {"b": ""}})
    ),
    "names that differ by accents": HostilePush(
        ("NAME_COLLISION",), _push_files({"\u00e9.yaml": "", "e\u0301.yaml": ""})
    ),
    "a path upwards": HostilePush(("UNSAFE_NAME",), _push_files({"..": {"a.yaml": ""}})),
    "a path with slashes": HostilePush(("UNSAFE_NAME",), _push_files({b"../../etc/a.yaml": ""})),
    "an absolute path": HostilePush(("UNSAFE_NAME",), _push_files({b"/etc/a.yaml": ""})),
    "a name with a new line": HostilePush(("UNSAFE_NAME",), _push_files({b"a\nb.yaml": ""})),
    "a name that moves the terminal": HostilePush(("UNSAFE_NAME",), _push_files({b"\x1b[2Ja.yaml": ""})),
    "a name that is no text": HostilePush(("UNSAFE_NAME",), _push_files({b"\xff.yaml": ""})),
    "a gigabyte": HostilePush(("LIMIT",), _push_huge_blob),
    "ten thousand folders deep": HostilePush(("LIMIT",), _push_deep_tree),
    "ten to the tenth files": HostilePush(("LIMIT",), _push_tree_bomb),
}

# Contents that git may hold, but that harm the reader of the documents: the loader refuses them.
DOCUMENTS: dict[str, HostilePush] = {
    "a bomb of aliases": HostilePush(("ALIAS", "NOT_A_DOCUMENT"), _push_alias_bomb),
    "ten thousand levels": HostilePush(("LIMIT",), _push_nested_yaml),
}
