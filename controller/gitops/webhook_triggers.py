"""Webhooks only bring the next poll of a sync forward; polling continues regardless."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from controller.gitops.registry import SyncRegistry
from controller.gitops.sync import Sync
from controller.gitops.sync_file import SyncFileReader
from controller.runtime.clock import Clock
from controller.runtime.hidden_text import SecretText
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.webhooks.providers import Provider
from controller.webhooks.receiver import Receiver, Watch
from controller.webhooks.trigger_queue import TriggerQueue, whose_requests

if TYPE_CHECKING:
    from controller.gitops.settings_syncs import ReceiverModel, WebhooksModel


def refs(selector: RevisionSelector) -> tuple[str, ...]:
    """The refs whose changes can change a selector's revision; none for a fixed commit."""
    if selector.by is RevisionForm.SEMVER:
        return ("refs/tags/*",)
    return () if selector.by is RevisionForm.COMMIT else (selector.ref(),)


def receivers(
    webhooks: "WebhooksModel", syncs: Iterable[Sync], reading: SyncFileReader
) -> tuple[Receiver, ...]:
    """The receivers of a file; errors are added to the reading."""
    known = {sync.name: sync for sync in syncs}
    made = [_receiver(each, known, reading) for each in webhooks.receivers]
    return tuple(each for each in made if each is not None)


def _receiver(receiver: "ReceiverModel", known: dict[str, Sync], reading: SyncFileReader) -> Receiver | None:
    what = f"receiver {receiver.name}"
    for name in receiver.syncs:
        if name not in known:
            reading.report(f"{what}: there is no sync {name}")
    secrets = tuple(SecretText(reading.text(each, what)) for each in receiver.secrets)
    try:
        watches = tuple(
            Watch(name, refs(known[name].source.selector), receiver.repository)
            for name in receiver.syncs
            if name in known
        )
        return Receiver(receiver.name, Provider(receiver.provider), secrets, watches)
    except ValueError as error:
        reading.report(str(error))
        return None


def request_polls(
    looks: TriggerQueue, fleet: SyncRegistry, clock: Clock, requests: Callable[[str], None] = lambda _: None
) -> None:
    """Request a poll of the syncs for which a webhook came, as of the time of the webhook.

    ``requests`` is called to poll a sync's pull requests.
    """
    wall = clock.wall()
    for poll in looks.pop_due(wall):
        if name := whose_requests(poll.key):
            requests(name)
            continue
        follower = fleet.followers.get(poll.key)
        if follower is not None and not follower.sync.suspend:
            follower.request(clock.now() - max(wall - poll.since, 0.0), poll.cause or "webhook")
