"""The words of the commands that look behind the documents. Only argparse is imported here."""

import argparse

from controller.cli.read_options import kind_word
from controller.cli.shared_options import form, where

EXPORT_EXAMPLES = """\
sagectl export --all --adopt -o ml/              # one file for each resource of the account
  sagectl export --kind endpoint --kind endpoint-config --kind model --name 'fraud*' > fraud.yaml"""

DRIFT_EXAMPLES = """\
sagectl drift ml/ --region eu-west-1
  sagectl drift ml/ --accept                       # write what is live into the files"""
IAM_EXAMPLES = """\
sagectl iam ml/ --account 123456789012 --region eu-west-1 > policy.json
  sagectl iam ml/ --read-only                      # what `sagectl plan` needs"""
EXPLAIN_EXAMPLES = """\
sagectl explain                                  # the kinds
  sagectl explain endpoint-config.productionVariants.instanceType"""


def drift(sub: argparse.ArgumentParser) -> None:
    """How much of the drift is told, and what is done about it."""
    sub.add_argument(
        "-v", "--verbose", action="store_true", help="also what is at its default ornot readable"
    )
    sub.add_argument(
        "--accept", action="store_true", help="write live values into the files, keeping comments and order"
    )
    sub.add_argument(
        "--no-dangling",
        dest="account_wide",
        action="store_false",
        help="do not check the account for dangling references",
    )


def iam(sub: argparse.ArgumentParser) -> None:
    """For whom the policy is."""
    sub.add_argument("--read-only", action="store_true", help="only what `sagectl plan` needs")
    sub.add_argument("--account", metavar="ID", help="the account (default: that of sagectl.yaml, else any)")
    sub.add_argument("--region", help="the region (default: that of sagectl.yaml, else any)")
    sub.add_argument("-o", "--output", metavar="DIR", help="write the policies into this folder")


def explain(sub: argparse.ArgumentParser) -> None:
    """Which field is explained."""
    sub.add_argument(
        "field", metavar="KIND[.PATH]", nargs="?", help="a kind, or a field of its spec; none lists the kinds"
    )
    form(sub)


def export(sub: argparse.ArgumentParser) -> None:
    """What is exported, and where to."""
    sub.add_argument(
        "--kind", dest="kinds", action="append", type=kind_word, metavar="KIND", help="of this kind; repeat"
    )
    sub.add_argument("--all", action="store_true", help="of all kinds")
    sub.add_argument("--name", metavar="GLOB", help="with a name in AWS that matches: 'fraud-*'")
    sub.add_argument(
        "--adopt", action="store_true", help="with policy.adopt: IfUnowned, so that `apply` adopts them"
    )
    sub.add_argument(
        "--fixed-names",
        action="store_true",
        help="write the AWS names of immutable resources; a change of these is then refused",
    )
    sub.add_argument("-o", "--output", metavar="DIR", help="a file for each resource in this folder")
    form(sub)
    where(sub)
    sub.set_defaults(paths=(".",), values=None, var=())
