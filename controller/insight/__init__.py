"""Information about documents and account beyond a plan: drift, export, IAM policy, search."""
