"""The input of a decision about one document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import Path
from controller.engine.ignored_members import ignored_paths
from controller.engine.observed import Live, ObservedAccount, Owner
from controller.engine.sensitive import recorded_spec
from controller.inventory.model import Entry
from controller.manifests.bundle import Resource
from controller.manifests.resolve import Resolved


@dataclass(frozen=True)
class DecisionInput:
    """The input of a decision: desired and observed state of one resource, and the settings."""

    resolved: Resolved
    live: Live | None
    entry: Entry
    owner: Owner
    observed: ObservedAccount
    secrets: Mapping[str, str]  # keyed digests of the current secrets, by member
    missing_secrets: tuple[str, ...] = ()
    key: str = ""  # of the inventory, for what is remembered of sensitive values
    contended: tuple[Path, ...] = ()  # fields that are not corrected for the time being

    @property
    def resource(self) -> Resource:
        """The document as compiled."""
        return self.resolved.resource

    @property
    def as_recorded(self) -> Mapping[str, Any]:
        """The desired spec as the inventory would record it, for comparison."""
        return recorded_spec(self.resolved.spec, self.resource, self.key)

    @property
    def ignored_paths(self) -> tuple[Path, ...]:
        """The paths that are left alone, with AWS member names: those of ``policy.ignore``, and contended fields."""
        return (*ignored_paths(self.resource), *self.contended)
