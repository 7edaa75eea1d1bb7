"""The case of InferenceRecommendationsJob."""

from tests.journeys.documents import ROLE, model
from tests.kinds.case import Case

INFERENCE_RECOMMENDATIONS_JOB = Case(
    "sizing",
    f"jobType: Default\nroleArn: {ROLE}\ninputConfig: {{modelName: fraud}}",
    frozen=("jobDescription: one", "jobDescription: two"),
    needs=(model(),),
)
