"""What Search allows for some properties only, in the words of its documentation."""

# API reference, Filter: the properties for which an expression may say Contains several times.
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
