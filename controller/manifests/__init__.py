"""What people wrote becomes documents: strict YAML, envelopes, variables, and findings with places."""
