"""The options of the commands that read the account. Only argparse is imported here."""

import argparse
from collections.abc import Callable, Sequence

from controller.cli.shared_options import connection_options, count, events, form

TYPE_CHECKING = False  # as in main.py


if TYPE_CHECKING:
    from datetime import datetime

    from controller.kinds import Kind
    from controller.schema.listing import Filter, Listing


GET_EXAMPLES = """\
sagectl get endpoints --status-equals Failed --creation-time-after 7d
  sagectl get endpoint fraud --format json
  sagectl get KIND --help      # the filters of that kind's List
times are ISO 8601 (2026-11-20, 2026-11-20T07:30:00Z; without a zone in UTC) or ages (30m, 12h, 7d, 2w)."""
SEARCH_EXAMPLES = """\
sagectl search endpoints --filter 'EndpointStatus = InService' --filter 'CreationTime > 7d'
  sagectl search training-jobs --filter 'Metrics.auc >= 0.9' --filter 'Tags.team exists' --or
operators: =  !=  >  >=  <  <=  contains  exists  not-exists  in (values with commas between them)"""


def get(sub: argparse.ArgumentParser) -> None:
    """The options of ``get`` that all kinds have."""
    sub.add_argument(
        "kind",
        metavar="KIND",
        type=kind_word,
        help="singular or plural, in any spelling: endpoint, labeling-jobs, featuregroups ...",
    )
    sub.add_argument("name", metavar="NAME", nargs="*", help="the name or ARN of one: show all of it")
    sub.add_argument("--limit", type=count, metavar="N", help="maximum number (default: all)")
    _read_options(sub)


def search(sub: argparse.ArgumentParser) -> None:
    """The options of ``search``."""
    sub.add_argument(
        "resource",
        metavar="RESOURCE",
        help="singular or plural, in any spelling: endpoint, training-jobs ...",
    )
    sub.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="'NAME OPERATOR VALUE'",
        help="a condition (repeatable; all must hold)",
    )
    sub.add_argument("--or", dest="any", action="store_true", help="one of the conditions is enough")
    sub.add_argument("--sort-by", metavar="NAME", help="a property (default LastModifiedTime)")
    sub.add_argument("--sort-order", type=_one_of(("Ascending", "Descending")), metavar="ORDER",
                     help="Ascending or Descending (default)")  # fmt: skip
    sub.add_argument("--limit", type=count, metavar="N", help="maximum number (default: all)")
    _read_options(sub)


def details(sub: argparse.ArgumentParser) -> None:
    """The options for the details of ``status``."""
    sub.add_argument(
        "--steps", action="store_true", help="the steps of all runs, not only of running or failed ones"
    )
    sub.add_argument("-v", "--verbose", action="store_true", help="details that need further API calls")


def _read_options(sub: argparse.ArgumentParser) -> None:
    form(sub)
    connection_options(sub)
    # settings are read from the working folder; documents, variables and an inventory are not needed
    sub.set_defaults(paths=(".",), values=None, var=())


def of_kind(sub: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the filters and details of the kind on the command line, if any."""
    from controller.kinds import KINDS
    from controller.schema.kind_names import kind_named, kind_names

    named = next((kind for word in argv[argv.index("get") + 1 :] if (kind := kind_named(word))), None)
    if named is None:
        sub.add_argument_group("kinds", ", ".join(kind_names()))
    else:
        _filters(sub, KINDS[named])
        _details(sub, KINDS[named])


def _filters(sub: argparse.ArgumentParser, kind: "Kind") -> None:
    from controller.schema.contract import contract
    from controller.schema.kind_names import kebab
    from controller.schema.listing import listing, other_listing

    own = listing(contract(kind.name))
    if own is not None:
        group = sub.add_argument_group(f"filters of {own.operation}")
        for each in own.filters:
            _filter(group, each, own)
    for other in kind.display.other_lists:
        known = other_listing(other)
        group = sub.add_argument_group(f"instead, {known.operation}")
        group.add_argument(f"--{kebab(other.to)}", dest=other.member, metavar="NAME", help="a name or an ARN")
        for each in known.filters:
            if each.member != other.member and not (own and own.filter(each.member)):
                _filter(group, each, known)


def _filter(group: "argparse._ArgumentGroup", each: "Filter", of: "Listing") -> None:
    from controller.schema.kind_names import kebab

    enum, kind = each.shape.enum, each.shape.type
    message = ", ".join(enum) or {"timestamp": "a time, or an age such as 7d"}.get(kind, "")
    group.add_argument(
        f"--{kebab(each.member)}",
        dest=each.member,
        type=_one_of(enum) if enum else _TYPES.get(kind, str),
        metavar="WORD" if enum else {"timestamp": "TIME", "string": "TEXT"}.get(kind, "VALUE"),
        help=f"{message}{' ' if message else ''}{f'(required by {of.operation})' if each.required else ''}",
    )


def _details(sub: argparse.ArgumentParser, kind: "Kind") -> None:
    if kind.display.details:
        group = sub.add_argument_group("with NAME, also show")
        for detail in kind.display.details:
            group.add_argument(
                f"--{detail.name}", dest=f"detail:{detail.name}", action="store_true", help=detail.operation
            )


def kind_word(word: str) -> str:
    """The kind of a word."""
    from controller.core.did_you_mean import did_you_mean
    from controller.schema.kind_names import kind_named, kind_names

    kind = kind_named(word)
    if kind is None:
        near = did_you_mean(word, kind_names())
        raise argparse.ArgumentTypeError(
            f"there is no kind '{word}'; {near or 'there are: ' + ', '.join(kind_names())}"
        )
    return kind


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """A parser of one of several words, in any case."""

    def read(word: str) -> str:
        from controller.core.did_you_mean import did_you_mean

        found = {choice.casefold(): choice for choice in choices}.get(word.casefold())
        if found is None:
            near = did_you_mean(word, choices)
            raise argparse.ArgumentTypeError(
                f"there is no '{word}'; {near or 'there are: ' + ', '.join(choices)}"
            )
        return found

    return read


def _instant(text: str) -> "datetime":
    from datetime import UTC, datetime

    from controller.core.times import instant

    try:
        return instant(text, datetime.now(UTC))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _integer_text(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer") from None


def _boolean_text(text: str) -> bool:
    return {"true": True, "false": False}[_one_of(("true", "false"))(text)]


_TYPES: dict[str, Callable[[str], object]] = {
    "timestamp": _instant,
    "integer": _integer_text,
    "long": _integer_text,
    "boolean": _boolean_text,
}


EXPORT_EXAMPLES = """\
sagectl export --all --adopt -o ml/              # one file for each resource of the account
  sagectl export --kind endpoint --kind endpoint-config --kind model --name 'fraud*' > fraud.yaml"""

DRIFT_EXAMPLES = """\
sagectl drift ml/ --region eu-west-1
  sagectl drift ml/ --accept                       # write what is live into the files"""
IAM_EXAMPLES = """\
sagectl iam ml/ --account 123456789012 --region eu-west-1 > policy.json
  sagectl iam ml/ --read-only                      # what `sagectl plan` needs"""
EXPLAIN_EXAMPLES = """\
sagectl explain                                  # the kinds
  sagectl explain endpoint-config.productionVariants.instanceType
  sagectl explain policy.deletion; sagectl explain sagectl.yaml"""


def drift(sub: argparse.ArgumentParser) -> None:
    """The options of ``drift``."""
    sub.add_argument(
        "-v", "--verbose", action="store_true", help="also what is at its default or not readable"
    )
    sub.add_argument(
        "--accept", action="store_true", help="write live values into the files, keeping comments and order"
    )
    sub.add_argument(
        "--no-dangling",
        dest="account_wide",
        action="store_false",
        help="do not check the account for dangling references",
    )


def iam(sub: argparse.ArgumentParser) -> None:
    """The options of ``iam``."""
    sub.add_argument("--read-only", action="store_true", help="only what `sagectl plan` needs")
    sub.add_argument("--preflight", action="store_true", help="also what the option --preflight reads")
    events(sub)
    sub.add_argument("--account", metavar="ID", help="the account (default: that of sagectl.yaml, else any)")
    sub.add_argument("--region", help="the region (default: that of sagectl.yaml, else any)")
    sub.add_argument("-o", "--output", metavar="DIR", help="write the policies into this folder")


def explain(sub: argparse.ArgumentParser) -> None:
    """The options of ``explain``."""
    sub.add_argument(
        "field",
        metavar="KIND[.PATH]",
        nargs="?",
        help="a kind, a field of its spec, policy[.MEMBER] or sagectl.yaml[.SETTING]; none lists the kinds",
    )
    form(sub)


def export(sub: argparse.ArgumentParser) -> None:
    """The options of ``export``."""
    sub.add_argument(
        "--kind", dest="kinds", action="append", type=kind_word, metavar="KIND", help="of this kind; repeat"
    )
    sub.add_argument("--all", action="store_true", help="of all kinds")
    sub.add_argument("--name", metavar="GLOB", help="with a name in AWS that matches: 'fraud-*'")
    sub.add_argument(
        "--adopt", action="store_true", help="with policy.adopt: IfUnowned, so that `apply` adopts them"
    )
    sub.add_argument(
        "--fixed-names",
        action="store_true",
        help="write the AWS names of immutable resources; a change of these is then refused",
    )
    sub.add_argument("-o", "--output", metavar="DIR", help="a file for each resource in this folder")
    form(sub)
    connection_options(sub)
    sub.set_defaults(paths=(".",), values=None, var=())
