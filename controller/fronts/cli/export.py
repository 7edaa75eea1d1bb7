"""``sagectl export``: documents for what is live."""

import argparse
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from controller.desired.yaml_text import yaml_text
from controller.engine.census import Census, Name, census
from controller.engine.export import Exported, export, worth_it
from controller.fronts.cli.exits import FAILED, OK
from controller.fronts.cli.opened import account
from controller.fronts.cli.options import options
from controller.fronts.cli.output import Output
from controller.fronts.cli.trouble import Refused
from controller.fronts.render.documents import head, written
from controller.kinds import KINDS
from controller.service.spelling import kebab

_THREADS = 16


def exported(args: argparse.Namespace, out: Output) -> int:
    """Write the documents; 1 if something could not be read."""
    kinds = _kinds(args)
    pattern = args.name or "*"

    def fits(name: Name) -> bool:
        return fnmatchcase(name.label, pattern)

    with account(options(args)) as cloud:
        seen = census(cloud, kinds, _THREADS, fits)
    documents = export(seen.found, adopt=args.adopt)
    if out.json:
        out.result([written(each) for each in documents])
    elif args.output:
        _files(documents, Path(args.output), out)
    else:
        out.say("---\n".join(head(each) + yaml_text(written(each)) for each in documents))
    _remarks(seen, documents, out)
    return FAILED if seen.errors else OK


def _kinds(args: argparse.Namespace) -> list[str]:
    if args.all == bool(args.kinds):
        raise Refused("it takes --kind KIND, or --all", "for example: sagectl export --kind endpoint")
    return [kind for kind in KINDS if args.all or kind in args.kinds]


def _files(documents: Iterable[Exported], folder: Path, out: Output) -> None:
    """A file for each document; one that is there already is not written over."""
    paths = {folder / f"{kebab(each.ref.kind)}-{each.ref.name}.yaml": each for each in documents}
    there = sorted(path.name for path in paths if path.exists())
    if there:
        raise Refused(f"{folder} has {', '.join(there[:3])} already", "name an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path, each in paths.items():
        path.write_text(head(each) + yaml_text(written(each)), encoding="utf-8")
    out.tell(f"{folder}: {len(paths)} document{'' if len(paths) == 1 else 's'} written")


def _remarks(seen: Census, documents: tuple[Exported, ...], out: Output) -> None:
    """What is missing, for people, beside the result."""
    for what, error in seen.errors.items():
        out.trouble(f"{what} can't be read: {error}")
    for each in seen.found:
        if not worth_it(each):
            out.warn(f"{each.name.kind} {each.name.label} is {each.live.phase.value} and was left out")
    for document in documents:
        for hole in document.holes:
            out.warn(f"{document.ref}: spec.{hole.path} is not shown; fill it in before `validate`")
