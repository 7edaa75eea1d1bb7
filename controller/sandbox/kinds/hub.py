"""Hub: a private hub, always empty here: the sandbox has no contents of hubs, and no public hub.

UpdateHub declares ResourceNotFound only: what it says of a hub at work is ours, as are the other words.
"""

from dataclasses import replace

from controller.sandbox.kind import Life, ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.service_error import Phrase


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {name: value for name, value in request.params.items() if name != "HubName"}
    done = request.after(request.knobs.hub_changing, {"HubStatus": "InService"})
    done = replace(done, put=done.put | {"LastModifiedTime": done.at})
    return replace(row, body=row.body | sent | {"HubStatus": "Updating"}, due=(done,))


HUB = SandboxKind(
    name="Hub",
    path="hub",
    missing=Phrase("ResourceNotFound", "Hub {name} does not exist."),
    exists=Phrase("ResourceInUse", "Hub {name} already exists."),
    busy=Phrase("ValidationException", "Hub {arn} is being created, updated or deleted."),
    listing=ListDefaults(key="HubSummaries"),
    life=Life(
        status="HubStatus",
        stable="InService",
        growth=(("Creating", lambda request: request.knobs.hub_changing),),
        failed="CreateFailed",
        deletion_seconds=lambda request: request.knobs.hub_changing,
        delete_failed="DeleteFailed",
        busy=frozenset({"Creating", "Updating", "Deleting"}),
    ),
    by_arn=True,
    change=_change,
)
