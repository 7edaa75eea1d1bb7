"""``sagectl.yaml`` at the root of a tree: the command line's settings, and a guard of the account.

Read as strictly as the documents: the same reader, and findings with places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from controller.core.didyoumean import did_you_mean
from controller.core.finding import Code, Finding, Origin
from controller.desired.limits import Limits
from controller.desired.yaml_source import Raw, read

if TYPE_CHECKING:  # pydantic is imported only where there are settings
    from controller.fronts.settings_model import Strict
    from controller.fronts.settings_syncs import SyncsModel

_M = TypeVar("_M", bound="Strict")
FILE = "sagectl.yaml"
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """What the file says. ``account`` and ``region`` guard: a run for others is refused."""

    file: str = ""
    account: str | None = None
    region: str | None = None
    given: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    variables: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def chosen(self) -> dict[str, Any]:
        """The settings under the names of the options."""
        return {**self.given, **({"region": self.region} if self.region else {})}


NO_SETTINGS = Settings()


def read_settings(paths: Sequence[str]) -> tuple[Settings, tuple[Finding, ...]]:
    """Read the settings of the first folder among the paths; none there are no settings."""
    folder = next((Path(path) for path in paths if path != "-" and Path(path).is_dir()), None)
    file = folder / FILE if folder else None
    if file is None or not file.is_file():
        return NO_SETTINGS, ()
    raw, findings = _mapping(file)
    if raw is None or findings:
        return NO_SETTINGS, findings
    return _checked(str(file), raw)


def read_values(file: Path) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Read a values file: a mapping of names to texts, numbers and truth values."""
    raw, findings = _mapping(file)
    values = dict(raw.value) if raw else {}
    wrong = tuple(
        Finding(
            Code.SETTINGS, "a value is a text, a number, true or false", raw.places.nearest((name,)), (name,)
        )
        for name, value in values.items()
        if raw and not isinstance(value, str | int | float | bool)
    )
    return values, findings + wrong


def _mapping(file: Path) -> tuple[Raw | None, tuple[Finding, ...]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        return None, (
            Finding(Code.UNREADABLE_FILE, f"it can't be read: {error.strerror}", Origin(str(file))),
        )
    source = read(str(file), data, Limits())
    if source.findings:
        return None, source.findings
    if not source.documents:
        return Raw({}, _nowhere(file)), ()
    if len(source.documents) > 1 or not isinstance(source.documents[0].value, dict):
        return None, (Finding(Code.SETTINGS, "one mapping is expected here", Origin(str(file))),)
    return source.documents[0], ()


def _nowhere(file: Path) -> Any:
    from controller.desired.places import Places

    return Places(str(file), {})


def _checked(file: str, raw: Raw) -> tuple[Settings, tuple[Finding, ...]]:
    from controller.fronts.settings_model import SettingsModel

    told, found = _validated(SettingsModel, raw, _names(SettingsModel))
    if told is None:
        return NO_SETTINGS, found
    return Settings(file, told.account, told.region, told.given(), told.variables), ()


def read_syncs(file: Path) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    """Read a file of syncs; None where anything is wrong with it."""
    raw, findings = _mapping(file)
    if raw is None or findings:
        return None, findings
    return _syncs(raw)


def syncs_of(told: Mapping[str, Any]) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    """Syncs from elsewhere than a file, judged as those of a file."""
    return _syncs(Raw(dict(told), _nowhere(Path("the options"))))


def _syncs(raw: Raw) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    from controller.fronts import settings_syncs as models
    from controller.fronts.settings_model import Strict

    every = [each for each in vars(models).values() if isinstance(each, type) and issubclass(each, Strict)]
    return _validated(models.SyncsModel, raw, [name for model in every for name in _names(model)])


def _names(model: "type[Strict]") -> list[str]:
    return [known.alias or name for name, known in model.model_fields.items()]


def _validated(model: "type[_M]", raw: Raw, names: list[str]) -> "tuple[_M | None, tuple[Finding, ...]]":
    from pydantic import ValidationError

    try:
        return model.model_validate(raw.value), ()
    except ValidationError as error:
        return None, tuple(_finding(one, raw, names) for one in error.errors(include_input=False))


def _finding(error: Any, raw: Raw, names: list[str]) -> Finding:
    path = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), names)
        return Finding(Code.SETTINGS, "there is no such setting", raw.places.nearest(path), path, hint)
    hint = "put it in quotes" if error["type"] == "string_type" else ""
    return Finding(Code.SETTINGS, error["msg"], raw.places.nearest(path), path, hint)
