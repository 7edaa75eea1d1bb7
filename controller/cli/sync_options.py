"""Options of ``sagectl sync``; those of one sync are made from the rows of its settings."""

import argparse

from controller.cli.shared_options import form, positive, time, where

EXAMPLES = """\
sagectl sync syncs.yaml                       # reconcile until stopped
  sagectl sync syncs.yaml --once                # for CI: one run of each sync
  sagectl sync --repo https://git.example.com/ml.git --branch main --path prod --sandbox --once
  sagectl sync syncs.yaml --rollback prod       # hold the last good revision until a newer commit"""


def sync(sub: argparse.ArgumentParser) -> None:
    """What is followed, and what is said to syncs that run."""
    sub.add_argument("file", nargs="?", metavar="FILE", help="a file of syncs")
    _single(sub.add_argument_group("one sync, in place of a file"))
    _running(sub.add_argument_group("how it runs"))
    _add_request_options(sub.add_argument_group("commands for a running sync"))
    form(sub)
    where(sub)


def _single(group: argparse._ArgumentGroup) -> None:
    from controller.crds.sync_fields import BY_FLAG

    for flag, each in BY_FLAG.items():
        if each.is_switch:
            group.add_argument(flag, action="store_true", help=each.help)
        else:
            group.add_argument(flag, metavar=each.metavar or None, help=each.help)


def _running(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--once", action="store_true", help="complete each sync once, and exit")
    group.add_argument("--timeout", type=time, metavar="TIME", help="how long --once waits (default 1h)")
    group.add_argument(
        "--poll", type=time, metavar="TIME", help="interval while AWS is working (default 10s)"
    )
    group.add_argument(
        "--state", metavar="DIR", default=".sagectl/sync", help="status files, and the cache of repositories"
    )
    group.add_argument(
        "--inventory",
        metavar="FILE|s3://...",
        help="inventory of a sync (default: a file in .sagectl); a name that ends in / is a folder",
    )
    group.add_argument("--host", help="address of probes and metrics (127.0.0.1)")
    group.add_argument(
        "--port", type=int, help="port of the probes; 0 selects a free port (default: not served)"
    )
    group.add_argument("--threads", type=positive, default=8, help=argparse.SUPPRESS)


def _add_request_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--approve", metavar="[SYNC=]FINGERPRINT", help="approve the plan with this fingerprint"
    )
    group.add_argument(
        "--rollback", metavar="SYNC[=COMMIT]", help="roll back (default: the last commit that was applied)"
    )
    group.add_argument("--forward", metavar="SYNC", help="resume after a rollback")
    group.add_argument("--look", metavar="SYNC", help="poll the repository now")
