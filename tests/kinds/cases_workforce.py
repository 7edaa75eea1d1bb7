"""The cases of a workforce and its teams."""

from collections.abc import Mapping

from tests.journeys.documents import WORKFORCE
from tests.kinds.case import Case

_COGNITO = "cognitoConfig: {userPool: us-east-1_abc, clientId: abc123}"
_MEMBER = "{{cognitoMemberDefinition: {{userPool: us-east-1_abc, clientId: abc123, userGroup: {0}}}}}"

PEOPLE: Mapping[str, Case] = {
    "Workforce": Case(
        "crowd",
        _COGNITO,
        changes={
            "SourceIpConfig": (
                "sourceIpConfig: {cidrs: [10.0.0.0/8]}",
                "sourceIpConfig: {cidrs: [10.1.0.0/16]}",
            ),
            "IpAddressType": ("ipAddressType: ipv4", "ipAddressType: dualstack"),
            "WorkforceVpcConfig": (
                "workforceVpcConfig: {vpcId: vpc-1, subnets: [subnet-1], securityGroupIds: [sg-1]}",
                "workforceVpcConfig: {vpcId: vpc-1, subnets: [subnet-2], securityGroupIds: [sg-1]}",
            ),
        },
        frozen=("", "cognitoConfig: {userPool: us-east-1_abc, clientId: other}"),
    ),
    "Workteam": Case(
        "team",
        "workforceName: crowd",
        changes={
            "Description": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: two\nmemberDefinitions: [{_MEMBER.format('a')}]",
            ),
            "MemberDefinitions": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                f"description: one\nmemberDefinitions: [{_MEMBER.format('b')}]",
            ),
            "NotificationConfiguration": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                (
                    f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]\n"
                    "notificationConfiguration: {notificationTopicArn: 'arn:aws:sns:us-east-1:123456789012:t'}"
                ),
            ),
            "WorkerAccessConfiguration": (
                f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]",
                (
                    f"description: one\nmemberDefinitions: [{_MEMBER.format('a')}]\n"
                    "workerAccessConfiguration: {s3Presign: {iamPolicyConstraints: {sourceIp: Enabled}}}"
                ),
            ),
        },
        needs=(WORKFORCE,),
    ),
}
