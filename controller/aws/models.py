"""One botocore data loader for all sessions of the process.

A session reads and parses the service model, several megabytes of JSON, for its first client: 0.15 s and its memory,
once for each assumed role. A loader caches what it read, and botocore shares one among the clients of a session.
"""

from functools import cache
from typing import Any

import botocore.loaders
import botocore.session


@cache
def _loader(data_path: str | None) -> Any:
    return botocore.loaders.create_loader(data_path)


def share_models(session: botocore.session.Session) -> None:
    """Give a session the loader of its ``data_path`` (AWS_DATA_PATH) before a client is made.

    Raises:
        botocore.exceptions.BotoCoreError: the session's profile is unknown.

    """
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
