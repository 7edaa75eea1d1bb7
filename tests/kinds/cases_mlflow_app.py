"""The case of MlflowApp."""

from tests.journeys.documents import ROLE
from tests.journeys.stage import document_text
from tests.kinds.case import Case, change_text

_STORE = "artifactStoreUri: 's3://bucket/%s'"
_LEAST = _STORE % "one"
_KEY = "kmsKeyId: %s"
_STUDIO = document_text(
    "Domain", "studio", f"domainName: studio\nauthMode: IAM\ndefaultUserSettings: {{executionRole: '{ROLE}'}}"
)

MLFLOW_APP = Case(
    "runs",
    f"roleArn: {ROLE}",
    changes={
        "ArtifactStoreUri": (_LEAST, _STORE % "two"),
        "DefaultDomainIdList": (_LEAST, f"{_LEAST}\ndefaultDomainIdList: [studio]"),
        **{
            member: (f"{_LEAST}\n{before}", f"{_LEAST}\n{after}")
            for each in (
                change_text("Name", "runs", "trials"),
                change_text(
                    "ModelRegistrationMode", "AutoModelRegistrationEnabled", "AutoModelRegistrationDisabled"
                ),
                change_text("WeeklyMaintenanceWindowStart", "'Mon:01:00'", "'Sat:02:30'"),
                change_text("AccountDefaultStatus", "ENABLED", "DISABLED"),
            )
            for member, (before, after) in each.items()
        },
    },
    frozen=(f"{_LEAST}\n{_KEY % 'one'}", f"{_LEAST}\n{_KEY % 'two'}"),
    needs=(_STUDIO,),
)
