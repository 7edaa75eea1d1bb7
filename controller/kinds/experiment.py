"""Experiment: a set of trials."""

from controller.kinds.kind import Gate, Kind
from controller.kinds.lineage import ASSOCIATED

EXPERIMENT = Kind(
    name="Experiment",
    plural="Experiments",
    gates=(Gate("ListTrials", by="ExperimentName"), *ASSOCIATED),
)
