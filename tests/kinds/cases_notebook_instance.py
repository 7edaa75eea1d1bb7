"""The case of NotebookInstance, which is stopped: an update of one that runs is tests/journeys/test_notebooks.py."""

from tests.journeys.documents import ROLE
from tests.journeys.standalone_documents import CODE_REPOSITORY, LIFECYCLE_CONFIG
from tests.kinds.case import Case, change_text

_ROLE = f"roleArn: {ROLE}"
_TYPE = f"{_ROLE}\ninstanceType: %s\ndesiredState: Stopped"
_LEAST = _TYPE % "ml.t3.medium"
_OTHER = "https://example.com/other.git"

NOTEBOOK_INSTANCE = Case(
    "desk",
    "",
    changes={
        "RoleArn": (_LEAST, _LEAST.replace("sagemaker", "other")),
        "InstanceType": (_LEAST, _TYPE % "ml.t3.large"),
        "DesiredState": (f"{_ROLE}\ninstanceType: ml.t3.medium", _LEAST),
        **{
            member: (f"{_LEAST}\n{before}", f"{_LEAST}\n{after}")
            for each in (
                change_text("LifecycleConfigName", "notebooks", "notebooks-2"),
                change_text("DefaultCodeRepository", "notebooks", _OTHER),
                change_text("AdditionalCodeRepositories", "[notebooks]", f"[notebooks, '{_OTHER}']"),
                change_text("VolumeSizeInGB", "5", "10"),
                change_text("RootAccess", "Enabled", "Disabled"),
                change_text("PlatformIdentifier", "notebook-al2-v3", "notebook-al2023-v1"),
                change_text("IpAddressType", "ipv4", "dualstack"),
                change_text("AcceleratorTypes", "[ml.eia1.medium]", "[ml.eia1.large]"),
                change_text(
                    "InstanceMetadataServiceConfiguration",
                    "{minimumInstanceMetadataServiceVersion: '1'}",
                    "{minimumInstanceMetadataServiceVersion: '2'}",
                ),
            )
            for member, (before, after) in each.items()
        },
    },
    frozen=(f"{_LEAST}\nsubnetId: subnet-1", f"{_LEAST}\nsubnetId: subnet-2"),
    needs=(
        LIFECYCLE_CONFIG,
        LIFECYCLE_CONFIG.replace("name: notebooks", "name: notebooks-2"),
        CODE_REPOSITORY,
    ),
)
