"""What a pass is to do: the order that a way in gives with the documents."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import Cloud
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
    """What this run is to do.

    ``choice`` narrows it to some documents. ``bound`` is what else consent is bound to, as plain data: the
    tool's version, the digests of variables, the options. Without ``sweep`` old generations stay for later.
    ``now`` is the time in seconds since 1970 where the run comes again by itself: fields that somebody else
    sets again and again are then left alone. A person who applies is not held back, and gives none. ``at`` is
    the time of the run in the same seconds, by which deletions of earlier runs count. ``confirm_deletes`` and
    ``confirm_delete`` are what a person agreed to: so many deletions, and these, by the ids of their steps.
    ``coverage`` says what was read; without one, a document that is not there was removed. ``part`` is
    whether the inventory shows only a part of its set. ``restrictions`` are what an administrator allows the
    documents; ``transferred`` are resources that another sync of the same namespace transfers to them.
    ``advice`` spells what a person is advised to give. ``reads`` are those that proofs before deletions
    share. With ``preflight`` what the calls name in other services is read first. ``observations`` are those
    of earlier passes, which count as long as Lists show that nothing changed; where a List does not show
    that, for ``observation_interval`` seconds.
    """

    set: str = "default"
    prune: bool = False
    destroy: bool = False
    confirm_deletes: int | None = None
    confirm_delete: frozenset[str] = frozenset()
    choice: TargetSelection = EVERYTHING
    bound: Mapping[str, Any] = field(default_factory=dict)
    sweep: bool = True
    concurrency: int = 32
    now: float | None = None
    at: float | None = None
    coverage: Coverage | None = None
    part: bool = False
    secrets: Callable[[Mapping[str, Any]], str] = _no_secrets
    restrictions: Restrictions = UNRESTRICTED
    advice: Advice = COMMAND
    transferred: frozenset[Ref] = frozenset()
    reads: SharedReads = field(default_factory=SharedReads)
    preflight: bool = False
    observations: ObservationCache | None = None
    observation_interval: float = 0.0

    def reads_of(self, cloud: Cloud, inventory: Inventory) -> BulkReads:
        """What describes in one pass."""
        at = self.at or self.now or time.time()
        return BulkReads(cloud, inventory, self.observations, at, self.observation_interval, self.reads)

    @property
    def threads(self) -> int:
        """How many steps are applied at once."""
        return 1 if self.choice.alone else self.concurrency
