"""Traces of the operator, received by an OpenTelemetry receiver."""

from tests.cli.otlp import serve_receiver, values
from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.operator_process import OperatorStage


def test_each_pass_is_a_trace(stage: OperatorStage) -> None:
    """Each pass over an object is one trace, with the key at its root and its stages and calls below it."""
    with serve_receiver() as receiver:
        stage.variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.url
        stage.start()
        stage.apply(group(), pipeline())
        stage.ready()
        stage.stop()
    passes = receiver.named("reconcile")
    assert {span.parent_span_id for span in passes} == {b""}
    keys = {span.trace_id: values(span.attributes)["sagectl.key"] for span in passes}
    assert len(keys) == len(passes)
    for kind, name in (("ModelPackageGroup", "fraud"), ("Pipeline", "train")):
        (create,) = receiver.named(f"sagemaker.Create{kind}")
        spans = [span for span in receiver.spans if span.trace_id == create.trace_id]
        assert {"reconcile", "observe", "plan", "step"} <= {span.name for span in spans}
        assert name in keys[create.trace_id]
        steps = [values(span.attributes)["sagectl.resource"] for span in spans if span.name == "step"]
        assert steps == [f"{kind}/{stage.kubectl.namespace}/{name}"]
        ids = {span.span_id for span in spans}
        assert [span.name for span in spans if span.parent_span_id not in ids] == ["reconcile"]
