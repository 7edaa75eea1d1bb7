"""The set that owns the resources of one cluster's operators: generated once, and stored in the cluster."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from controller.operator.constants import CORE, OWN_SET, objects
from controller.operator.kube.api import Api
from controller.operator.kube.request import ApiError, ApiPath
from controller.operator.secrets import kept_in

FORMER = "default"  # the set of every operator before a cluster had one of its own
_SET = "set"
_DIGITS = 5  # bytes: 2^40 different names
_log = logging.getLogger("sagectl.operator")


def own_set(api: Api, home: str, key: str) -> str:
    """The cluster's set, from a ConfigMap in the operator's namespace, which is created the first time.

    It is created before the key: a Secret ``key`` without a set belongs to an operator of a version without sets. That
    one continues with ``default``, or its resources would have another owner. If replicas start at the same time, the
    first to create the ConfigMap decides.

    Raises:
        ApiError: it can neither be read nor created.

    """
    path = objects(CORE, home, "configmaps")
    try:
        found = _read(api.get(path / OWN_SET))
    except ApiError as error:
        if not error.is_not_found:
            raise
        found = _create_set(api, path, _read_set(api, home, key) or f"k8s-{secrets.token_hex(_DIGITS)}")
    if found == FORMER:
        message = "another cluster may have the set 'default', too; docs/operator.md says how to move"
        _log.warning("the set is 'default', as before an upgrade", extra={"fields": {"why": message}})
    return found


def _create_set(api: Api, path: ApiPath, desired: str) -> str:
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": OWN_SET},
        "immutable": True,
        "data": {_SET: desired},
    }
    try:
        return _read(api.create(path, body))
    except ApiError as error:
        if not error.is_conflict:
            raise
    return _read(api.get(path / OWN_SET))  # another replica was faster


def _read_set(api: Api, home: str, key: str) -> str:
    """The set of an operator with a key; empty if there is no key yet."""
    try:
        return kept_in(api, home, key).get(_SET, FORMER)
    except ApiError as error:
        if error.is_not_found:
            return ""
        raise


def _read(found: Mapping[str, Any]) -> str:
    """The set in a ConfigMap.

    Raises:
        ApiError: its content is invalid.

    """
    message = str((found.get("data") or {}).get(_SET, ""))
    if not message:
        raise ApiError(0, f"the ConfigMap {OWN_SET} has no set; delete it, or give --set")
    return message
