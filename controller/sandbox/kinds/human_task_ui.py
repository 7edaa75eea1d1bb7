"""HumanTaskUi: a worker template; Describe tells its digest and never its content."""

import hashlib

from controller.sandbox.kind import Kind, Life, Listing
from controller.sandbox.request import Ask
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase


def _birth(ask: Ask) -> Json:
    digest = hashlib.sha256(ask.params["UiTemplate"]["Content"].encode()).hexdigest()
    account, name = ask.account, ask.params["HumanTaskUiName"]
    url = (
        f"https://sagemaker-sandbox.s3.{account.region}.amazonaws.com/{account.account}/{name}/{digest[:16]}"
    )
    return {"UiTemplate": {"Url": url, "ContentSha256": digest}}


HUMAN_TASK_UI = Kind(
    name="HumanTaskUi",
    path="human-task-ui",
    # The code is modelled; no public source has the words of any of these three.
    missing=Phrase("ResourceNotFound", "Could not find human task UI '{name}'."),
    exists=Phrase("ResourceInUse", "Human task UI {arn} already exists."),
    busy=Phrase("ResourceInUse", "Human task UI {arn} is being deleted."),
    listing=Listing(key="HumanTaskUiSummaries"),
    life=Life(
        status="HumanTaskUiStatus",
        stable="Active",
        death=lambda ask: ask.knobs.human_task_ui_deleting,
        busy=frozenset({"Deleting"}),
    ),
    modified=None,
    birth=_birth,
)
