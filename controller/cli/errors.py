"""The error that ends a run before it changes anything."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from controller.core.cloud import CloudError, Fault
from controller.core.finding import Code, Finding

if TYPE_CHECKING:  # validate reads no inventory
    from controller.inventory.model import InventoryError

_SIGN_IN = "the session has ended: sign in again, for instance with `aws sso login`, or set new credentials"
_SSO = "sign in with `aws sso login`"
_UNREACHED = "check the network, the proxy (HTTPS_PROXY), the Region and --endpoint-url"
_CLOCK = (
    "this machine's clock is wrong: set it, for instance with NTP; `sagectl doctor` compares it with AWS's"
)
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile: AWS has no such keys"
_BUCKET_REGION = "the bucket is in another Region than this run: name one in this Region with --inventory"

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "NoRegion": "or write `region: eu-west-1` into the tree's sagectl.yaml",
        "UnknownRegion": "correct --region, AWS_REGION, the profile, or `region` in sagectl.yaml",
        "NoCredentialsError": "run `aws configure` or `aws sso login`, set AWS_PROFILE or give --profile; "
        "or try everything locally with --sandbox",
        "PartialCredentialsError": "both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set",
        "ProfileNotFound": "`aws configure list-profiles` shows the profiles there are",
        **dict.fromkeys(
            ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"),
            _UNREACHED,
        ),
        "ProxyConnectionError": "check HTTPS_PROXY and NO_PROXY",
        "SSLError": "if a proxy has a certificate authority of its own, name its file with AWS_CA_BUNDLE",
        **dict.fromkeys(("ExpiredToken", "ExpiredTokenException"), _SIGN_IN),
        **dict.fromkeys(("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"), _KEYS),
        **dict.fromkeys(
            ("SignatureDoesNotMatch", "InvalidSignatureException"), "the secret key is another key's"
        ),
        **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired"), _CLOCK),
        **dict.fromkeys(("UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError"), _SSO),
    }
)
# Errors of S3 about the bucket of an inventory. Source: the S3 API reference, "List of error codes".
_BUCKET_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "NoSuchBucket": "check the name, or create the bucket, with versioning, once: `aws s3 mb s3://BUCKET`",
        **dict.fromkeys(("PermanentRedirect", "301", "AuthorizationHeaderMalformed"), _BUCKET_REGION),
        **dict.fromkeys(
            ("AccessDenied", "403"), "docs/gitops-reference.md lists the permissions on the bucket"
        ),
    }
)
# Signature Version 4 has no separate code for a wrong clock (IAM User Guide, "Troubleshoot Signature Version 4").
_CLOCK_TEXTS = ("Signature expired", "Signature not yet current")


class Refused(Exception):  # noqa: N818 - not an error of ours
    """A run can't continue; the message has the reason."""

    def __init__(self, message: str = "", hint: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.hint, self.findings = message, hint, findings


def refusal_of(code: Code, message: str, hint: str = "") -> Refused:
    """A ``Refused`` with one finding without a position."""
    return Refused(findings=(Finding(code, message, hint=hint),))


def error_text(error: CloudError) -> tuple[str, str]:
    """The text of an error of AWS or of the connection, and a hint, which may be empty."""
    hint = _hint(error, _HINTS)
    if error.code == "NoCredentialsError":
        return "there are no AWS credentials", hint
    if error.operation == "connect" or (not error.answered and error.fault is Fault.DENIED):
        return error.message, hint
    if not error.answered:
        return f"{error.operation} got no answer: {error.message}", hint
    return f"AWS refused {error.operation}: {error.message}", hint


def inventory_hint(error: "InventoryError", otherwise: str) -> str:
    """The hint for an inventory that can't be read or written; ``otherwise`` if S3 did not refuse it."""
    cause = error.__cause__
    if not isinstance(cause, CloudError):
        return otherwise
    return _hint(cause, {**_HINTS, **_BUCKET_HINTS}) or "check the name of the bucket, and the rights on it"


def _hint(error: CloudError, hints: Mapping[str, str]) -> str:
    if any(text in error.message for text in _CLOCK_TEXTS):
        return _CLOCK
    return hints.get(error.code, "")
