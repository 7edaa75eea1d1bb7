"""The case of HyperParameterTuningJob."""

from tests.journeys.standalone_documents import TUNING_SPEC
from tests.kinds.case import Case

HYPER_PARAMETER_TUNING_JOB = Case(
    "search",
    TUNING_SPEC,
    frozen=("", "autotune: {mode: Enabled}"),
)
