"""What a plan is bound to besides documents and account: the tool, the variables and the options."""

from typing import Any

from controller.cli.options import Options
from controller.cli.output import version
from controller.cli.saved_plan import OPTIONS
from controller.core.digest import digest
from controller.manifests.variables import open_variables

_DIGITS = 16


def bound(options: Options) -> dict[str, Any]:
    """What the fingerprint covers of a request; of variables no value is kept, and nothing of sensitive ones."""
    return {
        "tool_version": version(),
        "set": options.set,
        "variables": {
            name: digest(value)[:_DIGITS] for name, value in sorted(open_variables(options.variables).items())
        },
        "options": {name: _plain(getattr(options, name)) for name in OPTIONS},
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def source(options: Options) -> dict[str, Any]:
    """Where the documents and the values were read, for whoever applies the saved plan."""
    return {"paths": list(options.paths), **({"values": options.values} if options.values else {})}
