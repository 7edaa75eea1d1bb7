"""The structured log of all long-running processes: one line each, as JSON or as text, with controller-runtime's keys.

``ts``, ``level``, ``logger`` and ``msg`` come first; ``kind``, ``namespace`` and ``name`` identify the object.
``reconcileID`` connects an event with the AWS calls that it caused.
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from controller.core.ref import Ref

_QUIET = ("kopf.objects", "kopf.activities", "aiohttp", "urllib3", "botocore")
_SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@+,")
_RESERVED = ("ts", "level", "logger", "msg")


def object_fields(ref: Ref) -> dict[str, str]:
    """The keys that identify the object of a line."""
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def frames(error: BaseException) -> str:
    """The stack of an exception, without its text, which may contain secrets."""
    import traceback

    return "".join(traceback.format_tb(error.__traceback__))


def line(
    at: float, level: str, logger: str, msg: str, fields: Mapping[str, Any], *, as_json: bool = True
) -> str:
    """A line without its end; ``at`` is seconds since 1970. A field never replaces one of the first four keys."""
    ts = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    more = {f"{name}_" if name in _RESERVED else name: value for name, value in fields.items()}
    by_name = {"ts": ts, "level": level, "logger": logger, "msg": msg, **more}
    if as_json:
        return json.dumps(by_name, ensure_ascii=False, default=str)
    return " ".join(f"{name}={_quote(str(value))}" for name, value in by_name.items())


def _quote(value: str) -> str:
    return value if value and set(value) <= _SIMPLE else json.dumps(value)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["stacktrace"] = self.formatException(record.exc_info)
        return line(record.created, record.levelname.lower(), record.name, record.getMessage(), fields)


def log_to_stderr(*, verbose: bool) -> None:
    """Set up logging for the process, kopf's, aiohttp's and urllib3's loggers included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("kopf", "asyncio"):
        logging.getLogger(name).setLevel(logging.INFO)
