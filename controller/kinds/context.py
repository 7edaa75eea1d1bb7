"""Context: a lineage record of a setting that actions and artifacts belong to."""

from controller.kinds.kind import Kind
from controller.kinds.lineage import ASSOCIATED, PROPERTIES

CONTEXT = Kind(name="Context", plural="Contexts", status="", deltas=PROPERTIES, gates=ASSOCIATED)
