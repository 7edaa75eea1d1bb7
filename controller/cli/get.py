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
    asked = understood(args)
    with account(options(args)) as cloud:
        if isinstance(asked, One):
            _one(asked, cloud, out)
        else:
            _many(asked, cloud, out)
    return OK


def _many(asked: Many, cloud: Cloud, out: Output) -> None:
    found = elements(cloud, asked.known, _narrowed(asked, cloud), asked.limit)
    shown = [out.redactor.answer(each, asked.known.element) for each in found]
    if out.json:
        out.result(plain(shown))
    elif shown:
        out.say(summaries_text(shown, _subject(asked), out.look, datetime.now(UTC)))
    else:
        out.tell(f"{asked.known.operation} found nothing.")


def _narrowed(asked: Many, cloud: Cloud) -> dict[str, Any]:
    other = asked.other
    if other is None:
        return {**asked.told.kind.listed_with, **asked.filters}
    through = pointed(cloud, other, asked.filters[other.member])
    if through is None:
        raise Refused(
            f"there is no {other.to} '{asked.filters[other.member]}'", _list_hint(contract(other.to))
        )
    return {**asked.filters, other.member: through}


def _subject(asked: Many) -> Subject:
    told = asked.told
    by_arn = told.kind.key is None and told.key_of(told.describes) == told.arn_member
    key = told.kind.key or ((told.arn_member,) if by_arn else ())
    return Subject(told.name, asked.known.element, told.kind.shows, told.kind.words, key)


def _one(asked: One, cloud: Cloud, out: Output) -> None:
    live = _live(asked, cloud)
    body = out.redactor.live({**live.body, **_tags(live)}, asked.told)
    read = [
        (detail, out.redactor.detail(detail, read_detail(cloud, asked.told, live.name, detail)))
        for detail in asked.details
    ]
    if out.json:
        out.result({**plain(body), **{detail.member: detail_json(value) for detail, value in read}})
        return
    tags = {"Tags": {tag["Key"]: tag["Value"] for tag in body["Tags"]}} if body.get("Tags") else {}
    out.say(laid_out({**body, **tags}, out.look))
    for detail, value in read:
        out.say(f"\n{detail_text(detail, value, out.look, datetime.now(UTC))}")


def _live(asked: One, cloud: Cloud) -> Live:
    live = one(cloud, asked.told, asked.name)
    if live is None:
        said = f" '{asked.name}'" if asked.told.kind.key != () else " in the account"
        raise Refused(f"there is no {asked.told.name}{said}", _list_hint(asked.told))
    arn = arn_of(asked.name, cloud.identity) if asked.told.kind.key is None else ""
    if arn and live.arn.casefold() not in ("", arn.casefold()):
        raise Refused(f"{arn} is no {asked.told.name}; {live.name} is {live.arn}")
    return live


def _tags(live: Live) -> dict[str, Any]:
    if live.tags is None:
        return {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(live.tags.items())]}


def _list_hint(told: Contract) -> str:
    return f"`sagectl get {kebab(told.kind.plural)}` lists those there are" if told.lists else ""
