"""``sagectl get``: the account through a kind's List, or one resource through its Describe."""

import argparse
from datetime import UTC, datetime
from typing import Any

from controller.core.cloud import Cloud
from controller.engine.paging import elements
from controller.engine.telling import one, pointed, read_detail
from controller.engine.world import Live
from controller.fronts.cli.exits import OK
from controller.fronts.cli.opened import account
from controller.fronts.cli.options import options
from controller.fronts.cli.output import Output
from controller.fronts.cli.trouble import Refused
from controller.fronts.render.details import detail_json, detail_text
from controller.fronts.render.laid_out import laid_out
from controller.fronts.render.plain import plain
from controller.fronts.render.summaries import Subject, summaries_text
from controller.kinds.kind import Detail, OtherList
from controller.service.address import arn_of
from controller.service.contract import Contract, contract
from controller.service.listing import Listing, listing, other_listing
from controller.service.spelling import kebab


def get(args: argparse.Namespace, out: Output) -> int:
    """Print what is there."""
    told = contract(args.kind)
    asked = options(args)
    _check(args, told)
    with account(asked) as cloud:
        if args.name:
            _one(args, told, cloud, out)
        else:
            _many(args, told, cloud, out)
    return OK


def _given(args: argparse.Namespace) -> dict[str, Any]:
    """The filters that were asked for: their names are AWS's, and so begin with a capital letter."""
    return {name: value for name, value in vars(args).items() if name[0].isupper() and value is not None}


def _other(args: argparse.Namespace, told: Contract) -> OtherList | None:
    return next((each for each in told.kind.other_lists if getattr(args, each.member) is not None), None)


def _asked_details(args: argparse.Namespace, told: Contract) -> list[Detail]:
    return [detail for detail in told.kind.details if getattr(args, f"detail:{detail.name}")]


def _check(args: argparse.Namespace, told: Contract) -> None:
    """See that the words go together, before anything is asked of AWS.

    Raises:
        Refused: they don't.

    """
    given = _given(args)
    if args.name:
        if given or args.limit:
            words = " ".join(f"--{kebab(name)}" for name in given) or "--limit"
            raise Refused(f"{words} narrows a list, and a name asks for one", "leave one of them out")
        return
    if extra := _asked_details(args, told):
        raise Refused(f"--{extra[0].name} tells more of one {told.name}", "give its name or ARN as well")
    other = _other(args, told)
    known = other_listing(other) if other else listing(told)
    for name in given:
        if known.filter(name) is None:
            message = f"--{kebab(name)} and --{kebab(other.to)}" if other else f"--{kebab(name)}"
            raise Refused(f"{message} exclude each other: {known.operation} has no {name}", "leave one out")
    for each in known.filters:
        if each.required and each.member not in given:
            wanted = f"--{kebab(each.member)}"
            hint = f"sagectl get {kebab(told.kind.plural)} {wanted} NAME"
            raise Refused(f"{wanted} is required: {known.operation} lists no others", hint)


def _many(args: argparse.Namespace, told: Contract, cloud: Cloud, out: Output) -> None:
    other = _other(args, told)
    known = other_listing(other) if other else listing(told)
    found = elements(cloud, known, _narrowed(args, told, other, cloud), args.limit)
    shown = [out.redactor.answer(each, known.element) for each in found]
    if out.json:
        out.result(plain(shown))
    elif shown:
        out.say(summaries_text(shown, _subject(told, known), out.look, datetime.now(UTC)))
    else:
        out.tell(f"{known.operation} found nothing.")


def _narrowed(
    args: argparse.Namespace, told: Contract, other: OtherList | None, cloud: Cloud
) -> dict[str, Any]:
    given = _given(args)
    if other is None:
        return {**told.kind.listed_with, **given}
    through = pointed(cloud, other, given[other.member])
    if through is None:
        raise Refused(f"there is no {other.to} '{given[other.member]}'", _list_hint(contract(other.to)))
    return {**given, other.member: through}


def _subject(told: Contract, known: Listing) -> Subject:
    by_arn = told.describe_key == told.arn_member
    return Subject(told.name, known.element, told.kind.shows, told.kind.words, by_arn)


def _one(args: argparse.Namespace, told: Contract, cloud: Cloud, out: Output) -> None:
    live = one(cloud, told, args.name)
    if live is None:
        raise Refused(f"there is no {told.name} '{args.name}'", _list_hint(told))
    arn = arn_of(args.name, cloud.identity)
    if arn and live.arn.casefold() not in ("", arn.casefold()):
        raise Refused(f"{arn} is no {told.name}; {live.name} is {live.arn}")
    body = out.redactor.live({**live.body, **_tags(live)}, told)
    read = [
        (detail, out.redactor.detail(detail, read_detail(cloud, told, live.name, detail)))
        for detail in _asked_details(args, told)
    ]
    if out.json:
        out.result({**plain(body), **{detail.member: detail_json(value) for detail, value in read}})
        return
    tags = {"Tags": {tag["Key"]: tag["Value"] for tag in body["Tags"]}} if body.get("Tags") else {}
    out.say(laid_out({**body, **tags}, out.look))
    for detail, value in read:
        out.say(f"\n{detail_text(detail, value, out.look, datetime.now(UTC))}")


def _tags(live: Live) -> dict[str, Any]:
    if live.tags is None:
        return {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(live.tags.items())]}


def _list_hint(told: Contract) -> str:
    return f"`sagectl get {kebab(told.kind.plural)}` lists those there are"
