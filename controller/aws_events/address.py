"""The address of the SQS queue, as given on the command line. Imports nothing that is slow to load."""

import re
from typing import NamedTuple

# Names of queues: CreateQueue, SQS API Reference.
_ADDRESS = re.compile(r"sqs://(?:(?P<account>\d{12})/)?(?P<name>[A-Za-z0-9_-]{1,80}(?:\.fifo)?)")


class QueueAddress(NamedTuple):
    """A queue in the region of the calls; ``account`` is empty for the account of the credentials."""

    name: str
    account: str = ""


def queue_address(text: str) -> QueueAddress:
    """Parse ``sqs://NAME`` or ``sqs://ACCOUNT/NAME``.

    Raises:
        ValueError: the text is neither.

    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no queue: sqs://NAME or sqs://ACCOUNT/NAME is needed")
    return QueueAddress(found["name"], found["account"] or "")
