"""Another user of the sandbox's account."""

from typing import Any

import boto3
import botocore.session

from controller.aws.client import share_models
from controller.sandbox import Sandbox


def foreign_client(sandbox: Sandbox) -> Any:
    """A plain boto3 client."""
    core = botocore.session.Session()
    share_models(core)
    core.set_credentials("other", "other")
    sandbox.attach(core)
    return boto3.Session(botocore_session=core, region_name="us-east-1").client("sagemaker")
