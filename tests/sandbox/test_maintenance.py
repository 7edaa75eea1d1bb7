import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from controller.sandbox import Knobs, ManualClock, Sandbox, serve
from tests.sandbox.conftest import client_of, make_config, make_model, refusal


def put_in_service(sandbox: Sandbox) -> Any:
    """Make an endpoint that serves."""
    aws = client_of(sandbox)
    make_model(aws)
    make_config(aws, "one")
    aws.create_endpoint(EndpointName="shop", EndpointConfigName="one")
    sandbox.clock.advance(180)
    return aws


def endpoint_status(aws: Any) -> str:
    """Report the status of the endpoint."""
    return str(aws.describe_endpoint(EndpointName="shop")["EndpointStatus"])


def test_an_endpoint_that_is_patched_takes_no_change(sandbox: Sandbox) -> None:
    """While SystemUpdating an endpoint refuses updates and deletion; afterwards it is as before."""
    aws = put_in_service(sandbox)
    before = aws.describe_endpoint(EndpointName="shop")
    sandbox.maintain("shop", 60)
    assert endpoint_status(aws) == "SystemUpdating"
    weights = [{"VariantName": "main", "DesiredWeight": 2.0}]
    for call, request in (
        (aws.update_endpoint, {"EndpointConfigName": "one"}),
        (aws.update_endpoint_weights_and_capacities, {"DesiredWeightsAndCapacities": weights}),
        (aws.delete_endpoint, {}),
    ):
        code, text = refusal(call, EndpointName="shop", **request)
        assert (code, text[:34]) == ("ValidationException", "Cannot update in-progress endpoint")
    sandbox.clock.advance(60)
    after = aws.describe_endpoint(EndpointName="shop")
    assert after["EndpointStatus"] == "InService"
    assert after["ProductionVariants"] == before["ProductionVariants"]
    aws.delete_endpoint(EndpointName="shop")


def test_only_an_endpoint_in_service_is_patched(sandbox: Sandbox, aws: Any) -> None:
    """An endpoint that is not there, or not in service, cannot be maintained."""
    with pytest.raises(ValueError, match="there is no endpoint"):
        sandbox.maintain("ghost")
    make_model(aws)
    make_config(aws, "one")
    aws.create_endpoint(EndpointName="shop", EndpointConfigName="one")
    with pytest.raises(ValueError, match="is Creating"):
        sandbox.maintain("shop")


def test_a_knob_patches_every_new_endpoint_once() -> None:
    """With endpoint_maintained_after an endpoint is SystemUpdating by itself, for its time."""
    sandbox = Sandbox(knobs=Knobs(endpoint_maintained_after=1000, endpoint_system_updating=100))
    aws = put_in_service(sandbox)
    seen = []
    for seconds in (0, 820, 100):
        sandbox.clock.advance(seconds)
        seen.append(endpoint_status(aws))
    assert seen == ["InService", "SystemUpdating", "InService"]


def test_maintenance_is_remembered(tmp_path: Path) -> None:
    """Another process that opens the state finds the endpoint SystemUpdating, for as long as it lasts."""
    path = tmp_path / "state.sqlite"
    first = Sandbox(state=path)
    put_in_service(first)
    first.maintain("shop", 60)
    first.close()
    second = Sandbox(state=path, clock=ManualClock())
    assert endpoint_status(client_of(second)) == "SystemUpdating"
    second.clock.advance(60)
    assert endpoint_status(client_of(second)) == "InService"
    second.close()


def test_maintenance_is_asked_for_over_http(sandbox: Sandbox) -> None:
    """POST /_sandbox/maintenance does the same for clients in other processes."""
    aws = put_in_service(sandbox)
    server = serve(sandbox).start()
    try:
        body = json.dumps({"name": "shop", "seconds": 60}).encode()
        request = urllib.request.Request(f"{server.url}/_sandbox/maintenance", data=body)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
    finally:
        server.stop()
    assert endpoint_status(aws) == "SystemUpdating"
