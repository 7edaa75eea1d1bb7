"""The case of NotebookInstanceLifecycleConfig."""

from tests.kinds.case import Case

_ONE, _TWO = "[{content: IyEvYmluL3NoCg==}]", "[{content: IyEvYmluL2Jhc2gK}]"

NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG = Case(
    "notebooks",
    "",
    changes={
        "OnCreate": (f"onCreate: {_ONE}\nonStart: {_ONE}", f"onCreate: {_TWO}\nonStart: {_ONE}"),
        "OnStart": (f"onCreate: {_ONE}\nonStart: {_ONE}", f"onCreate: {_ONE}\nonStart: {_TWO}"),
    },
)
