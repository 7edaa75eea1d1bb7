"""``sagectl explain``: descriptions of kinds and fields, without an account."""

import argparse
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from controller.cli.errors import Refused
from controller.cli.examples import document_of
from controller.cli.exit_codes import OK
from controller.cli.output import Output
from controller.cli.read_options import kind_word
from controller.core.did_you_mean import did_you_mean
from controller.manifests.document import POLICY
from controller.manifests.files import SETTINGS
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
from controller.output.terminal import table
from controller.schema.contract import contract
from controller.schema.explain import NoSuchField, explain

# By the name of a setting: its values, and what it does (docs/settings.md).
DESCRIPTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "account": ("12 digits, quoted", "guard: credentials of another account are refused"),
        "region": ("string", "AWS region"),
        "set": ("string", "the owner of the resources; default if not given"),
        "inventory": (
            "path, relative to this file, or s3://BUCKET/KEY",
            "where the inventory is, by default in .sagectl beside this file; a name that ends in / is a folder",
        ),
        "profile": ("string", "profile of the AWS configuration files"),
        "roleArn": ("ARN", "role to assume for all calls"),
        "externalId": ("string", "external ID for that role"),
        "endpointUrl": ("URL", "address in place of AWS's"),
        "rateLimits": ("map of operation to number", "at most so many calls of an operation per second"),
        "sandbox": (
            "true, false",
            "a local SageMaker in place of AWS, with its state in .sagectl beside this file",
        ),
        "prune": ("true, false", "delete what has no document any more"),
        "mode": ("Apply, Plan", "Plan: nothing is changed without an approval"),
        "timeout": ("duration: 90s, 30m, 2h", "how long apply waits; 1h"),
        "poll": (
            "duration",
            "fixed time between reads while AWS works; by default later the longer AWS takes",
        ),
        "observationInterval": (
            "duration",
            "how long a Describe counts for kinds whose List shows no changes",
        ),
        "variables": ("map", "values for ${var.NAME}"),
        "sensitiveVariables": ("list of names", "variables whose values are hidden in every output"),
        "defaultTags": ("map", "tags of every resource, under those of its document"),
        "ignoreTags": ("keys, keyPrefixes", "tags that others manage: neither compared nor changed"),
    }
)


def run_explain(args: argparse.Namespace, out: Output) -> int:
    """Print the description of a kind or a field, or the list of kinds."""
    if args.field is None:
        return _write_text(out, kinds_json(), kinds_text(out.style))
    head, _, member = args.field.partition(".")
    if head == "policy":
        member = _member(member, POLICY)
        return _write_text(out, policy_json(member), policy_text(out.style, member))
    if f"{args.field}.".startswith(f"{SETTINGS}."):
        return _settings(args.field.removeprefix(SETTINGS).removeprefix("."), out)
    word, *parts = (part for part in re.sub(r"\[\d*\]", "", args.field).split(".") if part)
    kind_contract = contract(_kind(word))
    parts = parts[1:] if parts[:1] == ["spec"] else parts
    try:
        found = explain(kind_contract, tuple(parts))
    except NoSuchField as error:
        raise Refused(str(error), error.hint) from None
    if not parts:
        document, source = document_of(kind_contract.name)
        value = {**kind_json(kind_contract, found), "example": document}
        return _write_text(out, value, kind_text(kind_contract, found, out.style, document, source))
    return _write_text(out, field_json(found), field_text(found, out.style))


def _member(name: str, known: Iterable[str]) -> str:
    """The name of a member; empty for all."""
    if name and name not in known:
        raise Refused(
            f"there is no '{name}' there", did_you_mean(name, known) or f"there are: {', '.join(known)}"
        )
    return name


def _settings(name: str, out: Output) -> int:
    """The settings of a tree, or one of them."""
    name = _member(name, DESCRIPTIONS)
    rows = [(each, *DESCRIPTIONS[each]) for each in DESCRIPTIONS if name in ("", each)]
    value = [{"field": field, "values": values, "meaning": meaning} for field, values, meaning in rows]
    return _write_text(out, value, table(("SETTING", "VALUES", "DESCRIPTION"), rows, out.style, kept=3))


def _kind(word: str) -> str:
    try:
        return kind_word(word)
    except argparse.ArgumentTypeError as error:
        beside = did_you_mean(word, ("policy", SETTINGS))
        if beside:
            raise Refused(f"there is no kind '{word}'", beside) from None
        raise Refused(str(error)) from None


def _write_text(out: Output, value: object, text: str) -> int:
    if out.json and isinstance(value, dict | list):
        out.result(value)
    else:
        out.write(text)
    return OK
