"""Options that several commands have, and the types of their values. Only argparse is imported here."""

import argparse
import re

from controller.core.duration import seconds


def where(sub: argparse.ArgumentParser) -> None:
    """Which account the calls go to."""
    group = sub.add_argument_group("which account")
    group.add_argument("--region", help="AWS region")
    group.add_argument("--profile", help="a profile of the AWS configuration files")
    group.add_argument("--role-arn", metavar="ARN", help="a role to assume for all calls")
    group.add_argument("--external-id", metavar="ID", help="the external id that the role asks for")
    group.add_argument("--endpoint-url", type=url, metavar="URL", help="another address for all services")
    group.add_argument(
        "--sandbox",
        action="store_true",
        help="a local SageMaker instead of AWS; its state is .sagectl/sandbox.sqlite",
    )
    group.add_argument(
        "--sandbox-pace", type=positive, metavar="N", help="how much faster than AWS it is (default 90)"
    )


def form(sub: argparse.ArgumentParser, *more: str) -> None:
    """In which form the result comes."""
    sub.add_argument("--format", choices=("text", "json", *more), default="text", help="form of the result")


def drawing(sub: argparse.ArgumentParser) -> None:
    """In which language the picture comes, and how much of it."""
    forms = ("dot", "mermaid", "svg")
    sub.add_argument("--format", choices=forms, default="dot", help="the picture's language")
    sub.add_argument("--all", action="store_true", help="draw what stays as it is, too")


def time(text: str) -> float:
    """A duration in seconds."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> float:
    """A number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return value


def count(text: str) -> int:
    """A whole number above zero."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above zero")
    return int(text)


def whole(text: str) -> int:
    """A whole number, zero among them."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)


def address(text: str) -> str:
    """A deletion as a plan names it: ``Kind/name``, with ``@aws-name`` behind it where it is not the newest."""
    if "/" not in text:
        hint = "; --confirm-deletes N deletes so many for good" if text.isdigit() else ""
        raise argparse.ArgumentTypeError(f"'{text}' is not KIND/NAME, as the plan writes it{hint}")
    return text


def fingerprint(text: str) -> str:
    """The fingerprint of a plan, whole: a part of one could be met by another plan."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a fingerprint: 64 digits, as `sagectl plan` shows it"
        )
    return text


def url(text: str) -> str:
    """The address of a service."""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an address such as http://127.0.0.1:4570")
    return text
