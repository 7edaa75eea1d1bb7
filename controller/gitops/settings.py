"""``sagectl.yaml`` at the root of a tree: the command line's settings, and a guard of the account.

Read as strictly as the documents: the same reader, and findings with positions.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Origin
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import RawDocument, read

if TYPE_CHECKING:  # pydantic is imported only where there are settings
    from controller.gitops.settings_model import StrictModel
    from controller.gitops.settings_syncs import SyncsModel
    from controller.manifests.document import OriginMap

_M = TypeVar("_M", bound="StrictModel")
FILE = "sagectl.yaml"
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """The contents of the file. A run for another ``account`` or ``region`` is refused.

    ``part`` is whether the run reads less than the file's tree.
    """

    file: str = ""
    account: str | None = None
    region: str | None = None
    given: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    variables: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    sensitive_variables: frozenset[str] = frozenset()
    part: bool = False

    def chosen(self) -> dict[str, Any]:
        """The settings by the names of the command line's options."""
        return {**self.given, **({"region": self.region} if self.region else {})}


NO_SETTINGS = Settings()


def read_settings(paths: Sequence[str]) -> tuple[Settings, tuple[Finding, ...]]:
    """Read the settings of the tree that the paths belong to; without a file there are none.

    The file is in the folder that a path names or, if a part of a tree is named, in the nearest one above. Standard
    input (``-``) belongs to the working folder.
    """
    files = {found.resolve(): found for path in paths if (found := settings_above(path))}
    if len(files) > 1:
        files_text = " and ".join(map(str, files.values()))
        message = f"the paths belong to several trees: {files_text}; run them one by one"
        return NO_SETTINGS, (Finding(Code.SETTINGS, message, Origin(str([*files.values()][-1]))),)
    if not files:
        return NO_SETTINGS, ()
    ((real, file),) = files.items()
    raw, findings = _read_mapping(file)
    if raw is None or findings:
        return NO_SETTINGS, findings
    settings, findings = _check_settings(str(file), raw)
    whole = any(path != "-" and Path(path).resolve() == real.parent for path in paths)
    return (settings if whole or not settings.file else replace(settings, part=True)), findings


def settings_above(path: str) -> Path | None:
    """The settings file of a path's tree: at it or above it, within its git repository, else the working folder."""
    start = Path() if path == "-" else Path(path)
    real = (start if start.is_dir() else start.parent).resolve()
    found = next((folder / FILE for folder in _parent_folders(real) if (folder / FILE).is_file()), None)
    return Path(os.path.relpath(found)) if found and not start.is_absolute() else found


def _parent_folders(folder: Path) -> Iterator[Path]:
    """The folder and those above it, to the root of its repository; outside of one to the working folder."""
    above = (folder, *folder.parents)
    repository = next((each for each in above if (each / ".git").exists()), None)
    last = repository or (Path.cwd() if folder.is_relative_to(Path.cwd()) else folder)
    yield from takewhile(lambda each: each.is_relative_to(last), above)


def read_values(file: Path) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Read a values file: a mapping of names to strings, numbers and booleans."""
    raw, findings = _read_mapping(file)
    values = dict(raw.value) if raw else {}
    wrong = tuple(
        Finding(
            Code.SETTINGS,
            "a value must be a string, a number or a boolean",
            raw.origins.nearest((name,)),
            (name,),
        )
        for name, value in values.items()
        if raw and not isinstance(value, str | int | float | bool)
    )
    return values, findings + wrong


def _read_mapping(file: Path) -> tuple[RawDocument | None, tuple[Finding, ...]]:
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
        return RawDocument({}, _file_start(file)), ()
    if len(source.documents) > 1 or not isinstance(source.documents[0].value, dict):
        return None, (Finding(Code.SETTINGS, "expected one object", Origin(str(file))),)
    return source.documents[0], ()


def _file_start(file: Path) -> Any:
    from controller.manifests.document import OriginMap

    return OriginMap(str(file))


def _check_settings(file: str, raw: RawDocument) -> tuple[Settings, tuple[Finding, ...]]:
    from controller.gitops.settings_model import IgnoreTagsModel, SettingsModel

    model, found = _validate(SettingsModel, raw, [*_names(SettingsModel), *_names(IgnoreTagsModel)])
    if model is None:
        return NO_SETTINGS, found
    hidden = frozenset(model.sensitive_variables)
    given = model.given_settings()
    if model.inventory:
        given["inventory"] = _inventory_location(file, model.inventory)
    return Settings(file, model.account, model.region, given, model.variables, hidden), ()


def _inventory_location(file: str, inventory: str) -> str:
    """The location of an inventory that a file names: a relative path is relative to the file's folder."""
    folder = "/" if inventory.endswith("/") else ""
    return inventory if "://" in inventory else f"{Path(file).parent / inventory}{folder}"


def read_syncs(file: Path) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    """Read a file of syncs; None if it has errors."""
    raw, findings = _read_mapping(file)
    if raw is None or findings:
        return None, findings
    return _syncs(raw)


def read_strict(
    file: Path, model: "type[_M]", known: "Sequence[type[StrictModel]]"
) -> "tuple[_M | None, OriginMap, tuple[Finding, ...]]":
    """Read a file of another shape as strictly, with its positions; ``known`` are the models of its members."""
    raw, findings = _read_mapping(file)
    if raw is None or findings:
        return None, _file_start(file), findings
    parsed_model, wrong = _validate(model, raw, [name for each in known for name in _names(each)])
    return parsed_model, raw.origins, wrong


def syncs_of(document: Mapping[str, Any]) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    """Syncs from another source than a file, validated like those of a file."""
    return _syncs(RawDocument(dict(document), _file_start(Path("the options"))))


def _syncs(raw: RawDocument) -> "tuple[SyncsModel | None, tuple[Finding, ...]]":
    from controller.gitops import settings_syncs as models
    from controller.gitops.settings_model import StrictModel

    every = [
        each for each in vars(models).values() if isinstance(each, type) and issubclass(each, StrictModel)
    ]
    return _validate(models.SyncsModel, raw, [name for model in every for name in _names(model)])


def _names(model: "type[StrictModel]") -> list[str]:
    return [known.alias or name for name, known in model.model_fields.items()]


def _validate(
    model: "type[_M]", raw: RawDocument, names: list[str]
) -> "tuple[_M | None, tuple[Finding, ...]]":
    from pydantic import ValidationError

    try:
        return model.model_validate(raw.value), ()
    except ValidationError as error:
        return None, tuple(_finding(one, raw, names) for one in error.errors(include_input=False))


def _finding(error: Any, raw: RawDocument, names: list[str]) -> Finding:
    path = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), names)
        return Finding(Code.SETTINGS, "there is no such setting", raw.origins.nearest(path), path, hint)
    hint = "put it in quotes" if error["type"] == "string_type" else ""
    return Finding(Code.SETTINGS, error["msg"], raw.origins.nearest(path), path, hint)
