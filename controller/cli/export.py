"""``sagectl export``: documents of live resources."""

import argparse
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from controller.cli.errors import Refused
from controller.cli.exit_codes import FAILED, OK
from controller.cli.folder import create_files
from controller.cli.options import options
from controller.cli.output import Output
from controller.cli.session import account
from controller.core.digest import digest
from controller.engine.discovery import Discovery, Name, discover
from controller.insight.export import Exported, SetTags, export, left_out
from controller.kinds import KINDS
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of, head
from controller.schema.kind_names import kebab

_THREADS = 16
_LONGEST, _SHORT = 200, 150  # of a document's name in the name of a file, which may have 255 bytes


def run_export(args: argparse.Namespace, out: Output) -> int:
    """Write the documents; 1 if something could not be read."""
    kinds = _kinds(args)
    pattern = args.name or "*"

    def fits(name: Name) -> bool:
        return fnmatchcase(name.label, pattern)

    run_options = options(args)
    with account(run_options) as cloud:
        seen = discover(cloud, kinds, _THREADS, fits)
    documents = export(
        seen.found,
        adopt=args.adopt,
        fixed_names=args.fixed_names,
        set_tags=SetTags(run_options.default_tags, run_options.ignore_tags),
    )
    if out.json:
        out.result([document_of(each) for each in documents])
    elif args.output:
        write_files(documents, Path(args.output), out)
    else:
        out.write("---\n".join(head(each) + yaml_text(document_of(each)) for each in documents))
    _remarks(seen, documents, out)
    if not seen.found and not seen.errors:
        who = cloud.identity
        out.warn(
            f"nothing matches in account {who.account}, {who.region}; check --region, --profile, --kind and --name"
        )
    return FAILED if seen.errors else OK


def _kinds(args: argparse.Namespace) -> list[str]:
    if args.all == bool(args.kinds):
        raise Refused("it takes --kind KIND, or --all", "for example: sagectl export --kind endpoint")
    return [kind for kind in KINDS if args.all or kind in args.kinds]


def write_files(documents: Iterable[Exported], folder: Path, out: Output) -> None:
    """Write a file for each document; existing files are not overwritten, and links not followed."""
    files = {str(path): head(each) + yaml_text(document_of(each)) for path, each in _paths(documents).items()}
    create_files(folder, files)
    out.print_line(f"{folder}: {len(files)} document{'' if len(files) == 1 else 's'} written")


def _paths(documents: Iterable[Exported]) -> dict[Path, Exported]:
    """The path of each document: a folder for each namespace, and a file named after kind and name.

    ``model-package`` with ``group-a`` and ``model-package-group`` with ``a`` would have the same name: then the second
    has a dot between the two, which no kind contains.
    """
    paths: dict[Path, Exported] = {}
    for each in documents:
        kind, name = kebab(each.ref.kind), each.ref.name
        if len(name) > _LONGEST:
            name = f"{name[:_SHORT]}-{digest(name)[:10]}"
        plain, dotted = (Path(each.ref.namespace, f"{kind}{gap}{name}.yaml") for gap in "-.")
        paths[dotted if plain in paths else plain] = each
    return paths


def _remarks(seen: Discovery, documents: tuple[Exported, ...], out: Output) -> None:
    """Print what is missing, to standard error."""
    for what, error in seen.errors.items():
        out.error(f"{what} can't be read: {error}")
    for each, reason in left_out(seen.found).items():
        out.warn(f"{each.name.kind} {each.name.label} was left out: {reason}")
    for document in documents:
        for member in document.omitted:
            out.warn(f"{document.ref}: spec.{member.path} is not shown; fill it in before `validate`")
