"""Which namespace works under which role, and what it may ask for, from a file. What it does not name is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.core.finding import Finding
from controller.engine.restrictions import Restrictions
from controller.gitops.settings import read_strict
from controller.manifests.document import Deletion, Mode
from controller.manifests.positions import Places
from controller.operator.accounts import Role, Tenants
from controller.operator.grants import ANY, Grant

if TYPE_CHECKING:  # pydantic is imported only where there is a file
    from controller.operator.tenants_model import DefaultsModel, NamespaceModel

_RESTRICTED = ("kinds", "adopt", "replace", "deletion")


class TenantsError(ValueError):
    """The file can't be used: ``findings`` are all that is wrong with it, with their places."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


def tenants(path: str | None, deletion_policy: Deletion | None = None) -> Tenants:
    """Read the file; without one every namespace works under the operator's own identity.

    Args:
        path: the file, if there is one.
        deletion_policy: the operator's own default, for namespaces of which the file gives none.

    Raises:
        TenantsError: it can't be read, or says something unknown.

    """
    if path is None:
        return Tenants(others=Grant(Restrictions(default_deletion=deletion_policy)))
    from controller.gitops.settings_model import IgnoreTagsModel
    from controller.operator.tenants_model import AllowModel, DefaultsModel, NamespaceModel, TenantsModel

    known = (TenantsModel, NamespaceModel, DefaultsModel, AllowModel, IgnoreTagsModel)
    model, places, wrong = read_strict(Path(path), TenantsModel, known)
    if model is None or wrong:
        raise TenantsError(wrong)
    named = {name: given or NamespaceModel() for name, given in model.namespaces.items()}
    reader = _Grants(model.defaults, places, deletion_policy)
    return Tenants(
        roles={name: _role(given) for name, given in named.items()},
        across_namespaces=model.across_namespaces,
        by_approval=frozenset(name for name, given in named.items() if given.mode == Mode.PLAN.value),
        grants={name: reader.grant(name, given) for name, given in named.items()},
    )


def _role(given: "NamespaceModel") -> Role:
    return Role(given.role_arn or "", given.external_id or "", given.region or "")


class _Grants:
    """Makes the grants of namespaces: what each says, else the file's defaults, else the operator's."""

    def __init__(self, defaults: "DefaultsModel", places: Places, deletion_policy: Deletion | None) -> None:
        self._defaults, self._places, self._deletion_policy = defaults, places, deletion_policy

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
            restrictions = restrictions.with_tags(layer.default_tags, layer.ignore_tags.ignored())
        return Grant(
            restrictions,
            rules=rules,
            **{name: _plural(name, value) for name, value in document.items()},
        )

    def _position_of(self, path: tuple[str, ...]) -> str:
        """``tenants.yaml:7:5: namespaces.risk.allow.kinds``; of the file its name alone, for tenants read it."""
        origin = self._places.nearest(path)
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
