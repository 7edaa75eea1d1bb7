"""The part of Service Quotas that returns an account's quotas: ListServiceQuotas and GetServiceQuota.

The quotas are those of the knob ``quotas``, by their names. Source: API reference of Service Quotas.
"""

import hashlib

from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

SERVICE, PAGE = "sagemaker", 100


def list_service_quotas(request: OperationRequest) -> Json:
    """Return the quotas of SageMaker, in pages."""
    params = request.params
    if params["ServiceCode"] != SERVICE:
        raise ServiceError(
            "NoSuchResourceException", f"The sandbox has no quotas of {params['ServiceCode']}."
        )
    shown, token = page(
        [_quota(request, name) for name in sorted(request.knobs.quotas)],
        key=lambda quota: quota["QuotaName"],
        size=params.get("MaxResults", PAGE),
        token=params.get("NextToken"),
        question={},
        code="InvalidPaginationTokenException",
    )
    return {"Quotas": shown} | ({"NextToken": token} if token else {})


def get_service_quota(request: OperationRequest) -> Json:
    """Return one quota by its code."""
    for name in request.knobs.quotas:
        quota = _quota(request, name)
        if quota["QuotaCode"] == request.params["QuotaCode"] and request.params["ServiceCode"] == SERVICE:
            return {"Quota": quota}
    raise ServiceError(
        "NoSuchResourceException", "The request failed because the specified quota does not exist."
    )


def _quota(request: OperationRequest, name: str) -> Json:
    code = f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"
    return {
        "ServiceCode": SERVICE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": request.account.arn(f"{SERVICE}/{code}", "servicequotas"),
        "QuotaCode": code,
        "QuotaName": name,
        "Value": float(request.knobs.quotas[name]),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
