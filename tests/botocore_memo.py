"""Memoized parts of botocore, which it derives again for each client and session although they are the same.

A test makes two or three clients, for an account of its own, and each takes 30 ms of CPU time, some five times as long
as a call. The model of a service, the 400 methods of its client, botocore's own handlers and the spelling of an event's
name depend on the data that the loader caches and on constants alone; with them kept, a session with its client takes
4 ms. A quarter of a call was its signature, which no server of these tests verifies; what the forked commands send is
signed.
"""

from copy import copy
from functools import lru_cache
from typing import Any

import botocore.auth
import botocore.client
import botocore.handlers
import botocore.hooks
import botocore.session
import botocore.useragent
from botocore.hooks import NodeList
from botocore.model import ServiceModel
from botocore.utils import EVENT_ALIASES

_aliased = botocore.hooks.EventAliaser._alias_event_name  # type: ignore[attr-defined]
_methods = botocore.client.ClientCreator._create_methods  # type: ignore[attr-defined]
_name_mapping = botocore.client.ClientCreator._create_name_mapping  # type: ignore[attr-defined]
_builtin_handlers = botocore.session.Session._register_builtin_handlers  # type: ignore[attr-defined]
_remove_item = botocore.hooks._PrefixTrie.remove_item  # type: ignore[attr-defined]
_handlers_of: dict[tuple[Any, ...], Any] = {}  # by botocore's list, to which moto adds
_names: dict[str, str] = {}
_PARTS = frozenset(EVENT_ALIASES)
_DOTTED = tuple(each for each in EVENT_ALIASES if "." in each)
_models: dict[int, ServiceModel] = {}  # by the identity of the loaded data, which the model holds
_names_of: dict[int, dict[str, str]] = {}
_UNSIGNED = "0" * 64
_methods_of: dict[int, dict[str, Any]] = {}  # by the identity of the model, which the methods hold


def memoize() -> None:
    """Replace them, in this process and its forks."""
    botocore.hooks.EventAliaser._alias_event_name = _alias_event_name  # type: ignore[attr-defined]
    accepts_kwargs: Any = lru_cache(512)(botocore.hooks.accepts_kwargs)
    botocore.hooks.accepts_kwargs = lambda func: accepts_kwargs(getattr(func, "__func__", func))
    tree: Any = botocore.hooks._PrefixTrie  # type: ignore[attr-defined]
    tree.__copy__, tree.append_item, tree.remove_item = _copy_handlers, _append_handler, _remove_handler
    botocore.session.Session._register_builtin_handlers = _register_builtin_handlers  # type: ignore[attr-defined]
    botocore.useragent.sanitize_user_agent_string_component = lru_cache(512)(
        botocore.useragent.sanitize_user_agent_string_component
    )
    botocore.client.ClientCreator._load_service_model = _load_service_model  # type: ignore[attr-defined]
    botocore.client.ClientCreator._create_methods = _create_methods  # type: ignore[attr-defined]
    botocore.client.ClientCreator._create_name_mapping = _create_name_mapping  # type: ignore[attr-defined]


def leave_unsigned() -> None:
    """Replace the signatures of this process by zeros."""
    botocore.auth.SigV4Auth.headers_to_sign = lambda *_: {"host": ""}  # type: ignore[assignment,method-assign]
    botocore.auth.SigV4Auth.canonical_request = lambda *_: ""  # type: ignore[method-assign]
    botocore.auth.SigV4Auth.signature = lambda *_: _UNSIGNED  # type: ignore[method-assign]


def _alias_event_name(self: Any, event_name: str) -> str:
    """Botocore has one table of aliases, a constant, and splits a name for each of them."""
    if event_name not in _names:
        known = _PARTS.intersection(event_name.split(".")) or any(each in event_name for each in _DOTTED)
        _names[event_name] = _aliased(self, event_name) if known else event_name
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


def _create_name_mapping(self: Any, service_model: ServiceModel) -> dict[str, str]:
    if id(service_model) not in _names_of:
        _names_of[id(service_model)] = _name_mapping(self, service_model)
    return _names_of[id(service_model)]


def _register_builtin_handlers(self: Any, events: Any) -> None:
    """A session begins with botocore's own handlers; the 140 of them are registered once, and copied."""
    known = tuple(botocore.handlers.BUILTIN_HANDLERS)
    if known not in _handlers_of:
        _builtin_handlers(self, events)
        _handlers_of[known] = copy(self._original_handler._handlers)
    self._original_handler._handlers = copy(_handlers_of[known])


def _copy_handlers(self: Any) -> Any:
    """The handlers of a session, for a client that may register more. They share nodes, and no node changes."""
    made = type(self)()
    made._root = self._root
    return made


def _append_handler(self: Any, key: str, value: Any, section: int = 1) -> None:
    self._root = _with_handler(self._root, key.split("."), value, section)


def _with_handler(node: dict[str, Any], parts: list[str], value: Any, section: int) -> dict[str, Any]:
    """The node with one more handler; 1 is the middle section of its values."""
    if not parts:
        values = [list(each) for each in node["values"] or ((), (), ())]
        values[section].append(value)
        return {**node, "values": NodeList(*values)}
    first, *rest = parts
    child = node["children"].get(first) or {"chunk": first, "values": None, "children": {}}
    return {**node, "children": {**node["children"], first: _with_handler(child, rest, value, section)}}


def _remove_handler(self: Any, key: str, value: Any) -> None:
    """Botocore's removal changes nodes: those of this client alone."""
    self.__dict__ = self._recursive_copy(self.__dict__)
    _remove_item(self, key, value)
