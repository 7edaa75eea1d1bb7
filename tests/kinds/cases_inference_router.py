"""The case of InferenceRouter."""

from tests.kinds.case import Case

_ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint"

INFERENCE_ROUTER = Case(
    "routed",
    "",
    changes={
        "RoutingTargets": (
            f"routingTargets: [{{name: main, destinations: [{{resourceArn: '{_ARN}/one'}}]}}]",
            f"routingTargets: [{{name: main, destinations: [{{resourceArn: '{_ARN}/two'}}]}}]",
        )
    },
)
