"""The only package that uses boto3: sessions, rate limits, and the meaning of a refusal."""

from controller.aws.client import connect

__all__ = ["connect"]
