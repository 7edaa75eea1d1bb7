"""``sagectl rbac``: the minimal RBAC roles of the operator, printed or written as a file."""

import argparse
from pathlib import Path

from controller.cli.exit_codes import FAILED, OK
from controller.cli.output import Output
from controller.runtime.atomic_file import replace_file


def rbac(args: argparse.Namespace, out: Output) -> int:
    """Print the roles, or write them to a file."""
    from controller.operator.rbac import rbac_text

    if args.write is None:
        out.write(rbac_text())
        return OK
    try:
        replace_file(Path(args.write), rbac_text())
    except OSError as error:
        out.error(f"can't write {args.write}: {error.strerror}")
        return FAILED
    return OK
