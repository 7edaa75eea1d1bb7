"""boto3's only door: sessions, pacing, and what a refusal means."""

from controller.cloud.aws import connect

__all__ = ["connect"]
