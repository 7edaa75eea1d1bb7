"""GitSyncs of the tests."""

from typing import Any

from controller.crds.catalog import SYNC

Json = dict[str, Any]


def gitsync_object(url: str, name: str = "prod", source: Json | None = None, **spec: Any) -> Json:
    """A GitSync of branch main, with short intervals; ``source`` and ``spec`` override the defaults."""
    return {
        "apiVersion": SYNC.api_version,
        "kind": SYNC.kind,
        "metadata": {"name": name},
        "spec": {
            "source": {"url": url, "ref": {"branch": "main"}, **(source or {})},
            "interval": "10s",
            "driftInterval": "10s",
            **spec,
        },
    }
