"""Folders of files that commands write: ``export`` and ``convert``, ``iam``, ``init``, ``schema``."""

from collections.abc import Callable, Mapping
from pathlib import Path

from controller.cli.errors import Refused
from controller.runtime.atomic_file import create_file, replace_file

_NAMED = 3  # files that an error names


def create_files(folder: Path, files: Mapping[str, str], hint: str = "name an empty folder") -> None:
    """Write new files, by their paths in the folder; a link counts as an existing file.

    Raises:
        Refused: one exists, and nothing was written; or the folder can't be written.

    """
    there = sorted(name for name in files if (folder / name).exists() or (folder / name).is_symlink())
    if there:
        more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
        raise Refused(f"{folder} has {', '.join(there[:_NAMED])}{more} already", hint)
    _write(folder, files, create_file)


def replace_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, by their paths in the folder, replacing existing ones.

    Raises:
        Refused: the folder can't be written.

    """
    _write(folder, files, replace_file)


def _write(folder: Path, files: Mapping[str, str], write: Callable[[Path, str], None]) -> None:
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write(folder / name, text)
    except OSError as error:
        raise Refused(
            f"{folder} can't be written: {error.strerror or error}", "name another folder"
        ) from None
