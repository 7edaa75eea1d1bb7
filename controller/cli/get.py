"""``sagectl get``: the account through a kind's List, or one resource through its Describe."""

import argparse
from datetime import UTC, datetime
from typing import Any

from controller.cli.errors import Refused
from controller.cli.exit_codes import OK
from controller.cli.get_arguments import Many, One, understood
from controller.cli.options import options
from controller.cli.output import Output
from controller.cli.session import account
from controller.core.cloud import Cloud
from controller.engine.details import one, pointed, read_detail
from controller.engine.observed import Live
from controller.engine.paging import elements
from controller.output.details import detail_json, detail_text
from controller.output.json_response import plain
from controller.output.summaries import Subject, summaries_text
from controller.output.yaml_layout import laid_out
from controller.schema.contract import Contract, contract
from controller.schema.identifiers import arn_of
from controller.schema.kind_names import kebab


def get(args: argparse.Namespace, out: Output) -> int:
    """Print what is there."""
    request = understood(args)
    with account(options(args)) as cloud:
        if isinstance(request, One):
            _one(request, cloud, out)
        else:
            _many(request, cloud, out)
    return OK


def _many(selection: Many, cloud: Cloud, out: Output) -> None:
    found = elements(cloud, selection.known, _narrowed(selection, cloud), selection.limit)
    shown = [out.redactor.answer(each, selection.known.element) for each in found]
    if out.json:
        out.result(plain(shown))
    elif shown:
        out.say(summaries_text(shown, _subject(selection), out.style, datetime.now(UTC)))
    else:
        out.tell(f"{selection.known.operation} found nothing.")


def _narrowed(selection: Many, cloud: Cloud) -> dict[str, Any]:
    other = selection.other
    if other is None:
        return {**selection.contract.kind.identity.listed_with, **selection.filters}
    through = pointed(cloud, other, selection.filters[other.member])
    if through is None:
        raise Refused(
            f"there is no {other.to} '{selection.filters[other.member]}'", _list_hint(contract(other.to))
        )
    return {**selection.filters, other.member: through}


def _subject(selection: Many) -> Subject:
    contract = selection.contract
    by_arn = contract.kind.identity.key is None and contract.key_of(contract.describes) == contract.arn_member
    key = contract.kind.identity.key or ((contract.arn_member,) if by_arn else ())
    return Subject(
        contract.name,
        selection.known.element,
        contract.kind.display.columns,
        contract.kind.lifecycle.status_phases,
        key,
    )


def _one(selection: One, cloud: Cloud, out: Output) -> None:
    live = _live(selection, cloud)
    body = out.redactor.live({**live.body, **_tags(live)}, selection.contract)
    read = [
        (detail, out.redactor.detail(detail, read_detail(cloud, selection.contract, live.name, detail)))
        for detail in selection.details
    ]
    if out.json:
        out.result({**plain(body), **{detail.member: detail_json(value) for detail, value in read}})
        return
    tags = {"Tags": {tag["Key"]: tag["Value"] for tag in body["Tags"]}} if body.get("Tags") else {}
    out.say(laid_out({**body, **tags}, out.style))
    for detail, value in read:
        out.say(f"\n{detail_text(detail, value, out.style, datetime.now(UTC))}")


def _live(selection: One, cloud: Cloud) -> Live:
    live = one(cloud, selection.contract, selection.name)
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
