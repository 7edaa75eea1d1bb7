"""StudioLifecycleConfig: a script that Studio apps run when they start; nothing but its tags can be changed."""

from controller.kinds.columns import Generations
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Display, Kind, Lifecycle, Write
from controller.kinds.rule import Form

STUDIO_LIFECYCLE_CONFIG = Kind(
    name="StudioLifecycleConfig",
    write=Write(
        rules=(
            Form(
                "StudioLifecycleConfigContent",
                r"([A-Za-z0-9+/]|\s)+={0,2}\s*",
                "be base64 (`base64 -w0 script.sh`)",
                source="API reference, CreateStudioLifecycleConfig: the content must be base64 encoded",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        # "A new script needs a new configuration" (developer guide, Lifecycle configurations with Studio). The service
        # refuses to delete one that settings or running apps name (API reference, DeleteStudioLifecycleConfig).
        generations=Generations(),
    ),
    display=Display(columns=(DisplayColumn("StudioLifecycleConfigAppType"),)),
)
