"""An assumed role: its credentials last an hour and are fetched anew before that, for a process that runs for ever."""

from datetime import datetime
from typing import Any

import boto3
import botocore.session
from botocore.credentials import RefreshableCredentials

from controller.aws.models import share_models
from controller.core.cloud import Call, Cloud


def assumed(cloud: Cloud, role_arn: str, external_id: str | None, region: str | None) -> boto3.Session:
    """A session under a role.

    Args:
        cloud: who may assume it; asked again for each renewal.
        role_arn: the role.
        external_id: the external id that the role's trust policy asks for.
        region: where the session's calls go.

    Raises:
        CloudError: the role can't be assumed.

    """
    extra = {"ExternalId": external_id} if external_id else {}
    call = Call("AssumeRole", {"RoleArn": role_arn, "RoleSessionName": "sagectl", **extra}, service="sts")

    def fresh() -> dict[str, Any]:
        given = cloud.call(call)["Credentials"]
        until = given["Expiration"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": until.isoformat() if isinstance(until, datetime) else str(until),
        }

    held: Any = botocore.session.Session()
    share_models(held)
    # botocore has no other place for credentials of one's own that renew themselves (botocore/session.py)
    held._credentials = RefreshableCredentials.create_from_metadata(  # noqa: SLF001 - as said above
        metadata=fresh(), refresh_using=fresh, method="sts-assume-role"
    )
    return boto3.Session(botocore_session=held, region_name=region)
