"""All rows, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.kinds.endpoint import ENDPOINT
from controller.kinds.endpoint_config import ENDPOINT_CONFIG
from controller.kinds.kind import Kind
from controller.kinds.model import MODEL
from controller.kinds.model_package import MODEL_PACKAGE
from controller.kinds.model_package_group import MODEL_PACKAGE_GROUP
from controller.kinds.pipeline import PIPELINE
from controller.kinds.workforce import WORKFORCE
from controller.kinds.workteam import WORKTEAM

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        row.name: row
        for row in (
            WORKFORCE,
            WORKTEAM,
            MODEL_PACKAGE_GROUP,
            MODEL_PACKAGE,
            MODEL,
            ENDPOINT_CONFIG,
            ENDPOINT,
            PIPELINE,
        )
    }
)
