"""The Python API, which ``controller`` exports: documents, plans and reconciliation for programs."""

from controller.api.reconciliation import AwsConnection, DocumentsError, load, plan, reconcile

__all__ = ["AwsConnection", "DocumentsError", "load", "plan", "reconcile"]
