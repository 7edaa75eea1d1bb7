"""Events as EventBridge writes them; the shapes are those of its user guide and of SageMaker's developer guide."""

from typing import Any

ACCOUNT, REGION = "123456789012", "us-east-1"


def api_call(operation: str, parameters: Any, **detail: Any) -> dict[str, Any]:
    """A management event of CloudTrail."""
    return {
        "version": "0",
        "id": "0f1e",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [],
        "detail": {
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": operation,
            "readOnly": False,
            "requestID": "r-1",
            "requestParameters": parameters,
            "responseElements": None,
            **detail,
        },
    }


def state_change(what: str, arn: str) -> dict[str, Any]:
    """A change of a resource's state, such as ``SageMaker Endpoint State Change``."""
    return {
        "version": "0",
        "id": "0f1e",
        "detail-type": f"SageMaker {what} State Change",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [arn],
        "detail": {},
    }
