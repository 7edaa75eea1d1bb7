"""AppImageConfig: synchronous; an Update replaces the blocks that it contains, and a deletion checks no users."""

from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_BLOCKS = ("KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig")
_FILE_SYSTEM = "FileSystemConfig"
_DEFAULTS = {"MountPath": "/home/sagemaker-user", "DefaultUid": 1000, "DefaultGid": 100}
_OWNERS = frozenset({(1000, 100), (0, 0)})


def _with_defaults(request: OperationRequest) -> Json:
    """Return the blocks of a request, with the defaults of a partly given file system."""
    blocks = {name: dict(request.params[name]) for name in _BLOCKS if name in request.params}
    for block in blocks.values():
        if _FILE_SYSTEM in block:
            block[_FILE_SYSTEM] = _DEFAULTS | block[_FILE_SYSTEM]
            owner = block[_FILE_SYSTEM]["DefaultUid"], block[_FILE_SYSTEM]["DefaultGid"]
            if request.knobs.unsupported_is_refused and owner not in _OWNERS:
                raise invalid("DefaultUid and DefaultGid must be 1000 and 100, or 0 and 0.")
    return blocks


def _change(request: OperationRequest, row: Row) -> Row:
    new = _with_defaults(request)
    if request.knobs.app_image_config_merges:
        new = {name: row.body.get(name, {}) | block for name, block in new.items()}
    return replace(row, body=row.body | new)


APP_IMAGE_CONFIG = SandboxKind(
    name="AppImageConfig",
    path="app-image-config",
    # The end of the first is known from the Terraform provider; the second is quoted in
    # aws-samples/sagemaker-studio-custom-image-samples#17; the third is unverified.
    missing=Phrase("ResourceNotFound", "App Image Config '{arn}' does not exist."),
    exists=Phrase("ResourceInUse", "The ID or Name specified is already in use."),
    busy=Phrase("ResourceInUse", "App Image Config '{arn}' is being changed by another request."),
    listing=ListDefaults(key="AppImageConfigs", order="Descending", page=10),
    initial=_with_defaults,
    change=_change,
)
