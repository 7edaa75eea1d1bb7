"""One run of a sync: the way of a tree from its first turn to its end."""

import secrets
from dataclasses import dataclass, field

from controller.engine.report import Report
from controller.gitops.apply_pass import Consent
from controller.gitops.sync_spec import Reach


def fresh_id() -> str:
    """A run's id, which is in all its log lines."""
    return secrets.token_hex(4)


@dataclass
class Run:
    """The way to one end: turns of one tree, from its first until nothing waits."""

    id: str = field(default_factory=fresh_id)
    began: float | None = None
    earlier: Report | None = None
    consent: Consent | None = None
    changes: dict[str, int] = field(default_factory=dict)

    def agreeing(self, reach: Reach, approved: str, *, leaving: bool) -> Consent:
        """The consent of this run, with what people approve now."""
        self.consent = self.consent or Consent(reach, approved)
        self.consent.approved, self.consent.leaving = approved, leaving
        return self.consent
