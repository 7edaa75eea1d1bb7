"""``sagectl crds``: the custom resource definitions, printed or written as files."""

import argparse
from pathlib import Path

from controller.cli.exit_codes import FAILED, OK
from controller.cli.output import Output
from controller.runtime.atomic_file import replace_file


def crds(args: argparse.Namespace, out: Output) -> int:
    """Print the definitions or health checks, or write a file for each kind and remove those of former kinds."""
    from controller.crds import documents

    if args.argocd is None and args.write is None:
        out.write("---\n".join(documents().values()))
        return OK
    try:
        if args.argocd is not None:
            out.print_line(_health(Path(args.argocd)))
        if args.write is not None:
            out.print_line(write_definitions(Path(args.write), documents()))
    except OSError as error:
        out.error(f"can't write to {error.filename}: {error.strerror}")
        return FAILED
    return OK


def _health(file: Path) -> str:
    from controller.operator.argocd import argocd_text

    replace_file(file, argocd_text())
    return f"{file}: health checks written"


def write_definitions(folder: Path, files: "dict[str, str]") -> str:
    """Write these files into a folder and remove definitions of former kinds; returns a message about both."""
    from controller.crds.catalog import is_generated

    folder.mkdir(parents=True, exist_ok=True)
    gone = [path for path in sorted(folder.glob("*.yaml")) if path.name not in files and is_generated(path)]
    for path in gone:
        path.unlink()
    for name, text in files.items():
        replace_file(folder / name, text)
    removed = f", {len(gone)} of kinds that are gone removed" if gone else ""
    return f"{folder}: {len(files)} definitions written{removed}"
