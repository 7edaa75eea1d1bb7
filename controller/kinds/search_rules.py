"""Restrictions of Search on properties, from its documentation."""

# API reference, Filter: the properties for which an expression may use Contains several times.
MANY_CONTAINS = frozenset(
    {
        "Experiment.DisplayName",
        "Experiment.ExperimentName",
        "Experiment.Tags",
        "Trial.DisplayName",
        "Trial.TrialName",
        "Trial.Tags",
        "TrialComponent.DisplayName",
        "TrialComponent.TrialComponentName",
        "TrialComponent.Tags",
        "TrialComponent.InputArtifacts",
        "TrialComponent.OutputArtifacts",
    }
)
