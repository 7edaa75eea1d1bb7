"""The links of jobs that an experiment tracks."""

from controller.kinds.columns import Link

TRACKED = (
    Link("ExperimentConfig.ExperimentName", "Experiment"),
    Link("ExperimentConfig.TrialName", "Trial"),
)
