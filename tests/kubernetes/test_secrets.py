from tests.kubernetes.documents import config, model, workforce
from tests.kubernetes.operator_process import TIMEOUT, OperatorStage, wait_until

CANARY = "a-canary-that-sings-nowhere"
SOON = 20.0  # the machine may be busy; the next resync is an hour later


def test_a_secret_is_read_by_name_and_shown_nowhere(stage: OperatorStage) -> None:
    """A secret is read from the object's namespace once its owners allow it, and is in no status, event or log."""
    stage.start()
    stage.apply(workforce())
    wait_until(lambda: stage.reason("Workforce", "people") == "SecretMissing")
    _apply_secret(stage, CANARY)
    _allow_secrets(stage)
    stage.ready()
    sent = [each.params for each in stage.sandbox.calls if each.operation == "CreateWorkforce"]
    assert sent[-1]["OidcConfig"]["ClientSecret"] == "***"  # the sandbox's record masks what it was sent
    everything = stage.shown() + stage.log().read_text("utf-8")
    assert CANARY not in everything


def test_a_rotated_secret_of_an_environment_creates_a_model(stage: OperatorStage) -> None:
    """A value by secretKeyRef is sent and shown nowhere; a rotation creates one more model for its users."""
    _allow_secrets(stage)
    _apply_secret(stage, CANARY)
    stage.start()
    desired = model()
    reference = {"valueFrom": {"secretKeyRef": {"name": "sign-in", "key": "client"}}}
    desired["spec"]["primaryContainer"]["environment"] = {"MODE": "fast", "TOKEN": reference}
    stage.apply(desired, config())
    stage.ready()
    _apply_secret(stage, f"{CANARY} again")
    wait_until(lambda: stage.call_count("CreateModel") == 2, SOON)
    wait_until(lambda: stage.call_count("CreateEndpointConfig") == 2, SOON)
    wait_until(lambda: stage.call_count("DeleteModel") == 1, SOON)
    stage.ready()
    sent = [
        each.params["PrimaryContainer"] for each in stage.sandbox.calls if each.operation == "CreateModel"
    ]
    assert [each["Environment"]["TOKEN"] for each in sent] == [CANARY, f"{CANARY} again"]
    everything = stage.shown() + stage.log().read_text("utf-8")
    assert CANARY not in everything


def test_an_environment_by_another_form_is_refused_with_its_place(stage: OperatorStage) -> None:
    """A value that is neither a string nor a reference is reported on the object, since the definition accepts it."""
    stage.start()
    desired = model()
    desired["spec"]["primaryContainer"]["environment"] = {
        "TOKEN": {"valueFrom": {"secretKeyRef": {"name": "x"}}}
    }
    stage.apply(desired)
    wait_until(lambda: stage.reason("Model", "fraud") == "InvalidSpec")
    assert stage.changes() == []


def test_a_rotated_secret_is_sent_soon(stage: OperatorStage) -> None:
    """A changed Secret leads to one update, whether an operator ran or not; the permission to get it is enough."""
    _allow_secrets(stage)
    _apply_secret(stage, CANARY)
    first = stage.start()
    stage.apply(workforce())
    stage.ready()
    assert stage.call_count("UpdateWorkforce") == 0
    _apply_secret(stage, f"{CANARY} again")
    wait_until(lambda: stage.call_count("UpdateWorkforce") == 1, SOON)
    stage.ready()
    first.terminate()
    first.wait(TIMEOUT)
    _apply_secret(stage, f"{CANARY} at last")
    stage.start()
    wait_until(lambda: stage.call_count("UpdateWorkforce") == 2, SOON)
    stage.ready()
    assert stage.changes() == ["CreateWorkforce", "UpdateWorkforce", "UpdateWorkforce"]


def test_a_secret_created_later_is_used_soon(stage: OperatorStage) -> None:
    """An object that waits for its Secret in a long backoff continues when the Secret exists."""
    _allow_secrets(stage)
    stage.start(longest_pause="300s")
    stage.apply(workforce())
    wait_until(lambda: stage.pass_count() >= 5)  # the next pass without it is 8 to 16 seconds later
    _apply_secret(stage, CANARY)
    wait_until(lambda: stage.changes() == ["CreateWorkforce"], 6)


def _apply_secret(stage: OperatorStage, value: str) -> None:
    """The Secret, with that value."""
    made = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "sign-in"},
        "stringData": {"client": value},
    }
    stage.apply(made)


def _allow_secrets(stage: OperatorStage) -> None:
    """What the owners of a namespace configure, so that its Secrets may be read."""
    lines = ("--clusterrole=sagemaker-gitops-secrets", "--user=sagemaker-gitops")
    stage.kubectl.must("create", "rolebinding", "secrets", *lines)
