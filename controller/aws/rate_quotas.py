"""Request rates that are known before any call: from documentation, and from Service Quotas."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

# Requests per second by operation. AWS publishes few; the others are derived from throttled calls.
DOCUMENTED: Mapping[str, float] = MappingProxyType(
    {
        # Developer Guide, "Feature Store Feature Processor quotas": one request per second
        "sagemaker:CreateTrainingJob": 1.0,
        # AWS support, as reported in the issues of aws-solutions/deepracer-on-aws (87): 2 per second, not adjustable
        "sagemaker:ListTrainingJobs": 2.0,
    }
)
UNLISTED: Mapping[str, float] = MappingProxyType({})  # for an endpoint that is not AWS's

# A rate quota's name contains the operation, as "Rate of CreateTrainingJob requests"; quotas of instances do not.
_RATE = re.compile(r"\b(rate|requests?|throttl\w*)\b", re.IGNORECASE)
_OPERATION = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
_SECONDS = {"SECOND": 1.0, "MINUTE": 60.0, "HOUR": 3600.0, "DAY": 86400.0}


def request_rates(quotas: Iterable[Any], operations: Iterable[str]) -> dict[str, float]:
    """The request rates among the quotas of SageMaker, per second.

    Args:
        quotas: elements of ListServiceQuotas; elements of another form are left out.
        operations: the operations of the service, by which a name is recognised.

    """
    known = frozenset(operations)
    return {f"sagemaker:{operation}": rate for each in quotas for operation, rate in _rates(each, known)}


def _rates(quota: Any, known: frozenset[str]) -> Iterator[tuple[str, float]]:
    if not isinstance(quota, Mapping):
        return
    name, value = str(quota.get("QuotaName", "")), quota.get("Value")
    found = [word for word in _OPERATION.findall(name) if word in known]
    if len(found) != 1 or not _RATE.search(name) or not isinstance(value, int | float) or value <= 0:
        return
    period = quota.get("Period") or {}
    unit = _SECONDS.get(str(period.get("PeriodUnit", "SECOND")))
    if unit is not None:
        yield found[0], float(value) / (unit * (period.get("PeriodValue") or 1))
