"""``sagectl get``: the account through a kind's List, or one resource through its Describe."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import OK
from controller.cli.options import options
from controller.cli.output import Output
from controller.cli.session import account
from controller.core.cloud import Cloud
from controller.engine.discovery import find_one, list_argument, read_detail
from controller.engine.lookup import elements
from controller.engine.observed import Live
from controller.kinds.display import Detail, OtherList
from controller.output.details import detail_json, detail_text, laid_out
from controller.output.summaries import ListedKind, summaries_text
from controller.output.values import plain_response
from controller.schema.contract import SINGLE, Contract, contract
from controller.schema.identifiers import arn_of
from controller.schema.kind_names import kebab
from controller.schema.listing import Listing, listing, other_listing


@dataclass(frozen=True)
class ListQuery:
    """A List operation with its filters; ``other`` is the row's further List; None for the kind's main one."""

    contract: Contract
    known: Listing
    filters: Mapping[str, Any]
    other: OtherList | None
    limit: int | None


@dataclass(frozen=True)
class ResourceQuery:
    """One resource, by name, ARN or identifier as documents write it, with its details."""

    contract: Contract
    name: str
    details: tuple[Detail, ...]


def parse_query(args: argparse.Namespace) -> ListQuery | ResourceQuery:
    """Read the arguments; no request is sent.

    Raises:
        Refused: arguments exclude each other, or one is missing.

    """
    kind_contract = contract(args.kind)
    # the filters' names are AWS's and so begin with a capital letter
    filters = {name: value for name, value in vars(args).items() if name[0].isupper() and value is not None}
    details = tuple(
        each for each in kind_contract.kind.display.details if getattr(args, f"detail:{each.name}")
    )
    if args.name or kind_contract.kind.identity.key == ():
        return _resource_query(kind_contract, args.name, filters, details, args.limit)
    if details:
        raise Refused(
            f"--{details[0].name} shows more of one {kind_contract.name}", "give its name or ARN as well"
        )
    return _list_query(kind_contract, filters, args.limit)


def _resource_query(
    contract: Contract,
    terms: list[str],
    filters: Mapping[str, Any],
    details: tuple[Detail, ...],
    limit: int | None,
) -> ResourceQuery:
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
    return ResourceQuery(contract, " ".join(parts) or SINGLE, details)


def _list_query(contract: Contract, filters: Mapping[str, Any], limit: int | None) -> ListQuery:
    other = next((each for each in contract.kind.display.other_lists if each.member in filters), None)
    known = other_listing(other) if other else listing(contract)
    if known is None:
        raise Refused(
            f"the service has no List of {contract.plural}",
            f"sagectl get {kebab(contract.name)} NAME shows one",
        )
    _check_filters(filters, known, other)
    given = {*filters, *(contract.kind.identity.fixed if other is None else ())}
    for each in known.filters:
        if each.required and each.member not in given:
            desired = f"--{kebab(each.member)}"
            hint = f"sagectl get {kebab(contract.plural)} {desired} NAME"
            raise Refused(f"{desired} is required: {known.operation} lists no others", hint)
    return ListQuery(contract, known, filters, other, limit)


def _check_filters(filters: Mapping[str, Any], known: Listing, other: OtherList | None) -> None:
    """Check that a List has all the filters, which differ between the Lists of a kind."""
    for name, value in filters.items():
        has = known.filter(name)
        if has is None:
            others = f"--{kebab(name)} and --{kebab(other.to)}" if other else f"--{kebab(name)} alone"
            raise Refused(f"{others} can't be: {known.operation} has no {name}", "leave one of them out")
        if has.shape.enum and value not in has.shape.enum:
            message = ", ".join(has.shape.enum)
            raise Refused(f"{known.operation} takes no {name} {value}", f"its properties: {message}")


def get(args: argparse.Namespace, out: Output) -> int:
    """Print the resources."""
    request = parse_query(args)
    with account(options(args)) as cloud:
        if isinstance(request, ResourceQuery):
            _show_one(request, cloud, out)
        else:
            _show_many(request, cloud, out)
    return OK


def _show_many(selection: ListQuery, cloud: Cloud, out: Output) -> None:
    found = elements(cloud, selection.known, _with_scope(selection, cloud), selection.limit)
    shown = [out.redactor.answer(each, selection.known.element) for each in found]
    if out.json:
        out.result(plain_response(shown))
    elif shown:
        out.write(summaries_text(shown, _subject(selection), out.style, datetime.now(UTC)))
    else:
        out.print_line(f"{selection.known.operation} found nothing.")


def _with_scope(selection: ListQuery, cloud: Cloud) -> dict[str, Any]:
    other = selection.other
    if other is None:
        return {**selection.contract.kind.identity.fixed, **selection.filters}
    through = list_argument(cloud, other, selection.filters[other.member])
    if through is None:
        raise Refused(
            f"there is no {other.to} '{selection.filters[other.member]}'", _list_hint(contract(other.to))
        )
    return {**selection.filters, other.member: through}


def _subject(selection: ListQuery) -> ListedKind:
    contract = selection.contract
    by_arn = contract.kind.identity.key is None and contract.key_of(contract.describes) == contract.arn_member
    key = contract.kind.identity.key or ((contract.arn_member,) if by_arn else ())
    return ListedKind(
        contract.name,
        selection.known.element,
        contract.kind.display.columns,
        contract.kind.lifecycle.status_phases,
        key,
        named=contract.listed_as,
    )


def _show_one(selection: ResourceQuery, cloud: Cloud, out: Output) -> None:
    live = _live(selection, cloud)
    body = out.redactor.live({**live.body, **_tags(live)}, selection.contract)
    read = [
        (detail, out.redactor.detail(detail, read_detail(cloud, selection.contract, live.name, detail)))
        for detail in selection.details
    ]
    if out.json:
        out.result({**plain_response(body), **{detail.member: detail_json(value) for detail, value in read}})
        return
    tags = {"Tags": {tag["Key"]: tag["Value"] for tag in body["Tags"]}} if body.get("Tags") else {}
    out.write(laid_out({**body, **tags}, out.style))
    for detail, value in read:
        out.write(f"\n{detail_text(detail, value, out.style, datetime.now(UTC))}")


def _live(selection: ResourceQuery, cloud: Cloud) -> Live:
    live = find_one(cloud, selection.contract, selection.name)
    if live is None:
        message = f" '{selection.name}'" if selection.contract.kind.identity.key != () else " in the account"
        raise Refused(f"there is no {selection.contract.name}{message}", _list_hint(selection.contract))
    arn = arn_of(selection.name, cloud.identity) if selection.contract.kind.identity.key is None else ""
    if arn and live.arn.casefold() not in ("", arn.casefold()):
        raise Refused(f"{arn} is no {selection.contract.name}; {live.name} is {live.arn}")
    return live


def _tags(live: Live) -> dict[str, Any]:
    if live.tags is None:
        return {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(live.tags.items())]}


def _list_hint(contract: Contract) -> str:
    return f"`sagectl get {kebab(contract.plural)}` lists those there are" if contract.lists else ""
