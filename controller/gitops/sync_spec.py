"""A sync as configured: what is followed, into which set, how often and how far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.core.advice import Advice
from controller.crds.sync_fields import default_of
from controller.engine.advice import SYNC
from controller.manifests.ignored_tags import NO_TAGS, IgnoredTags
from controller.source.git.source import Source

_NONE: Mapping[str, Any] = MappingProxyType({})


class Reach(Enum):
    """How far a sync goes by itself."""

    APPLY = "Apply"
    PLAN = "Plan"


@dataclass(frozen=True)
class Timing:
    """Seconds between looks at the repository, at a settled account (``drift``), and at AWS at work (``poll``).

    After ``timeout`` a run that still waits has failed.
    """

    interval: float = 60.0
    drift: float = 600.0
    poll: float = 10.0
    timeout: float = 3600.0


@dataclass(frozen=True)
class SyncValues:
    """What a sync has alike in a file of syncs, in a GitSync and on the command line; times as they are written.

    ``poll`` is None where the runner's own holds. The defaults are those of ``crds.sync_fields``.
    """

    name: str
    set: str = ""
    mode: str = default_of("mode")
    prune: bool = False
    suspend: bool = False
    depends_on: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    interval: str = default_of("interval")
    drift_interval: str = default_of("driftInterval")
    timeout: str = default_of("timeout")
    poll: str | None = None
    default_tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ignored_tags: IgnoredTags = NO_TAGS


@dataclass(frozen=True)
class Sync:
    """One sync.

    ``secret_env``, ``secret_files`` and, in a cluster, ``secret_names`` are all that documents may name as
    secrets: whoever may push must not read our surroundings. ``default_tags`` and ``ignored_tags`` hold for all that
    it makes. ``advice`` spells messages for whoever wrote the sync.
    """

    name: str
    source: Source
    set: str = ""
    reach: Reach = Reach.APPLY
    prune: bool = False
    suspend: bool = False
    needs: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    timing: Timing = field(default_factory=Timing)
    secret_env: frozenset[str] = frozenset()
    secret_files: frozenset[str] = frozenset()
    secret_names: frozenset[str] = frozenset()
    advice: Advice = SYNC
    default_tags: Mapping[str, str] = field(default_factory=lambda: _NONE)
    ignored_tags: IgnoredTags = NO_TAGS

    @property
    def owner(self) -> str:
        """The set that owns what the sync makes."""
        return self.set or self.name
