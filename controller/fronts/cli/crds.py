"""``sagectl crds``: the custom resource definitions, printed or written as files."""

import argparse
from pathlib import Path

from controller.fronts.cli.exits import FAILED, OK
from controller.fronts.cli.output import Output


def crds(args: argparse.Namespace, out: Output) -> int:
    """Print the definitions, or write one file for each kind and remove the files of kinds that are gone."""
    from controller.crds import documents

    if args.write is None:
        out.say("---\n".join(documents().values()))
        return OK
    try:
        told = _write(Path(args.write), documents())
    except OSError as error:
        out.trouble(f"can't write to {args.write}: {error.strerror}")
        return FAILED
    out.tell(told)
    return OK


def _write(folder: Path, files: "dict[str, str]") -> str:
    from controller.crds.write import ours

    folder.mkdir(parents=True, exist_ok=True)
    gone = [path for path in sorted(folder.glob("*.yaml")) if path.name not in files and ours(path)]
    for path in gone:
        path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    removed = f", {len(gone)} of kinds that are gone removed" if gone else ""
    return f"{folder}: {len(files)} definitions written{removed}"
