from pathlib import Path

from tests.cases.test_kube import INPUT
from tests.kubernetes.documents import model
from tests.kubernetes.operator_process import OperatorStage, wait_until


def test_an_unknown_enum_value_is_accepted_with_a_warning(stage: OperatorStage, tmp_path: Path) -> None:
    """The API server accepts the value, an Event warns once, and it is sent to AWS; here the service refuses it."""
    stage.start()
    document = INPUT.read_text(encoding="utf-8").replace("modelName: m,", "modelName: fraud,")
    (tmp_path / "new.yaml").write_text(document, encoding="utf-8")
    stage.apply(model())
    stage.kubectl.must("apply", "-f", str(tmp_path / "new.yaml"))
    wait_until(lambda: stage.reason("EndpointConfig", "e") == "Rejected")
    records = [each for each in stage.sandbox.calls if each.operation == "CreateEndpointConfig"]
    assert "ml.m9g.large" in str(records[0].params)
    wait_until(lambda: _warning_events(stage))
    (warned,) = _warning_events(stage)
    assert "ml.m9g.large" in warned["message"]
    assert warned["type"] == "Warning"


def _warning_events(stage: OperatorStage) -> list[dict[str, str]]:
    return [each for each in stage.kubectl.items("events") if each["reason"] == "SpecWarning"]
