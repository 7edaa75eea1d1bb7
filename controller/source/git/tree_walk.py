"""Walks a commit's tree to the files to read, with findings about forbidden entries.

Nothing is written to disk and nothing is followed: links, submodules and filters are only entries of a tree here, which
findings name.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from controller.core.finding import Code, Finding, Origin
from controller.manifests.files import SETTINGS
from controller.source.git import objects
from controller.source.git.errors import RefusedError, escape_and_cut
from controller.source.git.objects import Git, TreeEntry
from controller.source.git.pattern import ATTRIBUTES, IGNORE, IgnoreRules, Pattern
from controller.source.git.source import Source

_FOLDER, _LINK, _SUBMODULE = "040000", "120000", "160000"
_FILES = frozenset({"100644", "100755", "100664"})
_BYTES_PER_ENTRY = 320  # a name of 255 bytes with mode and hash
_RULES_BYTES = 1024 * 1024
_HINT = f"leave it out by exclude or {IGNORE}, or replace it by the file itself"
Path = tuple[str, ...]


@dataclass(frozen=True)
class FollowedFolder:
    """The folder of the source: its tree, the rules that apply there, and the digest that shows a change."""

    tree: str
    rules: IgnoreRules
    key: tuple[str, ...]


@dataclass
class TreeContents:
    """The files to read, by path, and the findings."""

    files: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    entries: int = 0


@dataclass(frozen=True)
class _Folder:
    path: Path
    oid: str
    rules: IgnoreRules


def find(git: Git, root: str, source: Source) -> FollowedFolder:
    """Find the folder of the source.

    Raises:
        RefusedError: there is no such folder.

    """
    here = root
    path: Path = ()
    key: list[str] = []
    rules = IgnoreRules(source.limits.rules)
    for name in source.folders:
        lines = _lines(git, [here], source)[here]
        files = _rule_files(git, lines, {ATTRIBUTES})
        rules = _with_ignore_files(rules, lines, files, path)
        key += files
        found = next((entry for entry in lines if entry.name == name.encode()), None)
        path = (*path, name)
        if found is None or found.mode != _FOLDER:
            raise RefusedError(_no_folder(found, path))
        here = found.oid
    return FollowedFolder(here, rules, (here, *key))


def _no_folder(found: TreeEntry | None, path: Path) -> Finding:
    what = {None: "is not in this revision", _LINK: "is a link", _SUBMODULE: "is a submodule"}
    message = what.get(found.mode if found else None, "is not a folder")
    return Finding(
        Code.NO_PATH, f"{'/'.join(path)} {message}", hint="nothing is deleted for a path that is gone"
    )


def walk(git: Git, folder: FollowedFolder, source: Source) -> TreeContents:
    """Read everything under the folder, level by level.

    Raises:
        RefusedError: a limit is reached, or an object is invalid.

    """
    out = TreeContents()
    level = [_Folder(source.folders, folder.tree, folder.rules)]
    deep = 0
    while level:
        deep += 1
        if deep > source.limits.levels:
            message = f"more than {source.limits.levels} levels of folders (limit levels)"
            raise RefusedError(Finding(Code.LIMIT, message, Origin(escape_and_cut("/".join(level[0].path)))))
        level = _level(git, level, source, out)
    return out


def _level(git: Git, level: Sequence[_Folder], source: Source, out: TreeContents) -> list[_Folder]:
    lines = _lines(git, [folder.oid for folder in level], source)
    out.entries += sum(len(lines[folder.oid]) for folder in level)
    if out.entries > source.limits.entries:
        message = f"more than {source.limits.entries} files and folders under the path (limit entries)"
        raise RefusedError(Finding(Code.LIMIT, message))
    every = [entry for each in lines.values() for entry in each]
    files = _rule_files(git, every, {ATTRIBUTES, IGNORE})
    below: list[_Folder] = []
    for folder in level:
        rules = _with_ignore_files(folder.rules, lines[folder.oid], files, folder.path)
        below += _EntryFilter(folder.path, rules, source, out).inspect(lines[folder.oid])
    return below


def _lines(git: Git, oids: Sequence[str], source: Source) -> Mapping[str, tuple[TreeEntry, ...]]:
    most = source.limits.entries * _BYTES_PER_ENTRY
    found = objects.read(git, oids, most, "entries")
    for oid in oids:
        if oid not in found or found[oid].type != "tree":
            raise RefusedError(Finding(Code.BROKEN_OBJECT, f"the tree {oid} was not sent"))
    return {oid: objects.entries(found[oid].data, oid) for oid in dict.fromkeys(oids)}


def _rule_files(git: Git, lines: Sequence[TreeEntry], names: set[str]) -> dict[str, bytes]:
    """The contents of the ignore and attribute files among some entries, by object."""
    desired = {name.encode() for name in names}
    oids = [entry.oid for entry in lines if entry.name in desired and entry.mode in _FILES]
    found = objects.read(git, oids, _RULES_BYTES, "rules")
    for oid in oids:
        if oid not in found:
            raise RefusedError(
                Finding(Code.LIMIT, f"an ignore or attribute file, {oid}, is too large (limit rules)")
            )
    return {oid: found[oid].data for oid in oids}


def _with_ignore_files(
    rules: IgnoreRules, lines: Sequence[TreeEntry], files: Mapping[str, bytes], path: Path
) -> IgnoreRules:
    for entry in lines:
        if entry.oid not in files:
            continue
        if entry.name == ATTRIBUTES.encode():
            rules = rules.with_attributes(files[entry.oid], path)
        elif entry.name == IGNORE.encode():
            rules = rules.with_ignore(files[entry.oid], path)
    return rules


@dataclass(frozen=True)
class _EntryFilter:
    """Checks the entries of one folder: to be read, to be skipped, or refused."""

    path: Path
    rules: IgnoreRules
    source: Source
    out: TreeContents

    def inspect(self, lines: Sequence[TreeEntry]) -> Iterator[_Folder]:
        """Record files and findings; returns the folders to enter."""
        seen: dict[str, str] = {}
        for entry in lines:
            name = self._name(entry)
            if name is None or name.startswith(".") or self._left_out(entry, name):
                continue
            first = seen.setdefault(_fold_case(name), name)
            if first is not name:
                message = f"{escape_and_cut(first)} and {escape_and_cut(name)} are one name on some machines"
                self._note(Code.NAME_COLLISION, message, name, "rename one of them")
            yield from self._add_known(entry, name)

    def _name(self, entry: TreeEntry) -> str | None:
        """The name as text, or a finding."""
        try:
            name = entry.name.decode()
        except UnicodeDecodeError:
            name = ""
        proper = name and name not in {".", ".."} and name.isprintable() and not set("/\\") & set(name)
        # core.protectNTFS: Windows drops dots and spaces at the end, and calls .git by a short name as well. Characters
        # that HFS+ drops (core.protectHFS) are not printable.
        if proper and _fold_case(name).rstrip(" .") not in {".git", "git~1"}:
            return name
        text = entry.name.decode("utf-8", "backslashreplace")
        message = "a name that could lead out of the folder, into git's own files, or mislead"
        self._note(Code.UNSAFE_NAME, message, text, "rename it; names like this one are made by hand")
        return None

    def _left_out(self, entry: TreeEntry, name: str) -> bool:
        inner = (*self.path, name)[len(self.source.folders) :]
        folder = entry.mode == _FOLDER
        excluded = any(pattern.matches(inner, folder) for pattern in _patterns(self.source.exclude))
        return excluded or self.rules.ignores((*self.path, name), folder)

    def _add_known(self, entry: TreeEntry, name: str) -> Iterator[_Folder]:
        path = (*self.path, name)
        if entry.mode == _FOLDER:
            yield _Folder(path, entry.oid, self.rules)
        elif entry.mode == _LINK:
            self._note(Code.LINK, "a link is not followed", name, _HINT)
        elif entry.mode == _SUBMODULE:
            self._note(Code.SUBMODULE, "a submodule is not followed", name, _HINT)
        elif entry.mode not in _FILES:
            self._note(Code.BROKEN_OBJECT, f"a line of mode {entry.mode} is not a file mode of git", name)
        elif self._is_included(path):
            self._file(entry, path)

    def _is_included(self, path: Path) -> bool:
        inner = path[len(self.source.folders) :]
        if inner == (SETTINGS,):
            return False
        ways = [(inner[:end], end < len(inner)) for end in range(1, len(inner) + 1)]
        return any(p.matches(way, folder) for p in _patterns(self.source.include) for way, folder in ways)

    def _file(self, entry: TreeEntry, path: Path) -> None:
        filtered = self.rules.filter(path)
        if filtered:
            name = escape_and_cut(filtered, 40)
            message = f"the filter {name!r} would change this file, and filters are not executed"
            self._note(Code.FILTER, message, path[-1], _HINT)
        else:
            self.out.files["/".join(path)] = entry.oid

    def _note(self, code: Code, message: str, name: str, hint: str = "") -> None:
        origin = Origin(escape_and_cut("/".join((*self.path, name))))
        self.out.findings.append(Finding(code, message, origin, hint=hint))


def _fold_case(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


@lru_cache(maxsize=256)
def _patterns(lines: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(pattern for line in lines if (pattern := Pattern.parse(line)))
