"""What a plan is bound to besides documents and account: the tool, the variables and the options."""

from typing import Any

from controller.cli.options import Options
from controller.cli.output import version
from controller.core.digest import digest
from controller.manifests.variables import open_variables

_DIGITS = 16


def bound(asked: Options) -> dict[str, Any]:
    """What the fingerprint covers of a request; of variables no value is kept, and nothing of sensitive ones."""
    return {
        "tool_version": version(),
        "set": asked.set,
        "variables": {
            name: digest(value)[:_DIGITS] for name, value in sorted(open_variables(asked.variables).items())
        },
        "options": {
            "destroy": asked.destroy,
            "prune": asked.prune,
            "confirm_deletes": asked.confirm_deletes,
            "confirm_delete": list(asked.confirm_delete),
            "targets": list(asked.targets),
            "excludes": list(asked.excludes),
        },
    }


def source(asked: Options) -> dict[str, Any]:
    """Where the documents and the values were read, for whoever applies the saved plan."""
    return {"paths": list(asked.paths), **({"values": asked.values} if asked.values else {})}
