"""Findings: what is wrong in documents and settings, with location, code, hint and remedy.

The same message is printed by a command and written to the status of a GitSync, and each has its own way to carry out a
remedy. So a message holds a placeholder, ``Remedy.PRUNE`` or ``Remedy.CONFIRM.of("Endpoint/a")``, which the command or
the operator replaces from one table. Text from outside can't contain one: the marks are private characters of Unicode.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from controller.core.path import Path, dotted_path

_OPEN, _CLOSE, _GAP = "\ue000", "\ue001", "\ue002"
_PLACEHOLDER = re.compile(f"{_OPEN}([a-z-]+)(?:{_GAP}([^{_OPEN}{_CLOSE}]*))?{_CLOSE}")


class Remedy(Enum):
    """What a user can do; command line, GitSync and Kubernetes object have a spelling each."""

    PRUNE = "prune"
    CONFIRM = "confirm"  # of deletions by name
    CONFIRM_NUMBER = "confirm-number"
    SET = "set"
    REBUILD = "rebuild"  # of a set
    INVENTORY = "inventory"
    VARIABLE = "variable"  # of a name
    REGION = "region"
    PATHS = "paths"
    SAVED_PLAN = "saved-plan"
    # Of a creation of which no response was received, and whose document is removed.
    UNFINISHED = "unfinished"

    def __str__(self) -> str:
        """The placeholder."""
        return self.of()

    def of(self, *about: object) -> str:
        """The placeholder, with what it is about."""
        return f"{_OPEN}{self.value}{_GAP}{_GAP.join(map(str, about))}{_CLOSE}"


@dataclass(frozen=True)
class Advice:
    """The spellings of the remedies for one way to run a plan: functions of the texts that a remedy is about."""

    name: str
    spellings: Mapping[Remedy, Callable[..., str]]

    def expand(self, text: str) -> str:
        """A message without placeholders."""
        return _PLACEHOLDER.sub(self._one, text) if _OPEN in text else text

    def _one(self, found: re.Match[str]) -> str:
        about = (found[2] or "").split(_GAP) if found[2] else []
        return self.spellings[Remedy(found[1])](*about)


class Severity(Enum):
    """Whether the run may continue."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """The stable code of a finding; ``docs/findings.md`` has an entry for each."""

    UNREADABLE_FILE = "SG001"
    SYNTAX = "SG002"
    DUPLICATE_KEY = "SG003"
    ALIAS = "SG004"
    TAG = "SG005"
    LIMIT = "SG006"
    AMBIGUOUS_SCALAR = "SG007"
    NOT_JSON = "SG008"
    NOT_A_DOCUMENT = "SG009"
    EMPTY = "SG010"
    FOREIGN_DOCUMENT = "SG011"
    UNKNOWN_KIND = "SG012"
    ENVELOPE = "SG013"
    DUPLICATE_IDENTITY = "SG014"
    UNKNOWN_FIELD = "SG020"
    REQUIRED = "SG021"
    TYPE = "SG022"
    ENUM = "SG023"
    RANGE = "SG024"
    PATTERN = "SG025"
    LITERAL_SECRET = "SG026"  # noqa: S105 - a code
    BAD_SECRET = "SG027"  # noqa: S105 - a code
    BAD_JSON = "SG028"
    RULE = "SG029"
    UNDEFINED_VARIABLE = "SG030"
    BAD_REFERENCE = "SG031"
    CYCLE = "SG032"
    CROSS_NAMESPACE = "SG033"
    SAME_AWS_NAME = "SG034"
    UNPROTECTABLE = "SG038"
    SETTINGS = "SG040"
    WRONG_ACCOUNT = "SG041"
    INVENTORY = "SG042"
    SOURCE = "SG050"
    UNREACHABLE = "SG051"
    LOGIN = "SG052"
    UNTRUSTED_SERVER = "SG053"
    NO_REVISION = "SG054"
    NO_PATH = "SG055"
    NO_FILES = "SG056"
    SIGNATURE = "SG057"
    LINK = "SG058"
    SUBMODULE = "SG059"
    FILTER = "SG060"
    LFS_POINTER = "SG061"
    UNSAFE_NAME = "SG062"
    NAME_COLLISION = "SG063"
    BROKEN_OBJECT = "SG064"
    MISSING_ALARM = "SG070"
    ALARM_NOT_OK = "SG071"
    ROLE = "SG072"
    MISSING_IMAGE = "SG073"
    MISSING_OBJECT = "SG074"
    QUOTA = "SG075"
    NOT_CHECKED = "SG079"
    UNTRANSLATED_TYPE = "SG080"
    UNTRANSLATED_MEMBER = "SG081"
    UNTRANSLATED_VALUE = "SG082"
    DECIDED_CONDITION = "SG083"


@dataclass(frozen=True, order=True, slots=True)
class Origin:
    """A position in a source: file (or ``<stdin>``), line and column, both from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """``file:line:column``, as editors and compilers write it."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Finding:
    """One error or warning: what, where, and a hint how to correct it. Never holds a secret's value."""

    code: Code
    message: str
    origin: Origin | None = None
    path: Path = ()
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """``file:line:col: error SG021: spec.roleArn: message (hint)``."""
        location = f"{self.origin}: " if self.origin else ""
        where = f"{dotted_path(self.path)}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{location}{self.severity.value} {self.code.value}: {where}{self.message}{hint}"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by origin, then code, so that the same tree prints the same lines."""
    return tuple(
        sorted(findings, key=lambda f: (f.origin or Origin(""), f.code.value, dotted_path(f.path), f.message))
    )


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that stop the run."""
    return tuple(f for f in findings if f.severity is Severity.ERROR)
