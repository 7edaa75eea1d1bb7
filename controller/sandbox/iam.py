"""The part of IAM that returns the trust policies of roles: GetRole.

Every role exists and trusts SageMaker except those of the knobs ``missing_roles`` and ``roles_without_trust``. Source:
API reference, GetRole.
"""

import json
from urllib.parse import quote

from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError


def get_role(request: OperationRequest) -> Json:
    """Return a role with its trust policy, which is URL-encoded (RFC 3986)."""
    name, account = request.params["RoleName"], request.account
    if name in request.knobs.missing_roles:
        raise ServiceError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    trusted = "ec2.amazonaws.com" if name in request.knobs.roles_without_trust else "sagemaker.amazonaws.com"
    statement = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return {
        "Role": {
            "Path": "/",
            "RoleName": name,
            "RoleId": "AROASANDBOXSANDBOXSB",
            "Arn": f"arn:{account.partition}:iam::{account.account}:role/{name}",
            "CreateDate": 0,
            "AssumeRolePolicyDocument": quote(policy, safe=""),
        }
    }
