"""Which namespace works under which role, from a file. Deny by default: what it does not name gets nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.core.finding import errors
from controller.desired.document import Mode
from controller.desired.limits import Limits
from controller.desired.yaml_source import read
from controller.operator.accounts import Role, Tenants

_TOP = frozenset({"namespaces", "acrossNamespaces"})
_FIELDS = {"roleArn": "arn", "externalId": "external_id", "region": "region"}
_MODES = (Mode.APPLY.value, Mode.PLAN.value)


class TenantsError(ValueError):
    """The file can't be understood; nothing is allowed on its word."""


def tenants(path: str | None) -> Tenants:
    """Read the file; without one every namespace works under the operator's own identity.

    Raises:
        TenantsError: it can't be read, or says something unknown.

    """
    if path is None:
        return Tenants()
    try:
        source = read(path, Path(path).read_bytes(), Limits())
    except OSError as error:
        raise TenantsError(f"{path} can't be read: {error.strerror}") from error
    wrong = errors(source.findings)
    if wrong or len(source.documents) != 1:
        raise TenantsError(str(wrong[0]) if wrong else f"{path} must hold one document")
    told = _mapping(source.documents[0].value, _TOP, path)
    across = told.get("acrossNamespaces", False)
    if not isinstance(across, bool):
        raise TenantsError(f"{path}: acrossNamespaces is true or false")
    named = told.get("namespaces") or {}
    if not isinstance(named, Mapping):
        raise TenantsError(f"{path}: namespaces is a mapping of namespaces to roles")
    roles = {name: _role(role, f"{path}: {name}") for name, role in named.items()}
    planned = frozenset(name for name, role in named.items() if (role or {}).get("mode") == Mode.PLAN.value)
    return Tenants(roles, across, planned)


def _role(told: Any, where: str) -> Role:
    given = _mapping(told or {}, frozenset({*_FIELDS, "mode"}), where)
    if not all(isinstance(value, str) and value for value in given.values()):
        raise TenantsError(f"{where}: {', '.join(sorted(_FIELDS))} are texts")
    if given.get("mode", Mode.APPLY.value) not in _MODES:
        raise TenantsError(f"{where}: mode is {' or '.join(_MODES)}")
    return Role(**{_FIELDS[name]: value for name, value in given.items() if name in _FIELDS})


def _mapping(told: Any, known: frozenset[str], where: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping) or set(told) - known:
        raise TenantsError(f"{where}: a mapping with {', '.join(sorted(known))} is wanted")
    return told
