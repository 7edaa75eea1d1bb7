"""boto3's only door: sessions, pacing, and what a refusal means."""

from controller.aws.client import connect

__all__ = ["connect"]
