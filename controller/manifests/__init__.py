"""Reading of documents: strict YAML, envelopes, variables, and findings with positions."""
