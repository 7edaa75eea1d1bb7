from tests.kubernetes.documents import workforce
from tests.kubernetes.operated import PATIENCE, Operated, until

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
    everything = stage.kubectl.must("get", "sagemaker,events", "-o", "yaml") + stage.log().read_text("utf-8")
    assert CANARY not in everything


def test_a_rotated_secret_is_sent_soon(stage: Operated) -> None:
    """A Secret that changed leads to one update, whether an operator ran or not; the right to get it is enough."""
    _allowed(stage)
    _given(stage, CANARY)
    first = stage.start()
    stage.apply(workforce())
    stage.ready()
    assert stage.asked("UpdateWorkforce") == 0
    _given(stage, f"{CANARY} again")
    until(lambda: stage.asked("UpdateWorkforce") == 1, SOON)
    stage.ready()
    first.terminate()
    first.wait(PATIENCE)
    _given(stage, f"{CANARY} at last")
    stage.start()
    until(lambda: stage.asked("UpdateWorkforce") == 2, SOON)
    stage.ready()
    assert stage.changes() == ["CreateWorkforce", "UpdateWorkforce", "UpdateWorkforce"]


def test_a_secret_that_comes_later_is_seen_soon(stage: Operated) -> None:
    """An object that waits for its Secret in a long back-off goes on when the Secret is there."""
    _allowed(stage)
    stage.start(longest_pause="300s")
    stage.apply(workforce())
    until(lambda: _turns(stage) >= 5)  # the next one by itself is 8 to 16 seconds away
    _given(stage, CANARY)
    until(lambda: stage.changes() == ["CreateWorkforce"], 6)


def _turns(stage: Operated) -> int:
    return sum(line["message"] == "turn" for line in stage.lines())


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
    told = ("--clusterrole=sagemaker-gitops-secrets", "--user=sagemaker-gitops")
    stage.kubectl.must("create", "rolebinding", "secrets", *told)
