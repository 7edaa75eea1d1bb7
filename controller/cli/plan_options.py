"""Options of the commands that plan: what of the tree it is about, and the plan as a file. Only argparse here."""

import argparse

from controller.cli.shared_options import address, fingerprint


def narrowing(sub: argparse.ArgumentParser) -> None:
    """Which documents it is about."""
    group = sub.add_argument_group("selection")
    group.add_argument(
        "--target",
        dest="targets",
        action="append",
        metavar="KIND/NAME",
        help="only this document and its dependencies (repeatable)",
    )
    group.add_argument(
        "--exclude",
        dest="excludes",
        action="append",
        metavar="KIND/NAME",
        help="all except this document and its dependents (repeatable)",
    )


def pruning(sub: argparse.ArgumentParser) -> None:
    """Deletion of what has no document any more."""
    sub.add_argument(
        "--prune", action="store_true", default=None, help="delete resources whose document was removed"
    )
    sub.add_argument(
        "--confirm-deletes",
        type=int,
        metavar="N",
        help="confirm N permanent deletions that exceed a limit",
    )
    confirming(sub)


def destruction(sub: argparse.ArgumentParser) -> None:
    """The plan of ``sagectl destroy``."""
    sub.add_argument(
        "--destroy",
        action="store_true",
        default=None,
        help="show what `sagectl destroy` would delete: the declared resources",
    )


def confirming(sub: argparse.ArgumentParser) -> None:
    """Deletions that want to be named: of what takes an outage or data with it."""
    sub.add_argument(
        "--confirm-delete",
        action="append",
        type=address,
        metavar="KIND/NAME",
        help="confirm this permanent deletion, as KIND/NAME (repeatable)",
    )


def saving(sub: argparse.ArgumentParser) -> None:
    """The plan as a file."""
    sub.add_argument("--out", metavar="FILE", help="save the plan, for `sagectl apply --plan FILE`")


def length(sub: argparse.ArgumentParser) -> None:
    """How much is shown."""
    sub.add_argument("--full", action="store_true", help="do not abbreviate deleted resources")


def saved(sub: argparse.ArgumentParser) -> None:
    """Apply takes a saved plan in place of paths."""
    sub.add_argument(
        "--plan",
        metavar="FILE",
        help="apply exactly this saved plan, or fail if anything changed; PATHs are those of the plan unless given",
    )


def approval(sub: argparse.ArgumentParser) -> None:
    """Apply and destroy take an approval that somebody gave."""
    sub.add_argument(
        "--approve",
        type=fingerprint,
        metavar="FINGERPRINT",
        help="apply exactly the plan with this fingerprint, or fail if anything changed",
    )
