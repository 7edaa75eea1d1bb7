"""``sagectl rbac``: the least rights of the operator, printed or written as a file."""

import argparse
from pathlib import Path

from controller.cli.exit_codes import FAILED, OK
from controller.cli.output import Output


def rbac(args: argparse.Namespace, out: Output) -> int:
    """Print the roles, or write them into a file."""
    from controller.operator.rbac import rbac_text

    if args.write is None:
        out.say(rbac_text())
        return OK
    try:
        Path(args.write).write_text(rbac_text(), encoding="utf-8")
    except OSError as error:
        out.trouble(f"can't write {args.write}: {error.strerror}")
        return FAILED
    return OK
