"""Memoized parts of botocore: what it derives anew for each client and each session, and is the same for all.

A test makes two or three clients, for an account of its own, and each takes 30 ms of CPU time, some five times as long
as a call. The model of a service, the 400 methods of its client and the spelling of an event's name depend on the data
that the loader caches and on constants alone; with them kept, a client takes 8 ms. A quarter of a call was its
signature, which no server of these tests verifies; what the forked commands send is signed as ever.
"""

from functools import lru_cache
from typing import Any

import botocore.auth
import botocore.client
import botocore.hooks
import botocore.useragent
from botocore.model import ServiceModel

_aliased = botocore.hooks.EventAliaser._alias_event_name  # type: ignore[attr-defined]
_methods = botocore.client.ClientCreator._create_methods  # type: ignore[attr-defined]
_names: dict[str, str] = {}
_models: dict[int, ServiceModel] = {}  # by the identity of the loaded data, which the model holds
_UNSIGNED = "0" * 64
_methods_of: dict[int, dict[str, Any]] = {}  # by the identity of the model, which the methods hold


def memoize() -> None:
    """Replace them, in this process."""
    botocore.hooks.EventAliaser._alias_event_name = _alias_event_name  # type: ignore[attr-defined]
    botocore.hooks.accepts_kwargs = lru_cache(512)(botocore.hooks.accepts_kwargs)
    botocore.useragent.sanitize_user_agent_string_component = lru_cache(512)(
        botocore.useragent.sanitize_user_agent_string_component
    )
    botocore.client.ClientCreator._load_service_model = _load_service_model  # type: ignore[attr-defined]
    botocore.client.ClientCreator._create_methods = _create_methods  # type: ignore[attr-defined]
    botocore.auth.SigV4Auth.headers_to_sign = lambda *_: {"host": ""}  # type: ignore[assignment,method-assign]
    botocore.auth.SigV4Auth.canonical_request = lambda *_: ""  # type: ignore[method-assign]
    botocore.auth.SigV4Auth.signature = lambda *_: _UNSIGNED  # type: ignore[method-assign]


def _alias_event_name(self: Any, event_name: str) -> str:
    """Botocore has one table of aliases, a constant."""
    if event_name not in _names:
        _names[event_name] = _aliased(self, event_name)
    return _names[event_name]


def _load_service_model(self: Any, service_name: str, api_version: str | None = None) -> ServiceModel:
    data = self._loader.load_service_model(service_name, "service-2", api_version=api_version)
    if id(data) not in _models:
        _models[id(data)] = ServiceModel(data, service_name=service_name)
    return _models[id(data)]


def _create_methods(self: Any, service_model: ServiceModel) -> dict[str, Any]:
    if id(service_model) not in _methods_of:
        _methods_of[id(service_model)] = _methods(self, service_model)
    return dict(_methods_of[id(service_model)])
