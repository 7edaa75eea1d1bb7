"""The error that ends a run before it changes anything."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.cloud import CloudError
from controller.core.finding import Code, Finding

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "NoRegion": "or write `region: eu-west-1` into the tree's sagectl.yaml",
        "NoCredentialsError": "run `aws configure` or `aws sso login`, set AWS_PROFILE or give --profile; "
        "or try everything locally with --sandbox",
        "PartialCredentialsError": "both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set",
        "ProfileNotFound": "`aws configure list-profiles` shows the profiles there are",
        "EndpointConnectionError": "is the address right, and is something listening there?",
        "ExpiredToken": "the session has ended: sign in again, for instance with `aws sso login`",
        "ExpiredTokenException": "the session has ended: sign in again, for instance with `aws sso login`",
        "InvalidClientTokenId": "AWS has no such credentials",
        "UnauthorizedSSOTokenError": "sign in again with `aws sso login`",
        "SSOTokenLoadError": "sign in with `aws sso login`",
    }
)


class Refused(Exception):  # noqa: N818 - not an error of ours
    """A run that can't go on, and why."""

    def __init__(self, message: str = "", hint: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.hint, self.findings = message, hint, findings


def refused(code: Code, message: str, hint: str = "") -> Refused:
    """A refusal that is a finding without a place in a file."""
    return Refused(findings=(Finding(code, message, hint=hint),))


def error_text(error: CloudError) -> tuple[str, str]:
    """What AWS, or the way to it, refused, and a hint; the hint is empty where there is none."""
    sentence = (
        error.message if error.operation == "connect" else f"AWS refused {error.operation}: {error.message}"
    )
    if error.code == "NoCredentialsError":
        sentence = "there are no AWS credentials"
    return sentence, _HINTS.get(error.code, "")
