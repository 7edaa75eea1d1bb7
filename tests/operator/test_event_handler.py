from typing import Any

from controller.core.ref import Ref
from controller.operator.constants import FINALIZER
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.object_cache import ObjectCache
from controller.runtime.workqueue import Queue
from tests.kubernetes.documents import config, endpoint, model, pipeline
from tests.operator.objects import ready, ref, shown

Json = dict[str, Any]


class IntakeStage:
    """An intake with its queue."""

    def __init__(self) -> None:
        self.queue: Queue[Ref] = Queue()
        self.store = ObjectCache()
        self.intake = ObjectEventHandler(self.store, self.queue)

    def observe(self, value: Json) -> set[str]:
        """Send an object's event; returns the kinds of the keys that are then enqueued."""
        self.intake.on_object(ref(value), value)
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
    assert stage.observe(shown(endpoint())) == {"Endpoint"}
    assert stage.observe(shown(config())) == {"EndpointConfig", "Endpoint"}
    assert stage.observe(shown(model())) == {"Model", "EndpointConfig"}


def test_readiness_enqueues_dependents_and_not_itself() -> None:
    """Our own status write causes no pass of the object, but of its dependents."""
    stage = IntakeStage()
    stage.observe(shown(config()))
    stage.observe(shown(model()))
    assert stage.observe(ready(shown(model(), version=2))) == {"EndpointConfig"}
    assert stage.observe(ready(shown(model(), version=3))) == set()


def test_after_a_start_only_unfinished_objects_are_enqueued() -> None:
    """The replica that would delete the old generation may have ended; the next drift check is an hour away."""
    assert IntakeStage().observe(ready(shown(config()))) == set()
    left = ready(shown(config()))
    left["status"]["memory"] = {"entry": {"old": [{"name": "fraud-1", "arn": "arn"}]}}
    assert IntakeStage().observe(left) == {"EndpointConfig"}


def test_after_a_start_a_requested_pass_that_was_not_made_is_made() -> None:
    """An annotation that another replica handled before it ended causes no pass; one that it did not, does."""
    requested = ready(shown(config(), annotations={"sagemaker.gitops.dev/reconcile-at": "now"}))
    for handled, enqueued in (("now", set()), ("earlier", {"EndpointConfig"})):
        requested["status"]["lastHandledReconcileAt"] = handled
        assert IntakeStage().observe(requested) == enqueued


def test_the_event_of_the_own_finalizer_causes_no_pass() -> None:
    """The event of our own write causes no pass."""
    stage = IntakeStage()
    stage.observe(shown(pipeline()))
    assert stage.observe(shown(pipeline(), version=2, finalizers=[FINALIZER])) == set()


def test_a_changed_spec_a_deletion_and_an_annotation_request_a_pass() -> None:
    """Generation, deletion, own annotations and labels request a pass."""
    stage = IntakeStage()
    stage.observe(shown(pipeline()))
    assert stage.observe(shown(pipeline(), version=2, generation=2)) == {"Pipeline"}
    noted = {"sagemaker.gitops.dev/reconcile-at": "now"}
    assert stage.observe(shown(pipeline(), version=3, generation=2, annotations=noted)) == {"Pipeline"}
    ending = shown(pipeline(), version=4, generation=2, annotations=noted, deletionTimestamp="now")
    assert stage.observe(ending) == {"Pipeline"}


def test_an_event_older_than_the_own_write_is_ignored() -> None:
    """An event that is older than the server's response to a write is ignored."""
    stage = IntakeStage()
    stage.observe(shown(pipeline("new"), version=7, generation=2))
    stage.observe(shown(pipeline("old"), version=5, generation=1))
    kept = stage.store.get(ref(shown(pipeline())))
    assert kept
    assert kept.generation == 2


def test_ready_objects_are_left_to_the_resync_after_a_start() -> None:
    """After a restart Ready objects are not reconciled at once, and no dependents are enqueued."""
    stage = IntakeStage()
    assert stage.observe(ready(shown(config()))) == set()
    assert stage.observe(ready(shown(model()))) == set()
    assert stage.observe(ready(shown(endpoint(), generation=2), generation=1)) == {"Endpoint"}


def test_a_deletion_wakes_dependents_and_dependencies() -> None:
    """The deletion of a dependent wakes what waits to be deleted; that of a dependency wakes its dependents."""
    stage = IntakeStage()
    stage.observe(shown(model(), deletionTimestamp="now", finalizers=[FINALIZER]))
    stage.observe(shown(config()))
    stage.intake.on_deleted(ref(shown(config())))
    assert stage.enqueued() == {"Model"}
    stage.observe(shown(config(), version=5, uid="created-again"))
    stage.intake.on_deleted(ref(shown(model())))
    assert stage.enqueued() == {"EndpointConfig"}


def test_a_late_deletion_event_of_a_former_object_is_ignored() -> None:
    """A late event about an object that was recreated meanwhile removes nothing."""
    stage = IntakeStage()
    stage.observe(shown(model(), uid="second"))
    stage.intake.on_deleted(ref(shown(model())), uid="first")
    assert stage.store.get(ref(shown(model())))


def test_the_closure_of_an_object_is_its_dependencies() -> None:
    """The closure holds all dependencies, direct or not, however many other objects there are."""
    stage = IntakeStage()
    for each in (model(), config(), endpoint(), model(name="other"), pipeline()):
        stage.observe(shown(each))
    found = stage.store.get(ref(shown(endpoint())))
    assert found
    assert [str(each.ref) for each in stage.store.related_to(found)] == [
        "Endpoint/ml/fraud",
        "EndpointConfig/ml/fraud",
        "Model/ml/fraud",
    ]
