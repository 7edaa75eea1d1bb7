"""What Describe takes for a name, an ARN, or the tail of an ARN that tables show."""

from controller.core.cloud import Identity
from controller.schema.contract import KEY_GAP, Contract
from controller.schema.pattern import matches
from controller.schema.shape import member, shape


def is_arn(text: str) -> bool:
    """Whether a text is meant as an ARN."""
    return text.startswith("arn:")


def arn_of(text: str, who: Identity) -> str:
    """The ARN that a text stands for: itself, or a tail such as ``pipeline/train/execution/abc``; else nothing.

    No SageMaker name holds a slash.
    """
    if is_arn(text) or "/" not in text:
        return text if is_arn(text) else ""
    return f"arn:{who.partition}:sagemaker:{who.region}:{who.account}:{text}"


def tail(arn: str) -> str:
    """An ARN without what all ARNs of the account begin with."""
    return arn.split(":", 5)[-1] if is_arn(arn) else arn


def taken(contract: Contract, text: str, who: Identity) -> str:
    """What Describe takes: an ARN where its key may be one, else the name alone; a written key as it is."""
    if contract.kind.identity.key is not None:
        return KEY_GAP.join(arn_of(part, who) or part for part in text.split())
    arn, name = arn_of(text, who), contract.key_of(contract.describes)
    key = member(shape(contract.describes.input), name)
    if not arn or key is None:
        return text
    by_arn = matches(key.pattern, arn) if key.pattern else name.endswith("Arn")
    return arn if by_arn else arn.rsplit("/", 1)[-1]
