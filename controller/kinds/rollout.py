"""Rollouts of endpoints: presets of the deployment configuration, and its description as text.

Sources: API reference, DeploymentConfig and what it holds; SageMaker Developer Guide, Deployment guardrails.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from controller.kinds.columns import Body

CONFIG = "DeploymentConfig"
ALARMS = f"{CONFIG}.AutoRollbackConfiguration.Alarms[].AlarmName"
_MINUTE, _HOUR = 60, 3600
_TERMINATION, _LIMIT = 300, 2 * _HOUR  # seconds
_WHOLE = 100  # percent


def _blue_green(wait: int, **routing: Any) -> Mapping[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": wait},
            "TerminationWaitInSeconds": _TERMINATION,
            "MaximumExecutionTimeoutInSeconds": _LIMIT,
        }
    }


def _percent(value: int) -> Mapping[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


# By the value of ``policy.rollout``. The times are chosen: long enough for an alarm over one or two minutes to fire.
PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "AllAtOnce": {CONFIG: _blue_green(5 * _MINUTE, Type="ALL_AT_ONCE")},
        "Canary10": {CONFIG: _blue_green(10 * _MINUTE, Type="CANARY", CanarySize=_percent(10))},
        "Linear25": {CONFIG: _blue_green(5 * _MINUTE, Type="LINEAR", LinearStepSize=_percent(25))},
        "Rolling": {
            CONFIG: {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": _percent(25),
                    "WaitIntervalInSeconds": 5 * _MINUTE,
                    "MaximumExecutionTimeoutInSeconds": _LIMIT,
                }
            }
        },
    }
)


def stages(spec: Body) -> tuple[str, ...]:
    """The stages of an update with their baking times, how long it takes at most, and the alarms that it watches."""
    config = spec.get(CONFIG)
    return tuple(_lines(config)) if isinstance(config, Mapping) else ()


def _lines(config: Body) -> Iterator[str]:
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    policy = blue_green or rolling or {}
    if blue_green:
        routing = blue_green.get("TrafficRoutingConfiguration", {})
        wait, end = routing.get("WaitIntervalInSeconds", 0), blue_green.get("TerminationWaitInSeconds", 0)
        yield f"stages: {_routing_text(routing, wait)}; the old instances end {_time(end)} after the last one"
        yield _duration_text((wait, _steps(routing)), end, policy)
    elif rolling:
        wait, size = rolling.get("WaitIntervalInSeconds", 0), rolling.get("MaximumBatchSize", {})
        yield f"stages: batches of {_size(size)}, each watched for {_time(wait)}"
        yield _duration_text((wait, _parts(size)), 0, policy)
    names = [
        str(each.get("AlarmName")) for each in config.get("AutoRollbackConfiguration", {}).get("Alarms", ())
    ]
    if names:
        yield f"rolled back if one of these alarms goes off: {', '.join(names)}"
    elif policy:
        yield "no alarm is watched: only failed health checks and missing capacity roll it back"


def _routing_text(routing: Body, wait: Any) -> str:
    match routing.get("Type"):
        case "CANARY":
            return f"{_size(routing.get('CanarySize', {}))} take traffic first, watched for {_time(wait)}, then all"
        case "LINEAR":
            step = _size(routing.get("LinearStepSize", {}))
            return f"traffic moves in steps of {step}, each watched for {_time(wait)}"
    return f"all traffic moves at once, watched for {_time(wait)}"


def _steps(routing: Body) -> int:
    """The number of waits; 0 if it depends on the number of instances."""
    return _parts(routing.get("LinearStepSize", {})) if routing.get("Type") == "LINEAR" else 1


def _parts(size: Body) -> int:
    value = size.get("Value")
    percent = size.get("Type") == "CAPACITY_PERCENT" and isinstance(value, int) and value > 0
    return -(-_WHOLE // value) if percent and isinstance(value, int) else 0


def _duration_text(waits: tuple[Any, int], end: Any, policy: Body) -> str:
    wait, steps = waits
    limit = policy.get("MaximumExecutionTimeoutInSeconds")
    known = steps and isinstance(wait, int) and isinstance(end, int)
    least = f"it waits for {_time(wait * steps + end)} in all" if known else "it waits once for each step"
    return f"{least}, and takes at most {_time(limit)}" if limit is not None else least


def _size(size: Body) -> str:
    unit = "% of the instances" if size.get("Type") == "CAPACITY_PERCENT" else "instances"
    return f"{size.get('Value', '?')} {unit}"


def _time(seconds: Any) -> str:
    if not isinstance(seconds, int):
        return str(seconds)
    hours, rest = divmod(seconds, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
