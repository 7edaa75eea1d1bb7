"""The case of StudioLifecycleConfig."""

from tests.kinds.case import Case

_TYPE = "studioLifecycleConfigAppType: JupyterLab"

STUDIO_LIFECYCLE_CONFIG = Case(
    "idle-stop",
    _TYPE,
    frozen=(
        "studioLifecycleConfigContent: IyEvYmluL3NoCg==",
        "studioLifecycleConfigContent: IyEvYmluL2Jhc2gK",
    ),
)
