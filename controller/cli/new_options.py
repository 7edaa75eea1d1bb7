"""Options of the commands that write a first tree of documents. Only argparse is imported here."""

import argparse

from controller.cli.read_options import kind_word
from controller.cli.shared_options import form

CONVERT_EXAMPLES = """\
terraform show -json > state.json; sagectl convert terraform state.json --adopt -o ml/
  sagectl convert cloudformation template.yaml --var Stage=prod
  sagectl convert ack manifests/ --adopt -o ml/
  sagectl convert boto3 create-model.json create-endpoint-config.json"""
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
