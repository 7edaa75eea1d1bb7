"""The status of an object whose first turn takes long: AWS may be slow, throttled or silent, or many are before it."""

import logging
from dataclasses import dataclass

from controller.operator.cached_object import Item
from controller.operator.conditions import status_of
from controller.operator.context import OperatorContext
from controller.operator.kube.api import ApiError
from controller.operator.object_patcher import Subject
from controller.operator.outcome import Verdict
from controller.operator.reasons import Reason
from controller.runtime.log import about

_log = logging.getLogger("sagectl.status")
_AFTER = 2.0  # seconds since an object was first seen: most have their own status by then
_MESSAGE = "the first reconciliation is not complete: it is queued, or waits for AWS"


@dataclass(frozen=True)
class FirstStatus:
    """Looks for objects without a status, and writes one."""

    context: OperatorContext

    def once(self) -> None:
        """One look, by who leads."""
        for each in self.context.store.all():
            if not each.status and not each.deleting and self._is_due(each):
                self._tell(each)

    def _is_due(self, item: Item) -> bool:
        known = self.context.store.age(item.ref) >= _AFTER
        return known and self.context.intake.serves(item) and self.context.leads()

    def _tell(self, item: Item) -> None:
        """Write it on the version that was seen, so that nothing a turn wrote meanwhile is lost."""
        of, now = Verdict(Reason.LOOKING, _MESSAGE), self.context.now()
        try:
            Subject(item, self.context.api, self.context.intake.seen).tell(status_of(item, of, None, now))
            self.context.teller.warned(item, now)
        except ApiError as error:
            _log.info("moved", extra={"fields": {**about(item.ref), "error": str(error)}})
