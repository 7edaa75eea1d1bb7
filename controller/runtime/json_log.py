"""Logs as JSON, one line each; ``turn`` is the id that leads from an event to the calls to AWS."""

import json
import logging
import sys
from datetime import UTC, datetime

_QUIET = ("kopf.objects", "kopf.activities", "aiohttp", "urllib3", "botocore")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


def log_to_stderr(*, verbose: bool) -> None:
    """Set logging up for the process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("kopf", "asyncio"):
        logging.getLogger(name).setLevel(logging.INFO)
