"""Definitions that stand for no resource in AWS: what the operator follows, and where it remembers.

What is remembered of a sync is a group of its own: whoever watches our group is not sent megabytes of it.
"""

from dataclasses import dataclass

from controller.manifests.envelope import API_VERSION, GROUP

VERSION = API_VERSION.removeprefix(f"{GROUP}/")


@dataclass(frozen=True)
class Own:
    """The names of a definition."""

    kind: str
    plural: str
    group: str = GROUP
    short: str = ""

    @property
    def api_version(self) -> str:
        """As objects write it."""
        return f"{self.group}/{VERSION}"

    @property
    def file_name(self) -> str:
        """The file of the definition."""
        return f"{self.plural}.yaml"


SYNC = Own("GitSync", "gitsyncs", short="gsync")
MEMORY = Own("SyncMemory", "syncmemories", f"state.{GROUP}")
