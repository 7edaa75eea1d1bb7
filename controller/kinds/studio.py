"""Shared columns of Studio's kinds: the settings of apps in a domain, a user profile and a space."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import Link, TargetForm
from controller.kinds.rule import Choice

# The value that removes an ARN (botocore's documentation of ResourceSpec: SageMakerImageVersionArn; unverified for the
# others, whose patterns contain it as well).
NONE = "None"

_APPS = (
    "JupyterServerAppSettings",
    "KernelGatewayAppSettings",
    "JupyterLabAppSettings",
    "CodeEditorAppSettings",
)
_LABS = ("JupyterLabAppSettings", "CodeEditorAppSettings")
_SCRIPTED = ("JupyterServerAppSettings", "KernelGatewayAppSettings", "JupyterLabAppSettings")
_CLONING = ("JupyterServerAppSettings", "JupyterLabAppSettings")
_USERS_ONLY = ("TensorBoardAppSettings", "RSessionAppSettings")

# Botocore's model: the blocks of each form of settings.
USER: Mapping[str, tuple[str, ...]] = {
    "DefaultResourceSpec": (*_APPS, *_USERS_ONLY),
    "LifecycleConfigArns": (*_SCRIPTED, "CodeEditorAppSettings"),
    "CodeRepositories": _CLONING,
    "CustomImages": (
        "KernelGatewayAppSettings",
        "JupyterLabAppSettings",
        "CodeEditorAppSettings",
        "RSessionAppSettings",
    ),
    "BuiltInLifecycleConfigArn": _LABS,
    "": (
        "SecurityGroups",
        "CustomFileSystemConfigs",
        "StudioWebPortalSettings.HiddenMlTools",
        "StudioWebPortalSettings.HiddenAppTypes",
        "StudioWebPortalSettings.HiddenInstanceTypes",
        "StudioWebPortalSettings.HiddenSageMakerImageVersionAliases",
        "JupyterLabAppSettings.EmrSettings.AssumableRoleArns",
        "JupyterLabAppSettings.EmrSettings.ExecutionRoleArns",
        "CanvasAppSettings.IdentityProviderOAuthSettings",
    ),
}
SHARED_SPACE: Mapping[str, tuple[str, ...]] = {
    "DefaultResourceSpec": _SCRIPTED,
    "LifecycleConfigArns": _SCRIPTED,
    "CodeRepositories": _CLONING,
    "CustomImages": ("KernelGatewayAppSettings", "JupyterLabAppSettings"),
    "BuiltInLifecycleConfigArn": ("JupyterLabAppSettings",),
    "": (
        "SecurityGroups",
        "CustomFileSystemConfigs",
        "JupyterLabAppSettings.EmrSettings.AssumableRoleArns",
        "JupyterLabAppSettings.EmrSettings.ExecutionRoleArns",
    ),
}
SPACE: Mapping[str, tuple[str, ...]] = {
    "DefaultResourceSpec": _APPS,
    "LifecycleConfigArns": ("JupyterServerAppSettings", "KernelGatewayAppSettings"),
    "CodeRepositories": _CLONING,
    "CustomImages": ("KernelGatewayAppSettings",),
    "": ("CustomFileSystems",),
}

_FILE_SYSTEMS = ("EFS", "FSxLustre", "S3")
_LISTS = ("LifecycleConfigArns", "CodeRepositories", "CustomImages")
_SPEC_LINKS = (
    ("SageMakerImageArn", "Image"),
    ("SageMakerImageVersionArn", "ImageVersion"),
    ("LifecycleConfigArn", "StudioLifecycleConfig"),
)
_CLEARED_OF_SPEC = ("SageMakerImageVersionArn", "LifecycleConfigArn", "TrainingPlanArn")

# Botocore's model; Update_Failed takes another update, Failed and Delete_Failed a deletion alone (developer guide,
# Domain entities and statuses).
STATUS_PHASES: Mapping[str, Phase] = {"Update_Failed": Phase.FAILED, "Delete_Failed": Phase.FAILED}

# The Terraform provider's issues (awscc#1847, aws#35382) show what Describe adds to settings.
USER_DEFAULTS: Mapping[str, Any] = {
    "DefaultLandingUri": "studio::",
    "StudioWebPortal": "ENABLED",
    "SharingSettings.NotebookOutputOption": "Disabled",
    "RStudioServerProAppSettings.AccessStatus": "DISABLED",
    "SpaceStorageSettings.DefaultEbsStorageSettings.DefaultEbsVolumeSizeInGb": 5,
    "SpaceStorageSettings.DefaultEbsStorageSettings.MaximumEbsVolumeSizeInGb": 100,
}


def resource_spec_links(at: str) -> tuple[Link, ...]:
    """The links of a ResourceSpec."""
    return tuple(Link(f"{at}.{member}", kind, TargetForm.ARN, none=NONE) for member, kind in _SPEC_LINKS)


def settings_links(at: str, form: Mapping[str, tuple[str, ...]]) -> tuple[Link, ...]:
    """The links of the settings at a member."""
    return tuple(_links(at, form))


def _links(at: str, form: Mapping[str, tuple[str, ...]]) -> Iterator[Link]:
    for app in form["DefaultResourceSpec"]:
        yield from resource_spec_links(f"{at}.{app}.DefaultResourceSpec")
    for app in form["LifecycleConfigArns"]:
        yield Link(f"{at}.{app}.LifecycleConfigArns[]", "StudioLifecycleConfig", TargetForm.ARN, none=NONE)
    for app in form.get("BuiltInLifecycleConfigArn", ()):
        yield Link(
            f"{at}.{app}.BuiltInLifecycleConfigArn", "StudioLifecycleConfig", TargetForm.ARN, none=NONE
        )
    for app in form["CustomImages"]:
        yield Link(f"{at}.{app}.CustomImages[].ImageName", "Image")
        yield Link(f"{at}.{app}.CustomImages[].AppImageConfigName", "AppImageConfig")


def settings_rules(at: str, form: Mapping[str, tuple[str, ...]]) -> tuple[Choice, ...]:
    """A file system in settings has exactly one form: a union in botocore's model."""
    return tuple(
        Choice(
            tuple(f"{kind}{files.removeprefix('Custom').removesuffix('s')}" for kind in _FILE_SYSTEMS),
            within=f"{at}.{files}[]",
            source="botocore's model, CustomFileSystem and CustomFileSystemConfig: unions",
        )
        for files in ("CustomFileSystems", "CustomFileSystemConfigs")
        if files in form[""]
    )


def settings_lists(at: str, form: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The lists of settings, whose order is irrelevant (the Terraform provider has them as sets)."""
    inside = (f"{app}.{member}" for member in _LISTS for app in form[member])
    return tuple(f"{at}.{path}" for path in (*inside, *form[""]))


def settings_cleared(at: str, form: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The values that remove members of settings: an empty list (terraform-provider-aws#35503), or None."""
    paths = [
        f"{app}.DefaultResourceSpec.{member}"
        for app in form["DefaultResourceSpec"]
        for member in _CLEARED_OF_SPEC
    ]
    paths += [f"{app}.BuiltInLifecycleConfigArn" for app in form.get("BuiltInLifecycleConfigArn", ())]
    return dict.fromkeys(settings_lists(at, form), ()) | {f"{at}.{path}": NONE for path in paths}
