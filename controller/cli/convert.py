"""``sagectl convert``: documents from what other tools declare."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import FAILED, OK
from controller.cli.export import write_files
from controller.cli.options import given_variables
from controller.cli.output import Output, version
from controller.convert.ack import read_objects
from controller.convert.cloudformation import TAGS, read_templates
from controller.convert.documents import Converted, convert_resources
from controller.convert.foreign import Reading
from controller.convert.request_bodies import read_requests
from controller.convert.source import read_sources
from controller.convert.terraform import read_terraform
from controller.core.finding import errors
from controller.kinds.other_tools import ACK, BOTO3, CLOUDFORMATION, TERRAFORM, Tool
from controller.manifests.files import SETTINGS
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of, head
from controller.runtime.atomic_file import create_file


def convert(args: argparse.Namespace, out: Output) -> int:
    """Write the documents; 1 if a file is invalid, or nothing, with ``--strict`` not everything, was translated."""
    reading, tool = _read(args)
    made = convert_resources(reading, tool, adopt=args.adopt, changeable_names=args.changeable_names)
    wrong = errors(made.findings)
    if out.json:
        from controller.output.plan_json import findings_json

        findings = findings_json(made.findings, version())
        out.result(
            {
                **findings,
                "documents": [document_of(each) for each in made.documents],
                "variables": made.variables,
            }
        )
    else:
        out.findings(made.findings)
        if args.output and made.documents:
            _folder(made, Path(args.output), reading, out)
        elif not args.output:
            out.write("---\n".join(head(each) + yaml_text(document_of(each)) for each in made.documents))
        _summary(made, out)
    nothing = made.findings and not made.documents
    return FAILED if wrong or nothing or (args.strict and made.findings) else OK


def _read(args: argparse.Namespace) -> tuple[Reading, Tool]:
    stdin = sys.stdin.buffer
    if args.kind and args.tool != "boto3":
        raise Refused("--kind is for boto3's requests: the other files name their types")
    given = given_variables(args)
    match args.tool:
        case "cloudformation":
            return read_templates(read_sources(args.paths, stdin, TAGS), given), CLOUDFORMATION
        case "terraform":
            return read_terraform(read_sources(args.paths, stdin)), TERRAFORM
        case "ack":
            return read_objects(read_sources(args.paths, stdin)), ACK
    return read_requests(read_sources(args.paths, stdin), args.kind or ""), BOTO3


def _folder(made: Converted, folder: Path, reading: Reading, out: Output) -> None:
    """Write a file for each document, and the variables into the settings of the folder."""
    settings = folder / SETTINGS
    if made.variables and (settings.exists() or settings.is_symlink()):
        raise Refused(f"{folder} has {SETTINGS} already", "name an empty folder")
    write_files(made.documents, folder, out)
    if made.variables:
        create_file(settings, yaml_text(_settings(made, reading)))
    out.print_line(
        f"Next: write `account` and `region` into {settings}, then run sagectl plan {shlex.quote(str(folder))}"
    )


def _settings(made: Converted, reading: Reading) -> dict[str, Any]:
    """The settings with the variables that have a value; those of sensitive ones are never written."""
    hidden = sorted(reading.sensitive & set(made.variables))
    values = {
        name: value
        for name, value in made.variables.items()
        if value is not None and name not in reading.sensitive
    }
    return {"variables": values, **({"sensitiveVariables": hidden} if hidden else {})}


def _summary(made: Converted, out: Output) -> None:
    """Print the values that people must add, to standard error."""
    for document in made.documents:
        for member in document.omitted:
            out.warn(f"{document.ref}: spec.{member.path} is not shown; fill it in before `validate`")
    for name, value in made.variables.items():
        given = (
            "has no value: give it with --var"
            if value is None
            else f"is {value!r} in the files; --var overrides it"
        )
        out.warn(f"variable {name} {given}")
