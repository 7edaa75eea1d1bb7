"""``sagectl search``: resources of the account by the service's Search operation."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from controller.cli.errors import Refused, error_text
from controller.cli.exit_codes import OK
from controller.cli.options import options
from controller.cli.output import Output
from controller.cli.session import account
from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.did_you_mean import did_you_mean
from controller.core.times import instant
from controller.insight.search import guess_property
from controller.insight.search import search as find
from controller.kinds import KINDS
from controller.output.summaries import ListedKind, summaries_text
from controller.output.values import plain_response
from controller.schema.kind_names import kebab
from controller.schema.search import (
    Condition,
    PropertyType,
    Searched,
    check_conditions,
    condition,
    request,
    resources,
    searched_resource,
)


def search(args: argparse.Namespace, out: Output) -> int:
    """Print the matching resources."""
    of = _resource(args.resource)
    conditions = _conditions(args.filter, of)
    response = request(of, conditions, either=args.any, sort_by=args.sort_by, sort_order=args.sort_order)
    names = [*(each.name for each in conditions), *([args.sort_by] if args.sort_by else [])]
    with account(options(args)) as cloud:
        try:
            found = find(cloud, of, response, args.limit)
        except CloudError as error:
            if error.fault is not Fault.INVALID:
                raise
            raise Refused(error_text(error)[0], _guesses(cloud, of, names)) from error
        guesses = "" if found else _guesses(cloud, of, names)
    _show([out.redactor.answer(each, of.record) if of.record else each for each in found], of, names, out)
    if guesses:
        out.warn(guesses)
    return OK


def _resource(word: str) -> Searched:
    of = searched_resource(word)
    if of is None:
        parts = [kebab(name) for name in resources()]
        near = did_you_mean(word, parts)
        raise Refused(f"'{word}' can't be searched", near or "there are: " + ", ".join(parts))
    return of


def _conditions(texts: Sequence[str], of: Searched) -> tuple[Condition, ...]:
    try:
        read = [condition(text) for text in texts]
        return check_conditions(of, read, partial(instant, now=datetime.now(UTC)))
    except ValueError as error:
        raise Refused(
            str(error), "for example --filter 'Tags.team = risk'; `sagectl search --help`"
        ) from error


def _guesses(cloud: Cloud, of: Searched, names: Sequence[str]) -> str:
    """Suggestions for properties that the model does not have."""
    lines = []
    for name in dict.fromkeys(names):
        near = guess_property(cloud, of, name) if of.sort(name) is PropertyType.UNKNOWN else ""
        if near:
            lines.append(f"{of.resource} has no property '{name}' in the service model; {near}")
    return "; ".join(lines)


def _show(found: list[Any], of: Searched, names: Sequence[str], out: Output) -> None:
    if out.json:
        out.result(plain_response(found))
    elif not found:
        out.print_line(f"Search found no {of.resource} that fits.")
    elif of.record:
        kind = KINDS.get(of.member)
        subject = ListedKind(
            of.member,
            of.record,
            columns=kind.display.columns if kind else (),
            status_phases=kind.lifecycle.status_phases if kind else None,
            first=tuple(dict.fromkeys(names)),
        )
        out.write(summaries_text(found, subject, out.style, datetime.now(UTC)))
