"""``sagectl schema``: JSON Schemas of documents, for editors."""

import argparse
from pathlib import Path
from typing import Any

from controller.cli.exit_codes import OK
from controller.cli.folder import replace_files
from controller.cli.output import Output
from controller.crds.json_schema import any_kind, schema, schemas

_ANY, _SETTINGS, _SYNCS = "document.schema.json", "sagectl.schema.json", "syncs.schema.json"
_GIT_SYNC, _CATALOG = "git-sync.schema.json", "catalog.json"
# Documents and files of syncs have no fixed name; an editor assigns a schema only to files with these endings.
_ENTRIES = {
    _SETTINGS: ("sagectl.yaml", "Settings of a folder of documents for sagectl", ["sagectl.yaml"]),
    _ANY: (
        "sagemaker-gitops documents",
        "Amazon SageMaker resources as sagectl and its operator reconcile them",
        ["*.sagemaker.yaml", "*.sagemaker.yml", "*.sagemaker.json"],
    ),
    _SYNCS: ("sagectl syncs", "Git repositories that sagectl sync follows", ["*.syncs.yaml", "*.syncs.yml"]),
    _GIT_SYNC: (
        "sagemaker-gitops GitSync",
        "A Git repository that the operator reconciles",
        ["*.gitsync.yaml", "*.gitsync.yml"],
    ),
}


def schema_command(args: argparse.Namespace, out: Output) -> int:
    """Print the schema of a kind, or of documents of any kind; with ``--out`` write all into a folder."""
    from controller.output.plan_json import dump

    if args.output is None:
        out.write(dump(schema(args.kind) if args.kind else any_kind()))
        return OK
    from controller.gitops.settings_model import settings_schema
    from controller.gitops.settings_syncs import syncs_schema

    folder = Path(args.output)
    files = {
        **schemas(),
        _ANY: dump(any_kind()),
        _SETTINGS: dump(settings_schema()),
        _SYNCS: dump(syncs_schema()),
    }
    catalog = _catalog((args.url or folder.resolve().as_uri()).rstrip("/"))
    replace_files(folder, {**files, _CATALOG: dump(catalog)})
    out.print_line(f"{folder}: {len(files)} schemas written")
    out.print_line(
        "First line of a document, of sagectl.yaml, of a file of syncs and of a GitSync, for the YAML language server:"
    )
    for name in (_ANY, _SETTINGS, _SYNCS, _GIT_SYNC):
        out.print_line(f"# yaml-language-server: $schema={(folder / name).as_posix()}")
    out.print_line(
        f"Without these lines, by file names: {(folder / _CATALOG).as_posix()} is a catalog for its setting"
    )
    out.print_line("yaml.schemaStore.url")
    return OK


def _catalog(base: str) -> dict[str, Any]:
    """The schemas by names of files, in the format of SchemaStore's catalog (json.schemastore.org/schema-catalog)."""
    return {
        "$schema": "https://json.schemastore.org/schema-catalog.json",
        "version": 1,
        "schemas": [
            {"name": name, "description": description, "fileMatch": matched, "url": f"{base}/{file}"}
            for file, (name, description, matched) in _ENTRIES.items()
        ],
    }
