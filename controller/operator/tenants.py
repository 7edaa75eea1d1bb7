"""The tenants file: the role and the permissions of each namespace."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Finding
from controller.engine.restrictions import Restrictions
from controller.gitops.settings import read_strict
from controller.gitops.settings_model import Label, StrictModel, TagsModel, Text
from controller.manifests.document import Adopt, Deletion, Mode, OriginMap
from controller.operator.accounts import Role, Tenants
from controller.operator.constants import KIND_NAMES
from controller.operator.grants import ANY, Grant


def _kind(name: str) -> str:
    if name not in KIND_NAMES and name != "*":
        raise ValueError(f"there is no such kind {did_you_mean(name, KIND_NAMES)}".rstrip())
    return name


Kind = Annotated[str, AfterValidator(_kind)]
SetName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\*?$")]
# The host must be complete, so that no entry allows another host with the same prefix.
Repository = Annotated[str, Field(pattern=r"^(https|ssh)://[^/\s*]+/[^\s*]*\*?$|^\*$")]
HostName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$")]
Namespace = Label | Literal["*"]


class AllowModel(StrictModel):
    """The permissions of a namespace's documents."""

    kinds: list[Kind] | None = None
    adopt: Annotated[Adopt, Field(strict=False)] | None = None
    replace: bool | None = None
    deletion: bool | None = None
    sets: list[SetName] | None = None
    source_repos: list[Repository] | None = None
    report_hosts: list[HostName] | None = None
    message_hosts: list[HostName] | None = None


class DefaultsModel(TagsModel):
    """The defaults of namespaces."""

    allow: AllowModel = Field(default_factory=AllowModel)
    deletion_policy: Annotated[Deletion, Field(strict=False)] | None = None


class NamespaceModel(DefaultsModel):
    """The role and the permissions of a namespace."""

    role_arn: Text | None = None
    external_id: Text | None = None
    region: Text | None = None
    mode: Literal["Apply", "Plan"] = "Apply"


class TenantsModel(StrictModel):
    """The whole file; a namespace that it does not name, nor covers by ``*``, is refused."""

    namespaces: dict[Namespace, NamespaceModel | None]
    defaults: DefaultsModel = Field(default_factory=DefaultsModel)
    across_namespaces: bool = False


_RESTRICTED = ("kinds", "adopt", "replace", "deletion")


class TenantsError(ValueError):
    """The file is invalid: ``findings`` are all errors, with their positions."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


def tenants(path: str | None, deletion_policy: Deletion | None = None) -> Tenants:
    """Read the file; without one every namespace works under the operator's own identity.

    Args:
        path: the file, if there is one.
        deletion_policy: the operator's default, for namespaces without one in the file.

    Raises:
        TenantsError: it can't be read, or is invalid.

    """
    if path is None:
        return Tenants(others=Grant(Restrictions(default_deletion=deletion_policy)))
    from controller.gitops.settings_model import IgnoreTagsModel

    known = (TenantsModel, NamespaceModel, DefaultsModel, AllowModel, IgnoreTagsModel)
    model, origins, wrong = read_strict(Path(path), TenantsModel, known)
    if model is None or wrong:
        raise TenantsError(wrong)
    named = {name: given or NamespaceModel() for name, given in model.namespaces.items()}
    reader = _Grants(model.defaults, origins, deletion_policy)
    return Tenants(
        roles={name: _role(given) for name, given in named.items()},
        across_namespaces=model.across_namespaces,
        by_approval=frozenset(name for name, given in named.items() if given.mode == Mode.PLAN.value),
        grants={name: reader.grant(name, given) for name, given in named.items()},
    )


def _role(given: "NamespaceModel") -> Role:
    return Role(given.role_arn or "", given.external_id or "", given.region or "")


class _Grants:
    """Builds the grants of namespaces: from their entries, else the file's defaults, else the operator's."""

    def __init__(
        self, defaults: "DefaultsModel", origins: OriginMap, deletion_policy: Deletion | None
    ) -> None:
        self._defaults, self._origins, self._deletion_policy = defaults, origins, deletion_policy

    def grant(self, namespace: str, given: "DefaultsModel") -> Grant:
        """The grant of one namespace."""
        document: dict[str, Any] = {}
        rules: dict[str, str] = {}
        layers = ((("defaults",), self._defaults), (("namespaces", namespace), given))
        for path, layer in layers:
            for name, value in layer.allow.model_dump(exclude_none=True).items():
                document[name] = value
                rules[name] = self._position_of((*path, "allow", _camel(name)))
        default = given.deletion_policy or self._defaults.deletion_policy
        limits = {name: document.pop(name) for name in _RESTRICTED if name in document}
        deletion = default or self._deletion_policy
        restrictions = Restrictions(**_restrictions(limits), default_deletion=deletion, rules=rules)
        for _, layer in layers:
            restrictions = restrictions.with_tags(layer.default_tags, layer.ignore_tags.ignored_tags())
        return Grant(
            restrictions,
            rules=rules,
            **{name: _plural(name, value) for name, value in document.items()},
        )

    def _position_of(self, path: tuple[str, ...]) -> str:
        """``tenants.yaml:7:5: namespaces.risk.allow.kinds``, without the file's folder, because tenants see it."""
        origin = self._origins.nearest(path)
        return f"{Path(origin.file).name}:{origin.line}:{origin.column}: {'.'.join(path)}"


def _restrictions(limits: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(limits)
    if "kinds" in found:
        found["kinds"] = None if ANY in found["kinds"] else frozenset(found["kinds"])
    return found


def _plural(name: str, value: list[str]) -> Any:
    return frozenset(value) if name.endswith("_hosts") else tuple(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
