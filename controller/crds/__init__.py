"""Custom resource definitions, written from the kinds' rows and the recorded model.

There is one definition for each kind: the schema of ``spec`` with everything that the API server can check by itself,
the policy, a status, and rules for changes. ``sagectl crds --write`` writes them to ``crds/``.
"""

from controller.crds.catalog import documents, text
from controller.crds.definition import definition, file_name

__all__ = ["definition", "documents", "file_name", "text"]
