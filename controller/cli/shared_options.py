"""Options that several commands have, those of plans included. Only argparse is imported here."""

import argparse
import re

from controller.core.times import seconds

TYPE_CHECKING = False  # as in main.py
if TYPE_CHECKING:
    from controller.aws_events.address import QueueAddress


def connection_options(sub: argparse.ArgumentParser) -> None:
    """The options for the AWS connection."""
    group = sub.add_argument_group("AWS connection")
    group.add_argument("--region", help="AWS region")
    group.add_argument("--profile", help="a profile of the AWS configuration files")
    group.add_argument("--role-arn", metavar="ARN", help="a role to assume for all calls")
    group.add_argument("--external-id", metavar="ID", help="the external ID that the role requires")
    group.add_argument("--endpoint-url", type=url, metavar="URL", help="endpoint URL for all services")
    group.add_argument(
        "--rate-limit",
        action="append",
        type=rate,
        dest="rate_limits",
        metavar="OPERATION=N",
        help="at most N calls of this operation per second",
    )
    group.add_argument(
        "--sandbox",
        action="store_true",
        help="use a local SageMaker instead of AWS; its state is .sagectl/sandbox.sqlite",
    )
    group.add_argument(
        "--sandbox-pace",
        type=positive_number,
        metavar="N",
        help="how much faster than AWS it is (default 90)",
    )


def form(sub: argparse.ArgumentParser, *more: str) -> None:
    """The option for the output format."""
    sub.add_argument("--format", choices=("text", "json", *more), default="text", help="output format")


def drawing_options(sub: argparse.ArgumentParser) -> None:
    """The options of a graph: language and extent."""
    forms = ("dot", "mermaid", "svg")
    sub.add_argument("--format", choices=forms, default="dot", help="graph format")
    sub.add_argument("--all", action="store_true", help="also draw unchanged resources")


def time(text: str) -> float:
    """A duration in seconds."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_number(text: str) -> float:
    """A number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return value


def rate(text: str) -> tuple[str, float]:
    """An operation and its calls per second."""
    from controller.core.cloud import OPERATION

    operation, _, number = text.partition("=")
    if not re.fullmatch(OPERATION, operation):
        raise argparse.ArgumentTypeError(f"'{text}' is not OPERATION=N, as CreateModel=2")
    return operation, positive_number(number)


def count(text: str) -> int:
    """A positive integer."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer above zero")
    return int(text)


def non_negative_integer(text: str) -> int:
    """An integer of zero or more."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer")
    return int(text)


def address(text: str) -> str:
    """A deletion as in a plan: ``Kind/name``, with ``@aws-name`` for an old generation."""
    if "/" not in text:
        hint = "; --confirm-deletes N confirms so many permanent deletions" if text.isdigit() else ""
        raise argparse.ArgumentTypeError(f"'{text}' is not KIND/NAME, as the plan writes it{hint}")
    return text


def fingerprint(text: str) -> str:
    """The complete fingerprint of a plan: a prefix could match another plan."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a fingerprint: 64 digits, as `sagectl plan` shows it"
        )
    return text


def url(text: str) -> str:
    """The URL of a service."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an address such as http://127.0.0.1:4570")
    return text


def selection_options(sub: argparse.ArgumentParser) -> None:
    """The options that choose documents."""
    group = sub.add_argument_group("selection")
    group.add_argument(
        "--target",
        dest="targets",
        action="append",
        metavar="KIND/NAME",
        help="only this document and its dependencies (repeatable)",
    )
    group.add_argument(
        "--exclude",
        dest="excludes",
        action="append",
        metavar="KIND/NAME",
        help="all except this document and its dependents (repeatable)",
    )


def prune_option(sub: argparse.ArgumentParser) -> None:
    """The option to delete resources without a document."""
    sub.add_argument(
        "--prune", action="store_true", default=None, help="delete resources whose document was removed"
    )
    sub.add_argument(
        "--confirm-deletes",
        type=int,
        metavar="N",
        help="confirm N permanent deletions that exceed a limit",
    )
    confirmation_options(sub)


def destroy_option(sub: argparse.ArgumentParser) -> None:
    """``--destroy``: a plan of what ``sagectl destroy`` deletes."""
    sub.add_argument(
        "--destroy",
        action="store_true",
        default=None,
        help="show what `sagectl destroy` would delete: the declared resources",
    )


def confirmation_options(sub: argparse.ArgumentParser) -> None:
    """Deletions that are confirmed by name: those that cause an outage or lose data."""
    sub.add_argument(
        "--confirm-delete",
        action="append",
        type=address,
        metavar="KIND/NAME",
        help="confirm this permanent deletion, as KIND/NAME (repeatable)",
    )


def events(sub: "argparse._ActionsContainer") -> None:
    """The option for the queue with events of AWS."""
    sub.add_argument(
        "--events",
        type=_queue_address,
        metavar="sqs://[ACCOUNT/]NAME",
        help="queue of events of AWS that bring reconciliations forward (default: none)",
    )


def _queue_address(text: str) -> "QueueAddress":
    from controller.aws_events.address import queue_address

    try:
        return queue_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def preflight(sub: "argparse._ActionsContainer") -> None:
    """The option for the preflight."""
    sub.add_argument(
        "--preflight",
        action="store_true",
        help="first check that the alarms, roles, images and S3 objects of the documents exist",
    )


def refresh(sub: argparse.ArgumentParser) -> None:
    """The option to ignore observations of earlier runs."""
    sub.add_argument(
        "--refresh",
        action="store_true",
        help="describe every resource again, also where a List shows that it has not changed",
    )


def save_option(sub: argparse.ArgumentParser) -> None:
    """The option to save the plan."""
    sub.add_argument("--out", metavar="FILE", help="save the plan, for `sagectl apply --plan FILE`")


def length(sub: argparse.ArgumentParser) -> None:
    """The option not to abbreviate."""
    sub.add_argument("--full", action="store_true", help="do not abbreviate deleted resources")


def saved_plan_option(sub: argparse.ArgumentParser) -> None:
    """The option of ``apply`` for a saved plan instead of paths."""
    sub.add_argument(
        "--plan",
        metavar="FILE",
        help="apply exactly this saved plan, or fail if anything changed; PATHs are those of the plan unless given",
    )


def approval(sub: argparse.ArgumentParser) -> None:
    """The option of ``apply`` and ``destroy`` for an approval."""
    sub.add_argument(
        "--approve",
        type=fingerprint,
        metavar="FINGERPRINT",
        help="apply exactly the plan with this fingerprint, or fail if anything changed",
    )
