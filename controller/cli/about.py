"""``sagectl version``: the version of the program."""

import argparse

from controller.cli.output import Output
from controller.cli.output import version as installed


def version(args: argparse.Namespace, out: Output) -> int:
    """Print the version."""
    del args
    out.write(f"sagectl {installed()}\n")
    return 0
