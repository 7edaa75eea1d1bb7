"""The case of PartnerApp."""

from tests.journeys.documents import ROLE
from tests.kinds.case import Case, change_text

_LEAST = "authType: IAM\ntier: small"
_IDENTITY = "idcConfig: {instanceArn: 'arn:aws:sso:::instance/ssoins-1234567890abcde%d'}"

PARTNER_APP = Case(
    "evaluations",
    f"type: comet\nexecutionRoleArn: {ROLE}",
    changes={
        "Tier": (_LEAST, _LEAST.replace("small", "medium")),
        "AppVersion": (f"{_LEAST}\nappVersion: '1.0'", f"{_LEAST}\nappVersion: '1.1'"),
        "AuthType": (f"{_LEAST}\n{_IDENTITY % 1}", f"authType: IDC\ntier: small\n{_IDENTITY % 1}"),
        "IdcConfig": (
            f"authType: IDC\ntier: small\n{_IDENTITY % 1}",
            f"authType: IDC\ntier: small\n{_IDENTITY % 2}",
        ),
        **{
            member: (f"{_LEAST}\n{before}", f"{_LEAST}\n{after}")
            for each in (
                change_text(
                    "MaintenanceConfig",
                    "{maintenanceWindowStart: 'Mon:01:00'}",
                    "{maintenanceWindowStart: 'Sat:02:30'}",
                ),
                change_text("ApplicationConfig", "{adminUsers: [ada]}", "{adminUsers: [ada, grace]}"),
                change_text("EnableIamSessionBasedIdentity", "true", "false"),
                change_text("EnableAutoMinorVersionUpgrade", "true", "false"),
            )
            for member, (before, after) in each.items()
        },
    },
    frozen=(f"{_LEAST}\nkmsKeyId: one", f"{_LEAST}\nkmsKeyId: two"),
)
