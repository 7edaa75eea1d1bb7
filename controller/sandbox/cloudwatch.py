"""The part of CloudWatch that returns the states of alarms: DescribeAlarms.

Every alarm exists and is OK except those of the knobs ``missing_alarms``, ``firing_alarms`` and
``alarms_without_data``. Source: API reference, DescribeAlarms.
"""

from controller.sandbox.knobs import Knobs
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json

METRIC = "MetricAlarm"


def describe_alarms(request: OperationRequest) -> Json:
    """Return the alarms of the given names; without names those of the knobs."""
    knobs, params = request.knobs, request.params
    if METRIC not in params.get("AlarmTypes", [METRIC]):
        return {"CompositeAlarms": [], "MetricAlarms": []}
    names = params.get("AlarmNames", sorted(knobs.firing_alarms | knobs.alarms_without_data))
    alarms = [_alarm(request, name) for name in dict.fromkeys(names) if name not in knobs.missing_alarms]
    prefix, state = params.get("AlarmNamePrefix", ""), params.get("StateValue")
    shown = [
        one for one in alarms if one["AlarmName"].startswith(prefix) and state in (None, one["StateValue"])
    ]
    return {"CompositeAlarms": [], "MetricAlarms": shown}


def _alarm(request: OperationRequest, name: str) -> Json:
    return {
        "AlarmName": name,
        "AlarmArn": request.account.arn(f"alarm:{name}", "cloudwatch"),
        "ActionsEnabled": True,
        "StateValue": _state(request.knobs, name),
        "StateUpdatedTimestamp": 0,
    }


def _state(knobs: Knobs, name: str) -> str:
    if name in knobs.firing_alarms:
        return "ALARM"
    return "INSUFFICIENT_DATA" if name in knobs.alarms_without_data else "OK"
