"""What documents may read of our surroundings: whoever may push must not read them all."""

from collections.abc import Callable, Mapping
from typing import Any

from controller.gitops.context import SyncContext
from controller.gitops.sync_spec import Sync


def allowed(sync: Sync, context: SyncContext) -> Callable[[Mapping[str, Any]], str]:
    """A reader of the secrets that a sync lets its documents name.

    Raises (when asked):
        KeyError: the sync lets nobody read that.

    """

    def read(reference: Mapping[str, Any]) -> str:
        name, file = reference.get("env"), reference.get("file")
        key = (reference.get("secretKeyRef") or {}).get("name")
        if name in sync.secret_env or file in sync.secret_files or key in sync.secret_names:
            return context.secrets(sync, reference)
        document = name or file or key or ", ".join(map(str, reference))
        raise KeyError(f"the sync lets no document read {document}")

    return read
