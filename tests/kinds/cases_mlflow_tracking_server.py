"""The case of MlflowTrackingServer."""

from tests.journeys.documents import ROLE
from tests.kinds.case import Case, change_text

_STORE = "artifactStoreUri: 's3://bucket/%s'"
_LEAST = _STORE % "one"

MLFLOW_TRACKING_SERVER = Case(
    "tracking",
    f"roleArn: {ROLE}",
    changes={
        "ArtifactStoreUri": (_LEAST, _STORE % "two"),
        **{
            member: (f"{_LEAST}\n{before}", f"{_LEAST}\n{after}")
            for each in (
                change_text("TrackingServerSize", "Small", "Medium"),
                change_text("AutomaticModelRegistration", "false", "true"),
                change_text("WeeklyMaintenanceWindowStart", "'Mon:01:00'", "'Sat:02:30'"),
                change_text("S3BucketOwnerAccountId", "'123456789012'", "'210987654321'"),
                change_text("S3BucketOwnerVerification", "true", "false"),
                change_text("DesiredState", "Started", "Stopped"),
            )
            for member, (before, after) in each.items()
        },
    },
    frozen=(f"{_LEAST}\nmlflowVersion: '2.13'", f"{_LEAST}\nmlflowVersion: '2.16'"),
)
