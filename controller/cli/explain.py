"""``sagectl explain``: what a kind and its fields are, without an account."""

import argparse
import re

from controller.cli.errors import Refused
from controller.cli.exit_codes import OK
from controller.cli.output import Output
from controller.cli.read_options import kind_word
from controller.output.explain import (
    field_json,
    field_text,
    kind_json,
    kind_text,
    kinds_json,
    kinds_text,
    policy_json,
    policy_text,
)
from controller.schema.contract import contract
from controller.schema.explain import NoSuchField, explain


def explained(args: argparse.Namespace, out: Output) -> int:
    """Print what is known of a kind or a field; without either the kinds."""
    if args.field is None:
        return _write_text(out, kinds_json(), kinds_text(out.style))
    if args.field == "policy":
        return _write_text(out, policy_json(), policy_text(out.style))
    word, *parts = (part for part in re.sub(r"\[\d*\]", "", args.field).split(".") if part)
    kind_contract = contract(_kind(word))
    parts = parts[1:] if parts[:1] == ["spec"] else parts
    try:
        found = explain(kind_contract, tuple(parts))
    except NoSuchField as error:
        raise Refused(str(error), error.hint) from None
    if not parts:
        return _write_text(out, kind_json(kind_contract, found), kind_text(kind_contract, found, out.style))
    return _write_text(out, field_json(found), field_text(found, out.style))


def _kind(word: str) -> str:
    try:
        return kind_word(word)
    except argparse.ArgumentTypeError as error:
        raise Refused(str(error)) from None


def _write_text(out: Output, value: object, text: str) -> int:
    if out.json and isinstance(value, dict | list):
        out.result(value)
    else:
        out.say(text)
    return OK
