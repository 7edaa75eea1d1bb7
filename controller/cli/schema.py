"""``sagectl schema``: JSON Schemas of documents, for editors."""

import argparse
from pathlib import Path

from controller.cli.exit_codes import OK
from controller.cli.folder import replace_files
from controller.cli.output import Output
from controller.crds.json_schema import any_kind, schema, schemas

_ANY, _SETTINGS = "document.schema.json", "sagectl.schema.json"


def schema_command(args: argparse.Namespace, out: Output) -> int:
    """Print the schema of a kind, or of documents of any kind; with ``--out`` write all into a folder."""
    from controller.output.plan_json import dump

    if args.output is None:
        out.say(dump(schema(args.kind) if args.kind else any_kind()))
        return OK
    from controller.gitops.settings_model import settings_schema

    folder = Path(args.output)
    files = {**schemas(), _ANY: dump(any_kind()), _SETTINGS: dump(settings_schema())}
    replace_files(folder, files)
    out.print_line(f"{folder}: {len(files)} schemas written")
    out.print_line("First line of a document, and of sagectl.yaml, for the YAML language server:")
    for name in (_ANY, _SETTINGS):
        out.print_line(f"# yaml-language-server: $schema={(folder / name).as_posix()}")
    return OK
