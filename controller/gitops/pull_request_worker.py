"""The planning of pull requests, in a thread of its own, so that no pass waits for it."""

from collections.abc import Iterable, Mapping
from functools import partial
from threading import Event, Lock, Thread

from controller.core.cloud import CloudError
from controller.gitops.pull_request_plans import PullRequestReport, Review
from controller.gitops.sync import SyncListener
from controller.inventory.model import InventoryError
from controller.notify.comments import upsert
from controller.notify.commit_status_reporter import Statuses
from controller.notify.delivery import DeliveryResult, Outbox
from controller.runtime.clock import Clock
from controller.runtime.log import frames

_PAUSE = 1.0


class Reviews:
    """Plans open pull requests at each sync's own interval, and when a webhook arrives."""

    def __init__(self, reviews: Iterable[Review], clock: Clock, listener: SyncListener) -> None:
        self._changing = Lock()
        self._reviews: Mapping[str, Review] = {}
        self._statuses: Mapping[str, Statuses] = {}
        for each in reviews:
            self.join(each)
        self._clock, self._listener = clock, listener
        self._outbox = Outbox()
        self._end = Event()
        self._thread = Thread(target=self._run_thread, name="reviews", daemon=True)

    def join(self, review: Review) -> None:
        """Plan a sync's pull requests from now on; replaces a review with its name."""
        name = review.sync.name
        self.part(name)
        if not review.sync.suspend:  # new mappings, because the thread may be iterating over the old ones
            with self._changing:
                self._statuses = {**self._statuses, name: Statuses(review.rules.forge)}
                self._reviews = {**self._reviews, name: review}

    def part(self, name: str) -> None:
        """Stop planning a sync's pull requests; queued reports are still sent."""
        with self._changing:
            self._reviews = {known: each for known, each in self._reviews.items() if known != name}

    def request(self, name: str) -> None:
        """Request a poll of a sync's pull requests."""
        if name in self._reviews:
            self._reviews[name].due = 0.0

    def run(self) -> None:
        """Plan the due pull requests, and deliver queued reports, once."""
        for name, review in self._reviews.items():
            if review.due <= self._clock.now():
                review.due = self._clock.now() + self._clock.jitter(review.sync.timing.interval)
                self._pass(name, review)
        for key, result in self._outbox.run(self._clock.now()).items():
            name, _, what = key.partition(" ")
            self._listener.log(
                name, "delivered", what=what, outcome=result.outcome.name.lower(), detail=result.detail
            )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread after the current work."""
        self._end.set()
        self._thread.join()

    def _run_thread(self) -> None:
        while not self._end.wait(_PAUSE):
            self.run()

    def _pass(self, name: str, review: Review) -> None:
        try:
            found = review.pass_over()
        except (CloudError, InventoryError) as error:
            self._listener.log(name, "unreviewed", message=str(error))
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours here must not end the thread
            message = f"this is a bug in sagectl ({type(error).__name__})"
            self._listener.log(name, "unreviewed", message=message, stacktrace=frames(error))
            return
        if isinstance(found, DeliveryResult):
            self._listener.log(name, "unreviewed", message=found.detail)
            return
        for report in found:
            self._queue_report(name, review, report)

    def _queue_report(self, name: str, review: Review, report: PullRequestReport) -> None:
        now, message = (
            self._clock.now(),
            report.status.description if report.status else "its head commit cannot be read",
        )
        self._listener.log(name, "planned", pullRequest=str(report.number), message=message)
        comment = partial(
            upsert, review.rules.forge, report.number, report.mark, report.text, edit_only=report.edit_only
        )
        self._outbox.put(f"{name} comment {report.number}", comment, now)
        if report.status is not None:
            publish = partial(self._statuses[name].publish, report.status)
            self._outbox.put(f"{name} status {report.number}", publish, now)
