"""An event of AWS makes a sync read the account immediately, and not the repository."""

import json

import pytest

from controller.aws_events.message import resource_event
from tests.aws_events.events import api_call
from tests.gitops.stage import Stage
from tests.sandbox.conftest import client_of

PIPELINE = """\
apiVersion: sagemaker.gitops.dev/v1alpha1
kind: Pipeline
metadata: {name: train}
spec:
  roleArn: arn:aws:iam::123456789012:role/ml
  pipelineDescription: one
  pipelineDefinition: {Version: "2020-12-01", Steps: [{Name: stop, Type: Fail, Arguments: {ErrorMessage: E}}]}
"""


@pytest.mark.parametrize(("name", "looks"), [("train", True), ("other", False)])
def test_a_change_by_hand_is_undone_at_once(stage: Stage, name: str, *, looks: bool) -> None:
    """Without an event the next drift check would find it; an event about another resource changes nothing."""
    stage.push({"deploy/a.yaml": PIPELINE})
    stage.start(stage.sync())
    stage.wait(40)
    client = client_of(stage.sandbox)
    client.update_pipeline(PipelineName="train", PipelineDescription="by hand")
    event = resource_event(json.dumps(api_call("UpdatePipeline", {"pipelineName": name})))
    assert event is not None
    assert stage.fleet is not None
    stage.sandbox.clear_calls()
    polls = stage.mirrors.last_request_time(stage.sync().source)
    stage.fleet.changed_in_aws([event])
    stage.wait(1)
    assert (stage.mutations() == ["UpdatePipeline"]) is looks
    assert stage.mirrors.last_request_time(stage.sync().source) == polls
    corrected = client.describe_pipeline(PipelineName="train")["PipelineDescription"] == "one"
    assert corrected is looks
