"""``sagectl validate``: all checks that need no call."""

import argparse

from controller.cli.load_bundle import findings_of
from controller.cli.options import options
from controller.cli.output import Output, version
from controller.core.finding import errors
from controller.output.terminal import escape_unprintable


def validate(args: argparse.Namespace, out: Output) -> int:
    """Print all findings; 1 if one of them is an error."""
    built, found = findings_of(options(args), out)
    wrong = len(errors(found))
    if out.json:
        from controller.output.plan_json import findings_json

        out.result({**findings_json(found, version()), "documents": len(built.resources)})
        return 1 if wrong else 0
    for finding in found:
        out.write(escape_unprintable(str(finding)) + "\n")
    out.write(f"{_count(len(built.resources), 'document')}, {_count(wrong, 'error')}, ")
    out.write(f"{_count(len(found) - wrong, 'warning')}.\n")
    return 1 if wrong else 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
