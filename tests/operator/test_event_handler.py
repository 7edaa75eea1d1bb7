from typing import Any

from controller.core.ref import Ref
from controller.operator.constants import FINALIZER
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.object_cache import ObjectCache
from controller.runtime.workqueue import Queue
from tests.kubernetes.documents import config, endpoint, model, pipeline
from tests.operator.objects import as_served, ref_of, with_ready_status

Json = dict[str, Any]


class IntakeStage:
    """An intake with its queue."""

    def __init__(self) -> None:
        self.queue: Queue[Ref] = Queue()
        self.store = ObjectCache()
        self.intake = ObjectEventHandler(self.store, self.queue)

    def observe(self, value: Json) -> set[str]:
        """Send an object's event; returns the kinds of the keys that are then enqueued."""
        self.intake.on_object(ref_of(value), value)
        return self.enqueued()

    def enqueued(self) -> set[str]:
        """The kinds of the enqueued keys, which are removed from the queue."""
        found = set()
        while (due := self.queue.get(0)) is not None:
            found.add(due.key.kind)
            self.queue.done(due.key)
        return found


def test_a_new_object_and_its_dependents_are_enqueued() -> None:
    """The model enqueues the configuration that waited for it, and not the endpoint, which waits for that."""
    stage = IntakeStage()
    assert stage.observe(as_served(endpoint())) == {"Endpoint"}
    assert stage.observe(as_served(config())) == {"EndpointConfig", "Endpoint"}
    assert stage.observe(as_served(model())) == {"Model", "EndpointConfig"}


def test_readiness_enqueues_dependents_and_not_itself() -> None:
    """Our own status write causes no pass of the object, but of its dependents."""
    stage = IntakeStage()
    stage.observe(as_served(config()))
    stage.observe(as_served(model()))
    assert stage.observe(with_ready_status(as_served(model(), version=2))) == {"EndpointConfig"}
    assert stage.observe(with_ready_status(as_served(model(), version=3))) == set()


def test_after_a_start_only_unfinished_objects_are_enqueued() -> None:
    """The replica that would delete the old generation may have ended; the next drift check is an hour away."""
    assert IntakeStage().observe(with_ready_status(as_served(config()))) == set()
    left = with_ready_status(as_served(config()))
    left["status"]["memory"] = {"entry": {"old": [{"name": "fraud-1", "arn": "arn"}]}}
    assert IntakeStage().observe(left) == {"EndpointConfig"}


def test_after_a_start_a_requested_pass_that_was_not_made_is_made() -> None:
    """An annotation that another replica handled before it ended causes no pass; one that it did not, does."""
    requested = with_ready_status(
        as_served(config(), annotations={"sagemaker.gitops.dev/reconcile-at": "now"})
    )
    for handled, enqueued in (("now", set()), ("earlier", {"EndpointConfig"})):
        requested["status"]["lastHandledReconcileAt"] = handled
        assert IntakeStage().observe(requested) == enqueued


def test_the_event_of_the_own_finalizer_causes_no_pass() -> None:
    """The event of our own write causes no pass."""
    stage = IntakeStage()
    stage.observe(as_served(pipeline()))
    assert stage.observe(as_served(pipeline(), version=2, finalizers=[FINALIZER])) == set()


def test_a_changed_spec_a_deletion_and_an_annotation_request_a_pass() -> None:
    """Generation, deletion, own annotations and labels request a pass."""
    stage = IntakeStage()
    stage.observe(as_served(pipeline()))
    assert stage.observe(as_served(pipeline(), version=2, generation=2)) == {"Pipeline"}
    noted = {"sagemaker.gitops.dev/reconcile-at": "now"}
    assert stage.observe(as_served(pipeline(), version=3, generation=2, annotations=noted)) == {"Pipeline"}
    ending = as_served(pipeline(), version=4, generation=2, annotations=noted, deletionTimestamp="now")
    assert stage.observe(ending) == {"Pipeline"}


def test_an_event_older_than_the_own_write_is_ignored() -> None:
    """An event that is older than the server's response to a write is ignored."""
    stage = IntakeStage()
    stage.observe(as_served(pipeline("new"), version=7, generation=2))
    stage.observe(as_served(pipeline("old"), version=5, generation=1))
    kept = stage.store.get(ref_of(as_served(pipeline())))
    assert kept
    assert kept.generation == 2


def test_ready_objects_are_left_to_the_resync_after_a_start() -> None:
    """After a restart Ready objects are not reconciled at once, and no dependents are enqueued."""
    stage = IntakeStage()
    assert stage.observe(with_ready_status(as_served(config()))) == set()
    assert stage.observe(with_ready_status(as_served(model()))) == set()
    assert stage.observe(with_ready_status(as_served(endpoint(), generation=2), generation=1)) == {"Endpoint"}


def test_a_deletion_wakes_dependents_and_dependencies() -> None:
    """The deletion of a dependent wakes what waits to be deleted; that of a dependency wakes its dependents."""
    stage = IntakeStage()
    stage.observe(as_served(model(), deletionTimestamp="now", finalizers=[FINALIZER]))
    stage.observe(as_served(config()))
    stage.intake.on_deleted(ref_of(as_served(config())))
    assert stage.enqueued() == {"Model"}
    stage.observe(as_served(config(), version=5, uid="created-again"))
    stage.intake.on_deleted(ref_of(as_served(model())))
    assert stage.enqueued() == {"EndpointConfig"}


def test_a_late_deletion_event_of_a_former_object_is_ignored() -> None:
    """A late event about an object that was recreated meanwhile removes nothing."""
    stage = IntakeStage()
    stage.observe(as_served(model(), uid="second"))
    stage.intake.on_deleted(ref_of(as_served(model())), uid="first")
    assert stage.store.get(ref_of(as_served(model())))


def test_the_closure_of_an_object_is_its_dependencies() -> None:
    """The closure holds all dependencies, direct or not, however many other objects there are."""
    stage = IntakeStage()
    for each in (model(), config(), endpoint(), model(name="other"), pipeline()):
        stage.observe(as_served(each))
    found = stage.store.get(ref_of(as_served(endpoint())))
    assert found
    assert [str(each.ref) for each in stage.store.related_to(found)] == [
        "Endpoint/ml/fraud",
        "EndpointConfig/ml/fraud",
        "Model/ml/fraud",
    ]
