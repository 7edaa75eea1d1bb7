"""Custom resource definitions, written from the rows and the recorded model.

One definition for each kind: the shape of ``spec`` with everything that the API server can check by itself,
the policy, a status, and rules for changes. ``sagectl crds --write`` is the front; ``crds/`` is what it wrote.
"""

from controller.crds.catalog import documents, text
from controller.crds.definition import definition, file_name

__all__ = ["definition", "documents", "file_name", "text"]
