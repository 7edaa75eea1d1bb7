"""What ``sagectl get`` was asked for: many of a kind, or one; words that don't go together are refused."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.cli.errors import Refused
from controller.kinds.display import Detail, OtherList
from controller.schema.contract import SINGLE, Contract, contract
from controller.schema.kind_names import kebab
from controller.schema.listing import Listing, listing, other_listing


@dataclass(frozen=True)
class Many:
    """What a List gives, narrowed by the filters; ``other`` where it is not the kind's first List."""

    contract: Contract
    known: Listing
    filters: Mapping[str, Any]
    other: OtherList | None
    limit: int | None


@dataclass(frozen=True)
class One:
    """One resource by name, ARN or written key, with details."""

    contract: Contract
    name: str
    details: tuple[Detail, ...]


def understood(args: argparse.Namespace) -> Many | One:
    """Find out what was asked, before anything is asked of AWS.

    Raises:
        Refused: the words don't go together, or one is missing.

    """
    kind_contract = contract(args.kind)
    # the filters' names are AWS's and so begin with a capital letter
    filters = {name: value for name, value in vars(args).items() if name[0].isupper() and value is not None}
    details = tuple(
        each for each in kind_contract.kind.display.details if getattr(args, f"detail:{each.name}")
    )
    if args.name or kind_contract.kind.identity.key == ():
        return _one(kind_contract, args.name, filters, details, args.limit)
    if details:
        raise Refused(
            f"--{details[0].name} shows more of one {kind_contract.name}", "give its name or ARN as well"
        )
    return _many(kind_contract, filters, args.limit)


def _one(
    contract: Contract,
    terms: list[str],
    filters: Mapping[str, Any],
    details: tuple[Detail, ...],
    limit: int | None,
) -> One:
    if filters or limit:
        message = " ".join(f"--{kebab(name)}" for name in filters) or "--limit"
        raise Refused(f"{message} filters a list, and a name selects one resource", "leave one of them out")
    parts = [part for word in terms for part in word.split()]
    members = (contract.name_member,) if contract.kind.identity.key is None else contract.kind.identity.key
    if len(parts) != len(members):
        known_by = " and ".join(members) or "no name, because the account has only one"
        raise Refused(
            f"one {contract.name} is identified by {known_by}, and {len(parts)} arguments were given"
        )
    return One(contract, " ".join(parts) or SINGLE, details)


def _many(contract: Contract, filters: Mapping[str, Any], limit: int | None) -> Many:
    other = next((each for each in contract.kind.display.other_lists if each.member in filters), None)
    known = other_listing(other) if other else listing(contract)
    if known is None:
        raise Refused(
            f"the service has no List of {contract.plural}",
            f"sagectl get {kebab(contract.name)} NAME shows one",
        )
    _fitting(filters, known, other)
    for each in known.filters:
        if each.required and each.member not in filters:
            wanted = f"--{kebab(each.member)}"
            hint = f"sagectl get {kebab(contract.plural)} {wanted} NAME"
            raise Refused(f"{wanted} is required: {known.operation} lists no others", hint)
    return Many(contract, known, filters, other, limit)


def _fitting(filters: Mapping[str, Any], known: Listing, other: OtherList | None) -> None:
    """See that a List has all the filters: a kind's Lists have not the same."""
    for name, value in filters.items():
        has = known.filter(name)
        if has is None:
            others = f"--{kebab(name)} and --{kebab(other.to)}" if other else f"--{kebab(name)} alone"
            raise Refused(f"{others} can't be: {known.operation} has no {name}", "leave one of them out")
        if has.shape.enum and value not in has.shape.enum:
            message = ", ".join(has.shape.enum)
            raise Refused(f"{known.operation} knows no {name} {value}", f"its properties: {message}")
