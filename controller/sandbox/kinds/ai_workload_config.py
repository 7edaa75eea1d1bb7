"""AIWorkloadConfig: exists once it is created. Messages of its refusals are not published; those here are our own."""

import re

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.service_error import Phrase, invalid
from controller.sandbox.tags import as_list


def _name_is_in_lower_case(request: OperationRequest) -> None:
    """Refuse names that Delete could not find; the service accepts them unless the knob is set."""
    name = request.params["AIWorkloadConfigName"]
    if request.knobs.unsupported_is_refused and name != name.lower():
        raise invalid("AIWorkloadConfigName must be in lower case.")


def _parts_fit(request: OperationRequest) -> None:
    dataset, workload = request.params.get("DatasetConfig"), request.params.get("AIWorkloadConfigs")
    if dataset is not None and "InputDataConfig" not in dataset:
        raise invalid("InputDataConfig must be specified in DatasetConfig.")
    names = [one["ChannelName"] for one in (dataset or {}).get("InputDataConfig", ())]
    if len(set(names)) != len(names):
        raise invalid("Channel names must be unique.")
    if workload is None:
        return
    # CDK, AIWorkloadConfig: the document holds a `benchmark` with the type `aiperf`.
    text = workload["WorkloadSpec"].get("Inline")
    if text is None or not re.search(r"benchmark\b(.|\n)*\btype\b\W+aiperf\b", text):
        raise invalid("WorkloadSpec must hold a benchmark of the type aiperf.")


AI_WORKLOAD_CONFIG = SandboxKind(
    name="AIWorkloadConfig",
    path="ai-workload-config",
    missing=Phrase("ResourceNotFound", "AI workload config {name} does not exist."),
    exists=Phrase("ResourceInUse", "AI workload config {name} already exists."),
    busy=Phrase("ResourceInUse", "AI workload config {arn} is used by a benchmark job."),
    listing=ListDefaults(key="AIWorkloadConfigs", order="Descending"),
    modified=None,
    guards=(_name_is_in_lower_case, _parts_fit),
    shown=lambda _, row: row.body | ({"Tags": as_list(row.tags)} if row.tags else {}),
)
