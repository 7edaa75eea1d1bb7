"""What AWS called invalid is not asked for again until the documents are others, or a person wants it."""

from dataclasses import dataclass, field

from controller.core.cloud import Call, Cloud, CloudError, Fault, Identity, Json
from controller.core.digest import digest


@dataclass
class Refusals:
    """Changing calls that were refused as invalid, by a digest of what was sent; safe for threads."""

    known: dict[str, CloudError] = field(default_factory=dict)

    def forget(self) -> None:
        """Let all be tried again."""
        self.known.clear()


@dataclass(frozen=True)
class Stubborn:
    """A cloud that answers a call which was refused as invalid as AWS did, without asking again."""

    cloud: Cloud
    refusals: Refusals

    @property
    def identity(self) -> Identity:
        """The account and region."""
        return self.cloud.identity

    def call(self, call: Call) -> Json:
        """Make one call.

        Raises:
            CloudError: AWS refused it, now or before.

        """
        if not call.changes:
            return self.cloud.call(call)
        mark = digest([call.service, call.operation, call.params])
        before = self.refusals.known.get(mark)
        if before is not None:
            raise CloudError(before.fault, before.code, before.message, before.operation)
        try:
            return self.cloud.call(call)
        except CloudError as error:
            if error.fault in (Fault.INVALID, Fault.UNSUPPORTED):
                self.refusals.known[mark] = error
            raise
