"""A repository in a folder of this machine: for files of syncs and the command line, never for a GitSync."""

from pathlib import Path

_HEAD = "ref: refs/heads/"
_BEGINNINGS = ("/", "./", "../", "~/")


def is_local(repo: str) -> bool:
    """Whether an address is written as a path: ``/srv/fleet.git``, ``./fleet``, ``../fleet``, ``~/fleet`` or ``.``."""
    return repo in {".", "..", "~"} or repo.startswith(_BEGINNINGS)


def local_url(repo: str, folder: Path) -> str:
    """The ``file://`` URL of a path, which is relative to a folder where it is not absolute."""
    return (folder / Path(repo).expanduser()).resolve().as_uri()


def current_branch(repo: str, folder: Path) -> str:
    """The branch that is checked out there, or the default one of a bare repository; empty where there is none."""
    root = folder / Path(repo).expanduser()
    for head in (root / ".git" / "HEAD", root / "HEAD"):
        try:
            text = head.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        return text.strip().removeprefix(_HEAD) if text.startswith(_HEAD) else ""
    return ""
