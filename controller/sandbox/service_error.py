"""A refusal of the service, and the templates of its messages."""

from dataclasses import dataclass


class ServiceError(Exception):
    """A refusal: an error code, its message and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Phrase:
    """A refusal with placeholders for `{arn}` and `{name}`."""

    code: str
    text: str

    def refusal(self, *, arn: str, name: str) -> ServiceError:
        """Fill the placeholders."""
        return ServiceError(self.code, self.text.format(arn=arn, name=name))


def invalid(message: str) -> ServiceError:
    """A `ValidationException`, SageMaker's code for most invalid requests."""
    return ServiceError("ValidationException", message)


def over_quota(quota: str, limit: int, used: int, unit: str) -> ServiceError:
    """A refusal because a quota of the account is used up."""
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{quota}' is {limit} {unit}, with current utilization of "
        f"{used} {unit} and a request delta of 1 {unit}. Please use AWS Service Quotas to request an "
        "increase for this quota. If AWS Service Quotas is not available, contact AWS support to "
        "request an increase for this quota.",
    )
