"""What is wrong with a spec, before anyone knows in which file it stands."""

from dataclasses import dataclass

from controller.core.finding import Code, Severity
from controller.core.path import Path


@dataclass(frozen=True)
class Trouble:
    """One violation; ``path`` is relative to ``spec``, in lowerCamelCase. Never holds a sensitive value."""

    code: Code
    path: Path
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
