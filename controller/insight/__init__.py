"""What can be learned of documents and account beyond a plan: drift, export, IAM policy, search."""
