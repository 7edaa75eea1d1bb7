"""The only package that uses boto3: sessions, rate limits, and the classification of errors."""

from controller.aws.client import connect
from controller.aws.rate_limit import rate_limiters

__all__ = ["connect", "rate_limiters"]
