"""A git repository as a source of documents: a frozen snapshot, or a failure with its reason."""
