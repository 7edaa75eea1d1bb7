"""The options of a pass, which command line, GitSync or operator give with the documents."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import CONCURRENT_CALLS, Cloud
from controller.core.finding import Advice
from controller.core.ref import Ref
from controller.core.secret import SecretError
from controller.engine.advice import COMMAND
from controller.engine.bulk_reads import BulkReads
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.engine.scope import EVERYTHING, Coverage, TargetSelection
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import Inventory
from controller.inventory.observation_cache import ObservationCache


def _no_secrets(reference: Mapping[str, Any]) -> str:
    raise SecretError(f"no secrets can be read here: {reference}")


@dataclass(frozen=True)
class Order:
    """The options of a run.

    ``choice`` narrows it to some documents. ``bound`` is plain data that the approval is bound to as well: the version
    of the tool, the digests of variables, the options. Without ``sweep`` old generations are not deleted. ``now`` is
    the time in seconds since 1970 for a run that repeats: contended fields are then left alone. A command leaves it
    out, so that it corrects them. ``at`` is the time of the run in the same seconds, by which deletions of earlier runs
    count. ``confirm_deletes`` and ``confirm_delete`` are the confirmed deletions: their number, and the ids of their
    steps. ``coverage`` is what was read; without it, a missing document counts as removed. ``part`` is whether the
    inventory shows only a part of its set. ``restrictions`` are what an administrator allows the documents;
    ``transferred`` are resources that another sync of the same namespace transfers to them. ``unprotected`` are those
    whose protection tag a deletion takes off first. ``advice`` spells the remedies in messages. ``reads`` are shared by
    the proofs before deletions. With ``preflight`` the resources of other services that the calls name are checked
    first. ``observations`` are those of earlier passes, which are valid while Lists show no change; where a List does
    not show changes, for ``observation_interval`` seconds.
    """

    set: str = "default"
    prune: bool = False
    destroy: bool = False
    confirm_deletes: int | None = None
    confirm_delete: frozenset[str] = frozenset()
    choice: TargetSelection = EVERYTHING
    bound: Mapping[str, Any] = field(default_factory=dict)
    sweep: bool = True
    concurrency: int = CONCURRENT_CALLS
    now: float | None = None
    at: float | None = None
    coverage: Coverage | None = None
    part: bool = False
    secrets: Callable[[Mapping[str, Any]], str] = _no_secrets
    restrictions: Restrictions = UNRESTRICTED
    advice: Advice = COMMAND
    transferred: frozenset[Ref] = frozenset()
    unprotected: frozenset[Ref] = frozenset()
    reads: SharedReads = field(default_factory=SharedReads)
    preflight: bool = False
    observations: ObservationCache | None = None
    observation_interval: float = 0.0

    def reads_of(self, cloud: Cloud, inventory: Inventory) -> BulkReads:
        """The reads of one pass."""
        at = self.at or self.now or time.time()
        return BulkReads(cloud, inventory, self.observations, at, self.observation_interval, self.reads)

    @property
    def threads(self) -> int:
        """How many steps are applied at once."""
        return 1 if self.choice.alone else self.concurrency
