"""The case of AutoMLJobV2."""

from tests.journeys.standalone_documents import AUTO_ML_SPEC
from tests.kinds.case import Case

AUTO_ML_JOB_V2 = Case(
    "explore",
    AUTO_ML_SPEC,
    frozen=("dataSplitConfig: {validationFraction: 0.1}", "dataSplitConfig: {validationFraction: 0.3}"),
)
