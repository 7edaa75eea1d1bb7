"""Options of the commands that write a first tree of documents. Only argparse is imported here."""

import argparse

from controller.cli.controller_options import server
from controller.cli.read_options import kind_word
from controller.cli.shared_options import connection_options, form, url

CONVERT_EXAMPLES = """\
terraform show -json > state.json; sagectl convert terraform state.json --adopt -o ml/
  sagectl convert cloudformation template.yaml --var Stage=prod
  sagectl convert ack manifests/ --adopt -o ml/
  sagectl convert boto3 create-model.json create-endpoint-config.json"""
INIT_EXAMPLES = """\
sagectl init ml
  sagectl init ml --from quickstart && sagectl apply ml --yes"""
DOCTOR_EXAMPLES = """\
sagectl doctor ml/
  sagectl doctor --profile prod --region eu-west-1 --format json"""
SCHEMA_EXAMPLES = """\
sagectl schema endpoint-config
  sagectl schema --out .schemas/      # one file for each kind, and one for all"""
TOOLS = ("cloudformation", "terraform", "ack", "boto3")


def convert(sub: argparse.ArgumentParser) -> None:
    """What is converted, and how names and unknown parts are treated."""
    sub.add_argument("tool", choices=TOOLS, help="what wrote the files")
    sub.add_argument("paths", nargs="+", metavar="FILE", help="a file, a folder, or - for standard input")
    sub.add_argument(
        "--kind",
        type=kind_word,
        metavar="KIND",
        help="boto3: the kind of all files, whatever they are called",
    )
    sub.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="the value of a parameter, by which conditions are decided (repeatable)",
    )
    sub.add_argument("--values", metavar="FILE", help="a YAML file with values of parameters")
    sub.add_argument(
        "--adopt",
        action="store_true",
        help="with policy.adopt: IfUnowned, so that `apply` adopts what exists",
    )
    sub.add_argument(
        "--changeable-names",
        action="store_true",
        help="leave out the AWS names of immutable resources: a change then makes a new generation",
    )
    sub.add_argument("--strict", action="store_true", help="exit with 1 if something was not translated")
    sub.add_argument(
        "-o", "--out", dest="output", metavar="DIR", help="a file for each document in this folder"
    )
    form(sub)


def init(sub: argparse.ArgumentParser) -> None:
    """Where the tree is written, and after which example."""
    sub.add_argument("folder", nargs="?", default=".", metavar="DIR", help="the folder (default: this one)")
    sub.add_argument(
        "--from", dest="example", metavar="EXAMPLE", help="a folder of examples/, such as quickstart"
    )
    form(sub)


def doctor(sub: argparse.ArgumentParser) -> None:
    """Which account, inventory and cluster are checked."""
    sub.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="the tree (default: this folder)"
    )
    sub.add_argument("--set", metavar="NAME", help="set that owns the resources (default: default)")
    sub.add_argument("--inventory", metavar="FILE|s3://...", help="where the inventory is")
    form(sub)
    connection_options(sub)
    server(sub)
    sub.set_defaults(values=None, var=())


def schema(sub: argparse.ArgumentParser) -> None:
    """Which schemas, and where to."""
    sub.add_argument(
        "kind", nargs="?", type=kind_word, metavar="KIND", help="a kind (default: all in one schema)"
    )
    sub.add_argument("-o", "--out", dest="output", metavar="DIR", help="write all schemas into this folder")
    sub.add_argument(
        "--url",
        type=url,
        help="where the folder is published, for the addresses in its catalog.json (default: the folder itself)",
    )
