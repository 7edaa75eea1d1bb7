from tests.kubernetes.documents import config, model, workforce
from tests.kubernetes.operator_process import TIMEOUT, Operated, until

CANARY = "a-canary-that-sings-nowhere"
SOON = 20.0  # the machine may be busy; a pass over everything would come in an hour


def test_a_secret_is_read_by_name_and_shown_nowhere(stage: Operated) -> None:
    """A secret comes from the object's namespace once its owners allow it, and is in no status, event or log."""
    stage.start()
    stage.apply(workforce())
    until(lambda: stage.reason("Workforce", "people") == "SecretMissing")
    _given(stage, CANARY)
    _allowed(stage)
    stage.ready()
    sent = [each.params for each in stage.sandbox.calls if each.operation == "CreateWorkforce"]
    assert sent[-1]["OidcConfig"]["ClientSecret"] == "***"  # the sandbox's record masks what it was sent
    everything = stage.shown() + stage.log().read_text("utf-8")
    assert CANARY not in everything


def test_a_secret_of_an_environment_comes_from_the_namespace_and_moves_its_users(stage: Operated) -> None:
    """A value by secretKeyRef is sent and shown nowhere; a rotation makes one more model, and who uses it follows."""
    _allowed(stage)
    _given(stage, CANARY)
    stage.start()
    desired = model()
    reference = {"valueFrom": {"secretKeyRef": {"name": "sign-in", "key": "client"}}}
    desired["spec"]["primaryContainer"]["environment"] = {"MODE": "fast", "TOKEN": reference}
    stage.apply(desired, config())
    stage.ready()
    _given(stage, f"{CANARY} again")
    until(lambda: stage.call_count("CreateModel") == 2, SOON)
    until(lambda: stage.call_count("CreateEndpointConfig") == 2, SOON)
    until(lambda: stage.call_count("DeleteModel") == 1, SOON)
    stage.ready()
    sent = [
        each.params["PrimaryContainer"] for each in stage.sandbox.calls if each.operation == "CreateModel"
    ]
    assert [each["Environment"]["TOKEN"] for each in sent] == [CANARY, f"{CANARY} again"]
    everything = stage.shown() + stage.log().read_text("utf-8")
    assert CANARY not in everything


def test_an_environment_by_another_form_is_refused_with_its_place(stage: Operated) -> None:
    """What is neither a text nor a reference is told on the object, for the definition can't tell them apart."""
    stage.start()
    desired = model()
    desired["spec"]["primaryContainer"]["environment"] = {
        "TOKEN": {"valueFrom": {"secretKeyRef": {"name": "x"}}}
    }
    stage.apply(desired)
    until(lambda: stage.reason("Model", "fraud") == "InvalidSpec")
    assert stage.changes() == []


def test_a_rotated_secret_is_sent_soon(stage: Operated) -> None:
    """A Secret that changed leads to one update, whether an operator ran or not; the right to get it is enough."""
    _allowed(stage)
    _given(stage, CANARY)
    first = stage.start()
    stage.apply(workforce())
    stage.ready()
    assert stage.call_count("UpdateWorkforce") == 0
    _given(stage, f"{CANARY} again")
    until(lambda: stage.call_count("UpdateWorkforce") == 1, SOON)
    stage.ready()
    first.terminate()
    first.wait(TIMEOUT)
    _given(stage, f"{CANARY} at last")
    stage.start()
    until(lambda: stage.call_count("UpdateWorkforce") == 2, SOON)
    stage.ready()
    assert stage.changes() == ["CreateWorkforce", "UpdateWorkforce", "UpdateWorkforce"]


def test_a_secret_that_comes_later_is_seen_soon(stage: Operated) -> None:
    """An object that waits for its Secret in a long back-off goes on when the Secret is there."""
    _allowed(stage)
    stage.start(longest_pause="300s")
    stage.apply(workforce())
    until(lambda: stage.turns() >= 5)  # the next one by itself is 8 to 16 seconds away
    _given(stage, CANARY)
    until(lambda: stage.changes() == ["CreateWorkforce"], 6)


def _given(stage: Operated, value: str) -> None:
    """The Secret, with that value."""
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "sign-in"},
        "stringData": {"client": value},
    }
    stage.apply(made)


def _allowed(stage: Operated) -> None:
    """What the owners of a namespace do, so that its Secrets may be read."""
    lines = ("--clusterrole=sagemaker-gitops-secrets", "--user=sagemaker-gitops")
    stage.kubectl.must("create", "rolebinding", "secrets", *lines)
