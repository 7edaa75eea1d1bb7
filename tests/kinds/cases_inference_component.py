"""The case of InferenceComponent."""

from tests.journeys.documents import IMAGE, ROLE, model
from tests.journeys.stage import document_text
from tests.kinds.case import Case

_NEEDS = "computeResourceRequirements: {minMemoryRequiredInMb: %s}"
_ONE = f"specification: {{container: {{image: '{IMAGE}'}}, {_NEEDS}}}"
_MANY = f"specifications: [{{instanceType: ml.m5.large, modelName: fraud, {_NEEDS}}}]"
_LEAST = _ONE % 1024
HOST = (
    document_text(
        "EndpointConfig",
        "hosting",
        f"""
executionRoleArn: {ROLE}
productionVariants:
- {{variantName: a, initialInstanceCount: 1, instanceType: ml.m5.large}}
- {{variantName: b, initialInstanceCount: 1, instanceType: ml.m5.large}}
""",
    ),
    document_text("Endpoint", "hosting", "endpointConfigName: hosting"),
)

INFERENCE_COMPONENT = Case(
    "scorer",
    "endpointName: hosting",
    changes={
        "Specification": (f"variantName: a\n{_ONE % 1024}", f"variantName: a\n{_ONE % 2048}"),
        "Specifications": (f"variantName: a\n{_MANY % 1024}", f"variantName: a\n{_MANY % 2048}"),
        "RuntimeConfig": (
            f"variantName: a\n{_LEAST}\nruntimeConfig: {{copyCount: 1}}",
            f"variantName: a\n{_LEAST}\nruntimeConfig: {{copyCount: 2}}",
        ),
    },
    frozen=(f"variantName: a\n{_LEAST}", f"variantName: b\n{_LEAST}"),
    needs=(model(), *HOST),
)
